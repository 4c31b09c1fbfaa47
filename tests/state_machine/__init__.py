"""A model of the commands, driven at random beside them."""
