"""Executes operations: a cache in front of the query compiler, and the payloads of mutations.

`query_cache` finds the statement of a cached query. `extension` fills the cache from Strawberry's pipeline. `executor`
runs mutations. `validation` has the validation rules of documents. `trusted_documents` validates a document before it
is stored.
"""
