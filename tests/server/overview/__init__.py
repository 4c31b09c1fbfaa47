"""Tests of the overview, the page at `/`."""
