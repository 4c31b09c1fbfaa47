"""Random queries, rows and values."""
