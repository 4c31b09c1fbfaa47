"""A model of the commands, which random histories compare with the commands."""
