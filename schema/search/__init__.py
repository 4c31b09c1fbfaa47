"""The types of the contract for the search."""
