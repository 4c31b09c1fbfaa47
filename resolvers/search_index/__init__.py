"""The search index: how texts become words, how a search is read, and how the index follows the objects.

`words` has the one rule by which texts become words. `search_query` reads what a user writes and renders it for both
engines. `entries` writes the index. `marked_texts` marks the words that a search found. Which rows a viewer finds is
decided by the query compiler, never here.
"""
