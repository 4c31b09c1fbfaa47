"""The `coalition` command."""
