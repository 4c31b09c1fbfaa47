"""How the schema answers: a cache of operations in front of the query compiler, and the payloads of mutations.

`query_cache` finds the statement of a known query; `extension` fills the cache from Strawberry's pipeline; `executor`
runs mutations; `validation` has the rules of a document, `trusted_documents` applies them beforehand.
"""
