"""The command line `coalition`, one file for each group of commands."""
