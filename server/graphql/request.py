"""Reads and checks a GraphQL request, from the body of a POST or the URL of a GET."""

from __future__ import annotations

from codecs import BOM_UTF8
from collections import Counter
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, NoReturn
from urllib.parse import parse_qsl

from starlette.requests import ClientDisconnect

from server.graphql.document_ids import document_id_of, is_apollo
from server.http.errors import CLOSE, abort
from server.http.media_types import is_json
from server.http.strict_json import parse_json

if TYPE_CHECKING:
    from starlette.requests import Request

    from server.config.settings import Settings
    from server.limits.deadlines import Deadlines

PARAMETERS = ("query", "documentId", "operationName", "variables", "extensions")
#: The parameters that a request may omit.
OPTIONAL = frozenset({"operationName", "variables", "extensions"})


@dataclass(frozen=True, slots=True)
class GraphQLRequest:
    """A well-formed request: one document, the name of its operation, and the variables.

    If the request has only a `document_id`, `query` is empty until the document is looked up. `is_apollo` is true if
    that ID is in Apollo's extension, whose clients know errors by their message.
    """

    query: str
    document_id: str | None
    operation_name: str | None
    variables: dict[str, Any] | None
    is_apollo: bool = False


def asks(request: Request) -> bool:
    """Return whether the URL of a GET contains a GraphQL request, and does not request the page."""
    return any(name in request.query_params for name in ("query", "documentId", "extensions"))


def names_document(request: Request) -> bool:
    """Return whether a GET has the ID of its document instead of the text."""
    return "query" not in request.query_params


async def read_post(request: Request, settings: Settings, deadlines: Deadlines) -> GraphQLRequest:
    """Read the JSON body of a POST.

    `deadlines` limits the time for the whole body, because a body that trickles in is never idle.

    Raises HttpError: 415 for an unsupported type of body, 413 for a body that is too long, 408 for a body that does
    not arrive in time, 400 for a body that is not a valid request.
    """
    if not is_json(request.headers.get("content-type", "")):
        message = "The body must be JSON in UTF-8, with the header Content-Type: application/json."
        abort(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, message)
    if request.headers.get("content-encoding", "identity").strip().lower() != "identity":
        abort(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "Content-Encoding is not supported: send the body without it.")
    if request.headers.get("transfer-encoding", "chunked").strip().lower() != "chunked":
        message = "This Transfer-Encoding is not supported: send the body with Content-Length or in chunks."
        abort(HTTPStatus.BAD_REQUEST, message, headers=CLOSE)
    with deadlines.for_body():
        body = await _read_body(request, settings)
    return parse_body(body, settings)


def parse_body(body: bytes, settings: Settings) -> GraphQLRequest:
    """Return the request in the JSON body of a POST. Raises HttpError (400) if the body is not a valid request."""
    # A receiver may ignore a byte order mark (RFC 8259, section 8.1); some clients send one.
    values = parse_json(body.removeprefix(BOM_UTF8), "", settings.max_json_depth)
    if isinstance(values, list):
        message = (
            "Batches of requests are not supported: send each request separately, or one with several root fields."
        )
        abort(HTTPStatus.BAD_REQUEST, message)
    if not isinstance(values, dict):
        abort(HTTPStatus.BAD_REQUEST, f"The request body must be an object with the key query, not {_kind(values)}.")
    return _check(values)


def read_get(request: Request, settings: Settings) -> GraphQLRequest:
    """Read the parameters of a GET.

    Raises HttpError: 414 for a URL that is too long, 400 for a URL that is not a valid request.
    """
    text: bytes = request.scope["query_string"]
    if len(text) > settings.max_body_bytes:
        abort(HTTPStatus.REQUEST_URI_TOO_LONG, "The URL is too long: send the request as a POST.")
    values: dict[str, Any] = _read_address(text)
    for name in ("variables", "extensions"):
        if name in values:
            values[name] = parse_json(values[name].encode(), name, settings.max_json_depth)
    return _check(values)


def _read_address(text: bytes) -> dict[str, Any]:
    try:
        pairs = parse_qsl(text.decode("ascii"), keep_blank_values=True, errors="strict")
    except ValueError:
        abort(HTTPStatus.BAD_REQUEST, "The URL is not valid: its parameters must be percent-encoded UTF-8.")
    counts = Counter(name for name, _ in pairs)
    repeated = next((name for name in PARAMETERS if counts[name] > 1), None)
    if repeated is not None:
        abort(
            HTTPStatus.BAD_REQUEST, f"The URL has the parameter {repeated} {counts[repeated]} times: send it only once."
        )
    # In a URL, an empty parameter counts as absent.
    return {name: value for name, value in pairs if value or name not in OPTIONAL}


async def _read_body(request: Request, settings: Settings) -> bytes:
    # If Content-Length is already too great, the body is not received.
    _check_length(int(request.headers.get("content-length", 0)), settings.max_body_bytes)
    body = bytearray()
    more = True
    while more:
        part = await request.receive()
        if part["type"] == "http.disconnect":
            raise ClientDisconnect
        body += part.get("body", b"")
        more = part.get("more_body", False)
        _check_length(len(body), settings.max_body_bytes)
    return bytes(body)


def _check_length(length: int, most: int) -> None:
    if length > most:
        message = f"The request body is too long; at most {most} bytes are allowed."
        abort(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, message, headers=CLOSE)


def _check(values: dict[str, Any]) -> GraphQLRequest:
    for name in ("variables", "extensions"):
        if not isinstance(values.get(name), dict | None):
            _refuse_parameter(name, "a JSON object or null", _kind(values[name]))
    document_id = document_id_of(values)
    query = values.get("query")
    if query is None and document_id is not None:
        query = ""
    elif not isinstance(query, str) or not query:
        given = "an empty string" if query == "" else _kind(query)
        _refuse_parameter("query", "the text of a GraphQL document", given)
    operation_name = values.get("operationName")
    if not isinstance(operation_name, str | None):
        _refuse_parameter("operationName", "a string or null", _kind(operation_name))
    # Some clients send an empty name for a document with one operation.
    return GraphQLRequest(query, document_id, operation_name or None, values.get("variables"), is_apollo(values))


def _refuse_parameter(name: str, expected: str, given: str) -> NoReturn:
    abort(HTTPStatus.BAD_REQUEST, f"{name} must be {expected}, not {given}.")


def _kind(value: object) -> str:
    """Return the name of a JSON value's type."""
    kinds = {str: "a string", bool: "true or false", list: "a list", dict: "an object", type(None): "null or absent"}
    return kinds.get(type(value), "a number")
