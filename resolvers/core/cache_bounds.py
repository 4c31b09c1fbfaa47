"""The bounds of every cache of the read path.

A worker process has these caches, in the order in which a query uses them:

| cache | key | value |
| --- | --- | --- |
| `HEADERS` | the headers of a request | its media type and its credential |
| `VIEWERS` | a credential | its viewer, for a few seconds |
| `TRUSTED_DOCUMENTS` | a document ID | the text of the document, for a few seconds |
| `OPERATIONS` | a text and an operation name | the valid document |
| `COSTS`, for each operation | the sizes of its variables | its cost |
| `PAYLOADS`, for each operation | the nodes that select a changed object | a query that reads it |
| `STATEMENTS` | a query and the shape of its variables | its SQL |
| `BOUND_STATEMENTS` | the body of a request and its viewer | the SQL with its values, and the cost |
| `INTROSPECTED`, for each database | a query of introspection alone, and its variables | its response |
| `CLAIMS` | a viewer | the values of the viewer's permissions |
| `PREPARED_STATEMENTS`, for each connection | the SQL | the prepared statement |
"""

from __future__ import annotations

from typing import NamedTuple


class CacheBound(NamedTuple):
    """The maximum number of entries, and the maximum total length of the texts that the entries were made from."""

    entries: int
    characters: int


HEADERS = CacheBound(1_000, 1_000_000)
#: Longer headers are not cached.
LONGEST_HEADERS = 10_000
VIEWERS = 10_000
TRUSTED_DOCUMENTS = 1_000
#: A parsed document takes a hundred times the memory of its text.
OPERATIONS = CacheBound(1_000, 300_000)
COSTS = 100
#: Enough for the maximum number of root mutations, each with its object and the object of a conflict.
PAYLOADS = 10
STATEMENTS = CacheBound(1_000, 3_000_000)
BOUND_STATEMENTS = CacheBound(2_000, 1_000_000)
#: A longer body is not cached.
LONGEST_BODY = 4_000
#: The whole contract has 1.5 million characters.
INTROSPECTED = CacheBound(100, 10_000_000)
CLAIMS = 1_000
#: PostgreSQL's plan of a nested page takes 55 bytes for each character of its SQL: 16 MiB for each connection.
PREPARED_STATEMENTS = CacheBound(200, 300_000)
