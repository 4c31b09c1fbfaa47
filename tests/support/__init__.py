"""Helpers of the tests; this package has no tests."""
