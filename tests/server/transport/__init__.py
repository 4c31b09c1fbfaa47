"""The transport around an operation: pages of other origins, compression, path prefixes, conditional requests."""
