"""The answer to a GraphQL request: its status, its headers, and the JSON of its body."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import orjson
from starlette.responses import Response
from strawberry.types.execution import PreExecutionError

from server.errors import INTERNAL, format_errors, format_http_error
from server.media_types import GRAPHQL, JSON

if TYPE_CHECKING:
    from collections.abc import Mapping

    from strawberry.types import ExecutionResult

    from server.errors import HttpError
    from server.rates import Bill


def respond_to(result: ExecutionResult, bill: Bill, media_type: str) -> Response:
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
        return respond(HTTPStatus.TOO_MANY_REQUESTS, payload, media_type, bill.refused.headers)
    return respond(_status(payload, media_type), payload, media_type)


def respond_to_fault(error: HttpError, media_type: str | None, bill: Bill | None = None) -> Response:
    """Give the response for a request that was turned away, with what it cost if that is known."""
    payload: dict[str, Any] = {"errors": [format_http_error(error)]}
    if bill:
        payload["extensions"] = {"cost": bill.extension()}
    return respond(error.status, payload, media_type, error.headers)


def respond(
    status: int,
    payload: dict[str, Any],
    media_type: str | None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Give the response of this body, in JSON of this media type."""
    return Response(
        orjson.dumps(payload),
        status,
        {"Cache-Control": "no-store", "Vary": "Accept", **(headers or {})},
        media_type=f"{media_type or JSON}; charset=utf-8",
    )


def _status(payload: dict[str, Any], media_type: str) -> HTTPStatus:
    if payload.get("data") is not None:
        return HTTPStatus.OK
    if any(error["extensions"]["code"] == INTERNAL for error in payload.get("errors", ())):
        return HTTPStatus.INTERNAL_SERVER_ERROR
    # In plain JSON a status of its own could be a proxy's, so there a well-formed request is always 200.
    return HTTPStatus.BAD_REQUEST if media_type == GRAPHQL and "data" not in payload else HTTPStatus.OK
