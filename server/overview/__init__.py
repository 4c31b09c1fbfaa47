"""The overview: the page at `/`, a client of the public API."""
