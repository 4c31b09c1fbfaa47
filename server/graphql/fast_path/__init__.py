"""A shorter transport for known queries: from the bytes of a request to the bytes of its response.

It contains no GraphQL: `QueryCache.find` returns the statement, as for the endpoint. It answers a request only if its
headers, its viewer and its query are cached and a slot is free. Otherwise the request takes the ordinary path with no
side effects. The responses of both paths are the same.

`GraphQLEndpoint(…, fast_path=False)` switches it off.
"""
