"""A shorter transport for known queries: from the bytes of a request to the bytes of its response.

It knows nothing of GraphQL: `QueryCache.find` returns the statement, as it does to the endpoint. It answers a request
only if its headers, its viewer and its query are cached and a slot is free; the endpoint answers every other request
from its beginning, and nothing was done by then. No response shows which of the two answered.

`GraphQLEndpoint(…, fast_path=False)` switches it off.
"""
