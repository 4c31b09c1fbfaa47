"""The query of the search. The index itself is in `resolvers/search_index`."""
