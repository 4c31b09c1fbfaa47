"""GraphiQL: its page, and the build of its bundle and of the overview."""
