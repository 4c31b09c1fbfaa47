"""Stories: what people of the coalition do, over the API alone."""
