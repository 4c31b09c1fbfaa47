"""Conditional requests: a GET of a trusted document whose data the client has is answered with 304.

The entity tag is the hash of the data, which contains only what the viewer may see. It is weak, because the cost in
`extensions` differs in each response.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

import orjson

from resolvers.core.hashing import sha256_of
from server.graphql.response import Response
from server.http.entity_tags import WEAK, is_cached

if TYPE_CHECKING:
    from starlette.requests import Request
    from strawberry.types import ExecutionResult

#: A cache may store the response to the public, and must ask again before each use.
PUBLIC_CACHE = (b"cache-control", b"no-cache")
#: The headers of a body, which a 304 does not have.
OF_A_BODY = frozenset({b"content-type", b"content-length"})


def conditional_response(request: Request, result: ExecutionResult, response: Response, *, is_public: bool) -> Response:
    """Return the response to a GET of a trusted document with an entity tag, or 304 if the client has its data.

    A response with errors stays as it is. A response to a signed-in viewer must still not be stored by a cache; a
    program can store it and send its tag.
    """
    if result.errors or response.status != HTTPStatus.OK:
        return response
    tag = f'{WEAK}"{sha256_of(orjson.dumps(result.data))}"'
    headers = [*response.headers, (b"etag", tag.encode()), (b"vary", b"Authorization, Cookie")]
    if is_public:
        headers = [*(pair for pair in headers if pair[0] != b"cache-control"), PUBLIC_CACHE]
    if is_cached(request, tag):
        return Response(HTTPStatus.NOT_MODIFIED, [pair for pair in headers if pair[0] not in OF_A_BODY], b"")
    return Response(response.status, headers, response.body)
