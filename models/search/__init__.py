"""The table of the search index, what of each noun is searched, and the hits of a search.

`searched` has the declaration that a noun's model makes. `search_entries` has the index: one row for each searched
object. `search_hits` has the hits, which a statement computes from the rows that the viewer sees.
"""
