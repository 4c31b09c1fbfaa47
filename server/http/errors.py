"""Errors on their way out: the only place where one becomes JSON.

A fault of the request keeps its message and gets a code of Apollo's vocabulary.
Anything else is masked: the client sees an `errorId`, and the log holds the
traceback under it.
"""

from __future__ import annotations

import logging
import re
from typing import TYPE_CHECKING, Any, NoReturn
from uuid import uuid4

from graphql import GraphQLError, GraphQLSyntaxError
from graphql.language import ValueNode, VariableDefinitionNode

from resolvers.core.errors import RequestError
from resolvers.core.limits import MAX_REPORTED_ERRORS
from server.http.request_ids import request_id

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

logger = logging.getLogger(__name__)

MAX_MESSAGE = 200
INTERNAL = "INTERNAL_SERVER_ERROR"
#: The headers of an answer that leaves a body unread: what else comes on the connection is no request.
CLOSE = {"Connection": "close"}

# It lists names of the schema to someone who guesses, and compares with all of them to find out.
SUGGESTION = re.compile(r" Did you mean [^?]*\?")
# A message can quote a value as long as the request; this much of it is searched for one.
SEARCHED = 2000


class HttpError(Exception):
    """A request that never reaches the schema, with the HTTP status that says so."""

    def __init__(self, status: int, message: str, code: str, headers: Mapping[str, str] | None) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.headers = headers


def abort(
    status: int,
    message: str,
    *,
    code: str = "BAD_REQUEST",
    headers: Mapping[str, str] | None = None,
) -> NoReturn:
    """Turn the request away. Raises HttpError, always."""
    raise HttpError(status, message, code, headers)


def format_http_error(error: HttpError) -> dict[str, Any]:
    """Give the entry of `errors` for a request that was turned away."""
    return {"message": _shorten(str(error)), "extensions": {"code": error.code}}


def format_errors(errors: Iterable[GraphQLError], *, executing: bool) -> list[dict[str, Any]]:
    """Give the `errors` of a response, at most five of them.

    `executing` tells the faults found while the operation ran from those found before.
    """
    return [_format(error, executing=executing) for error in list(errors)[:MAX_REPORTED_ERRORS]]


def mask(error: BaseException) -> dict[str, Any]:
    """Log an unexpected error and give what a client may know of it."""
    error_id = str(uuid4())
    logger.error("errorId %s in request %s", error_id, request_id(), exc_info=error)
    return {"message": "Internal server error", "extensions": {"code": INTERNAL, "errorId": error_id}}


def _format(error: GraphQLError, *, executing: bool) -> dict[str, Any]:
    cause = _cause(error)
    code = _code(error, cause, executing=executing)
    formatted: dict[str, Any] = {**error.formatted}
    if code is None:
        return {**formatted, **mask(cause)}
    formatted["message"] = _shorten(SUGGESTION.sub("", error.message[:SEARCHED]))
    formatted["extensions"] = {**(error.extensions or {}), "code": code}
    return formatted


def _cause(error: GraphQLError) -> Exception:
    """Give the error that was raised, under those that only add where it happened."""
    cause: Exception = error
    while isinstance(cause, GraphQLError) and cause.original_error is not None:
        cause = cause.original_error
    return cause


def _code(error: GraphQLError, cause: Exception, *, executing: bool) -> str | None:
    """Give the code of a fault of the request, None for a fault of the server."""
    if isinstance(cause, RequestError):
        return str((cause.extensions or {}).get("code", cause.code))
    if _is_about_a_variable(error):
        return "BAD_USER_INPUT"
    if not isinstance(cause, GraphQLError):
        return None
    if isinstance(cause, GraphQLSyntaxError):
        return "GRAPHQL_PARSE_FAILED"
    if not executing:
        return "GRAPHQL_VALIDATION_FAILED"
    # Without a path no field was reached, so the variables were at fault; with one, an argument was
    # if the error points at a value of the document. The executor's other errors are ours.
    at_a_value = bool(cause.nodes) and all(isinstance(node, ValueNode) for node in cause.nodes or ())
    return "BAD_USER_INPUT" if error.path is None or at_a_value else None


def _is_about_a_variable(error: GraphQLError) -> bool:
    """Tell whether an error is that of a variable's value, under which stands whatever its scalar has raised."""
    found = error.path is None and bool(error.nodes)
    return found and all(isinstance(node, VariableDefinitionNode) for node in error.nodes or ())


def _shorten(message: str) -> str:
    return message if len(message) <= MAX_MESSAGE else message[: MAX_MESSAGE - 1] + "…"
