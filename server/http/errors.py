"""Converts errors to JSON; no other module does this.

An error of the request keeps its message and gets one of Apollo's codes. Every other error is masked: the client gets
an `errorId`, and the log has the traceback under this ID.
"""

from __future__ import annotations

import logging
import re
from typing import TYPE_CHECKING, Any, NoReturn
from uuid import uuid4

from graphql import GraphQLError, GraphQLSyntaxError
from graphql.language import ValueNode, VariableDefinitionNode

from resolvers.core.errors import RequestError, UnreadChangeError
from resolvers.core.limits import MAX_MESSAGE, MAX_REPORTED_ERRORS
from server.http.request_ids import request_id

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

logger = logging.getLogger(__name__)

INTERNAL = "INTERNAL_SERVER_ERROR"
#: The headers of a response that leaves a body unread: the rest of the connection is not a request.
CLOSE = {"Connection": "close"}

# Suggestions reveal names of the schema to a client that guesses, and computing them compares all names.
SUGGESTION = re.compile(r" Did you mean [^?]*\?")
# A message can quote a value as long as the request; only its beginning is searched for a suggestion.
SEARCHED = 2000


class HttpError(Exception):
    """A request that is rejected before it reaches the schema, with its HTTP status."""

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
    """Reject the request. Always raises HttpError."""
    raise HttpError(status, message, code, headers)


def format_http_error(error: HttpError) -> dict[str, Any]:
    """Return the entry of `errors` for a rejected request."""
    return {"message": _shorten(str(error)), "extensions": {"code": error.code}}


def format_errors(
    errors: Iterable[GraphQLError], *, executing: bool, longest: int = MAX_MESSAGE
) -> list[dict[str, Any]]:
    """Return the `errors` of a response, at most five.

    Args:
        errors: The errors.
        executing: True for errors from the execution of the operation, false for earlier errors.
        longest: The length of a message, in characters; a longer one is shortened.
    """
    return [_format(error, executing=executing, longest=longest) for error in list(errors)[:MAX_REPORTED_ERRORS]]


def mask(error: BaseException) -> dict[str, Any]:
    """Log an unexpected error, and return the entry of `errors` that does not reveal it."""
    error_id = str(uuid4())
    logger.error("errorId %s in request %s", error_id, request_id(), exc_info=error)
    message = f"Internal server error. {error}" if isinstance(error, UnreadChangeError) else "Internal server error"
    return {"message": message, "extensions": {"code": INTERNAL, "errorId": error_id}}


def _format(error: GraphQLError, *, executing: bool, longest: int) -> dict[str, Any]:
    cause = _cause(error)
    code = _code(error, cause, executing=executing)
    formatted: dict[str, Any] = {**error.formatted}
    if code is None:
        return {**formatted, **mask(cause)}
    formatted["message"] = _shorten(SUGGESTION.sub("", error.message[:SEARCHED]), longest)
    formatted["extensions"] = {**(error.extensions or {}), "code": code}
    return formatted


def _cause(error: GraphQLError) -> Exception:
    """Return the original error, without the wrappers that only add its location."""
    cause: Exception = error
    while isinstance(cause, GraphQLError) and cause.original_error is not None:
        cause = cause.original_error
    return cause


def _code(error: GraphQLError, cause: Exception, *, executing: bool) -> str | None:
    """Return the code of an error of the request, None for a fault of the server."""
    if isinstance(cause, RequestError):
        return str((cause.extensions or {}).get("code", cause.code))
    if executing and _is_about_a_variable(error):
        return "BAD_USER_INPUT"
    if not isinstance(cause, GraphQLError):
        return None
    if isinstance(cause, GraphQLSyntaxError):
        return "GRAPHQL_PARSE_FAILED"
    if not executing:
        return "GRAPHQL_VALIDATION_FAILED"
    # Without a path, no field was reached, so a variable is wrong. With a path, an argument is wrong if the error
    # points at a value in the document. All other errors of the executor are faults of the server.
    at_a_value = bool(cause.nodes) and all(isinstance(node, ValueNode) for node in cause.nodes or ())
    return "BAD_USER_INPUT" if error.path is None or at_a_value else None


def _is_about_a_variable(error: GraphQLError) -> bool:
    """Return whether an error is about the value of a variable; its cause can be any exception of a scalar."""
    found = error.path is None and bool(error.nodes)
    return found and all(isinstance(node, VariableDefinitionNode) for node in error.nodes or ())


def _shorten(message: str, longest: int = MAX_MESSAGE) -> str:
    return message if len(message) <= longest else message[: longest - 1] + "…"
