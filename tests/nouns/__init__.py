"""One file for each noun, and one for its changes."""
