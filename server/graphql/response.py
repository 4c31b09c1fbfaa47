"""The answer to a GraphQL request: its status, its headers, and the JSON of its body."""

from __future__ import annotations

from functools import lru_cache
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import orjson
from strawberry.types.execution import PreExecutionError

from resolvers.database.unavailable import DatabaseFullError, DatabaseUnavailableError
from server.http.errors import INTERNAL, HttpError, format_errors, format_http_error, mask
from server.http.media_types import GRAPHQL, JSON
from server.http.security_headers import SECURITY_HEADERS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.types import Receive, Scope, Send
    from strawberry.types import ExecutionResult

    from server.limits.rate_limits import RequestCost

#: When to ask again for what may work by then.
RETRY_AFTER = {"Retry-After": "1"}

#: The status of an answer that a fault of the database has prevented, by its code.
DATABASE_FAULTS = {
    DatabaseUnavailableError.code: HTTPStatus.SERVICE_UNAVAILABLE,
    DatabaseFullError.code: HTTPStatus.INSUFFICIENT_STORAGE,
}


class Response:
    """A response whose headers are bytes already."""

    __slots__ = ("body", "headers", "status")

    def __init__(self, status: int, headers: list[tuple[bytes, bytes]], body: bytes) -> None:
        self.status = status
        self.headers = headers
        self.body = body

    async def __call__(self, _scope: Scope, _receive: Receive, send: Send) -> None:
        """Send it."""
        await send({"type": "http.response.start", "status": self.status, "headers": self.headers})
        await send({"type": "http.response.body", "body": self.body})


def graphql_response(result: ExecutionResult, bill: RequestCost, media_type: str) -> Response:
    """Give the response for what came of an operation."""
    errors = result.errors or []
    # Nothing ran where no error stands at a field; then the response has no `data` at all.
    refused = result.data is None and bool(errors) and all(error.path is None for error in errors)
    payload: dict[str, Any] = {}
    if errors:
        payload["errors"] = format_errors(errors, executing=not isinstance(result, PreExecutionError))
    if not refused:
        payload["data"] = result.data
    payload["extensions"] = {**(result.extensions or {}), "cost": bill.extension()}
    if bill.refused:
        return json_response(HTTPStatus.TOO_MANY_REQUESTS, payload, media_type, bill.refused.headers)
    status = _status(payload, media_type)
    return json_response(status, payload, media_type, _headers(status))


def http_error_response(error: HttpError, media_type: str | None, bill: RequestCost | None = None) -> Response:
    """Give the response for a request that was turned away, with what it cost if that is known."""
    payload: dict[str, Any] = {"errors": [format_http_error(error)]}
    if bill:
        payload["extensions"] = {"cost": bill.extension()}
    return json_response(error.status, payload, media_type, error.headers)


def exception_response(error: Exception, media_type: str | None) -> Response:
    """Give the response where no answer came about: to a request turned away, a database that is away, or a fault.

    A fault is masked, and logged as the exception that is being handled.
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
    """Give the response of this body, in JSON of this media type."""
    body = orjson.dumps(payload)
    sent = [*default_headers(media_type or JSON), (b"content-length", str(len(body)).encode())]
    if headers:
        sent += [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    return Response(status, sent, body)


@lru_cache
def default_headers(media_type: str) -> tuple[tuple[bytes, bytes], ...]:
    """Give the headers that every answer of a media type has."""
    usual = {"Cache-Control": "no-store", "Vary": "Accept", "Content-Type": f"{media_type}; charset=utf-8"}
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
    # In plain JSON a status of its own could be a proxy's, so there a well-formed request is always 200.
    return HTTPStatus.BAD_REQUEST if media_type == GRAPHQL and "data" not in payload else HTTPStatus.OK
