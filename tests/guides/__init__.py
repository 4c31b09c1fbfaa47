"""Tests that follow the guides and check what the documents name."""
