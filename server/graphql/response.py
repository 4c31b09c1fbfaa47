"""The response to a GraphQL request: its status, its headers, and the JSON of its body."""

from __future__ import annotations

from functools import lru_cache
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import orjson
from strawberry.types.execution import PreExecutionError

from resolvers.core.limits import MAX_MESSAGE
from resolvers.database.unavailable import DatabaseFullError, DatabaseUnavailableError
from server.http.compression import compressed
from server.http.errors import INTERNAL, HttpError, format_errors, format_http_error, mask
from server.http.media_types import GRAPHQL, JSON
from server.http.security_headers import SECURITY_HEADERS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.types import Receive, Scope, Send
    from strawberry.types import ExecutionResult

    from server.limits.rate_limits import RequestCost

#: The headers of a request on which its response depends.
VARY = "Accept, Accept-Encoding"

#: When to retry after a temporary error.
RETRY_AFTER = {"Retry-After": "1"}

#: The status of a response after an error of the database, by the error's code.
DATABASE_FAULTS = {
    DatabaseUnavailableError.code: HTTPStatus.SERVICE_UNAVAILABLE,
    DatabaseFullError.code: HTTPStatus.INSUFFICIENT_STORAGE,
}


class Response:
    """A response whose headers are already bytes; a long body is compressed if the client accepts it."""

    __slots__ = ("body", "codes", "headers", "status")

    def __init__(
        self, status: int, headers: list[tuple[bytes, bytes]], body: bytes, codes: tuple[str, ...] = ()
    ) -> None:
        """Take the status, the headers, the body, and the codes of the errors in the body."""
        self.status = status
        self.headers = headers
        self.body = body
        self.codes = codes

    async def __call__(self, scope: Scope, _receive: Receive, send: Send) -> None:
        """Send the response."""
        body, encoding = await compressed(self.body, scope["headers"])
        headers = self.headers
        if self.status != HTTPStatus.NOT_MODIFIED:
            headers = [*headers, *body_headers(len(body), encoding)]
        await send({"type": "http.response.start", "status": self.status, "headers": headers})
        await send({"type": "http.response.body", "body": body})


def graphql_response(
    result: ExecutionResult, cost: RequestCost, media_type: str, longest: int = MAX_MESSAGE
) -> Response:
    """Return the response for the result of an operation; `longest` is the length of a message, in characters."""
    errors = result.errors or []
    # If no error has the path of a field, nothing ran, and the response has no `data`.
    refused = result.data is None and bool(errors) and all(error.path is None for error in errors)
    payload: dict[str, Any] = {}
    if errors:
        payload["errors"] = format_errors(errors, executing=not isinstance(result, PreExecutionError), longest=longest)
    if not refused:
        payload["data"] = result.data
    payload["extensions"] = {**(result.extensions or {}), "cost": cost.extension()}
    if cost.refused:
        return json_response(HTTPStatus.TOO_MANY_REQUESTS, payload, media_type, cost.refused.headers)
    status = _status(payload, media_type)
    return json_response(status, payload, media_type, _headers(status))


def http_error_response(error: HttpError, media_type: str | None, cost: RequestCost | None = None) -> Response:
    """Return the response for a rejected request, with its cost if known."""
    payload: dict[str, Any] = {"errors": [format_http_error(error)]}
    if cost:
        payload["extensions"] = {"cost": cost.extension()}
    return json_response(error.status, payload, media_type, error.headers)


def exception_response(error: Exception, media_type: str | None) -> Response:
    """Return the response for an exception: a rejected request, an unavailable database, or a fault of the server.

    A fault is masked and logged.
    """
    if isinstance(error, DatabaseUnavailableError):
        status = DATABASE_FAULTS[error.code]
        error = HttpError(status, error.message, error.code, _headers(status))
    if isinstance(error, HttpError):
        return http_error_response(error, media_type)
    return json_response(HTTPStatus.INTERNAL_SERVER_ERROR, {"errors": [mask(error)]}, media_type)


def json_response(
    status: int,
    payload: dict[str, Any],
    media_type: str | None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Return a response with this payload as JSON of this media type."""
    body = orjson.dumps(payload)
    sent = [*default_headers(media_type or JSON)]
    if headers:
        sent += [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    codes = {error["extensions"]["code"] for error in payload.get("errors", ())}
    return Response(status, sent, body, tuple(sorted(codes)))


def body_headers(length: int, encoding: bytes | None) -> list[tuple[bytes, bytes]]:
    """Return the headers of a body of this length, compressed as `encoding` says."""
    headers = [(b"content-length", b"%d" % length)]
    return [*headers, (b"content-encoding", encoding)] if encoding else headers


@lru_cache
def default_headers(media_type: str) -> tuple[tuple[bytes, bytes], ...]:
    """Return the headers of every response of a media type."""
    usual = {"Cache-Control": "no-store", "Vary": VARY, "Content-Type": f"{media_type}; charset=utf-8"}
    return tuple((name.lower().encode(), value.encode()) for name, value in {**usual, **SECURITY_HEADERS}.items())


def _headers(status: HTTPStatus) -> Mapping[str, str] | None:
    return RETRY_AFTER if status == HTTPStatus.SERVICE_UNAVAILABLE else None


def _status(payload: dict[str, Any], media_type: str) -> HTTPStatus:
    if payload.get("data") is not None:
        return HTTPStatus.OK
    codes = {error["extensions"]["code"] for error in payload.get("errors", ())}
    if INTERNAL in codes:
        return HTTPStatus.INTERNAL_SERVER_ERROR
    for code in codes & DATABASE_FAULTS.keys():
        return DATABASE_FAULTS[code]
    # With application/json, an error status could come from a proxy, so a well-formed request always gets 200.
    return HTTPStatus.BAD_REQUEST if media_type == GRAPHQL and "data" not in payload else HTTPStatus.OK
