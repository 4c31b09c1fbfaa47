"""What a client asks for: read from the body of a POST or the address of a GET, and checked."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, NoReturn
from urllib.parse import parse_qsl

from starlette.requests import ClientDisconnect

from server.graphql.document_ids import document_id_of
from server.http.errors import CLOSE, abort
from server.http.media_types import is_json
from server.http.strict_json import parse_json

if TYPE_CHECKING:
    from starlette.requests import Request

    from server.config.settings import Settings
    from server.limits.deadlines import Deadlines

PARAMETERS = ("query", "documentId", "operationName", "variables", "extensions")
#: What a request may leave out.
OPTIONAL = frozenset({"operationName", "variables", "extensions"})


@dataclass(frozen=True, slots=True)
class GraphQLRequest:
    """A well-formed request: one document, and what it is to be run with.

    Where only `document_id` names the document, `query` is empty until that was looked up.
    """

    query: str
    document_id: str | None
    operation_name: str | None
    variables: dict[str, Any] | None


def asks(request: Request) -> bool:
    """Tell whether the address of a GET asks for an answer, and not for the page."""
    return any(name in request.query_params for name in ("query", "documentId", "extensions"))


async def read_post(request: Request, settings: Settings, patience: Deadlines) -> GraphQLRequest:
    """Read the JSON body of a POST.

    `patience` says how long the whole of it is waited for: one that trickles would never be found idle.

    Raises HttpError: 415 for another kind of body, 413 for one that is too long, 408 for one that does not arrive,
    400 for one that is no request.
    """
    if not is_json(request.headers.get("content-type", "")):
        abort(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "Send JSON in UTF-8, with the header Content-Type: application/json.")
    if request.headers.get("content-encoding", "identity").strip().lower() != "identity":
        abort(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "Send the request as it is, without Content-Encoding.")
    if request.headers.get("transfer-encoding", "chunked").strip().lower() != "chunked":
        abort(HTTPStatus.BAD_REQUEST, "Send the request as it is, with Content-Length or in chunks.", headers=CLOSE)
    with patience.for_body():
        body = await _read_body(request, settings)
    return parse_body(body, settings)


def parse_body(body: bytes, settings: Settings) -> GraphQLRequest:
    """Return the request in the JSON body of a POST. Raises HttpError (400) for a body that is no request."""
    values = parse_json(body, "", settings.max_json_depth)
    if isinstance(values, list):
        message = (
            "Several requests in one are not answered: send each by itself, or one with several fields at its root."
        )
        abort(HTTPStatus.BAD_REQUEST, message)
    if not isinstance(values, dict):
        abort(HTTPStatus.BAD_REQUEST, f"The request body must be an object with the key query, not {_kind(values)}.")
    return _check(values)


def read_get(request: Request, settings: Settings) -> GraphQLRequest:
    """Read the parameters of a GET.

    Raises HttpError: 414 for an address that is too long, 400 for one that is no request.
    """
    text: bytes = request.scope["query_string"]
    if len(text) > settings.max_body_bytes:
        abort(HTTPStatus.REQUEST_URI_TOO_LONG, "The address is too long; send the request as a POST.")
    values: dict[str, Any] = _read_address(text)
    for name in ("variables", "extensions"):
        if name in values:
            values[name] = parse_json(values[name].encode(), name, settings.max_json_depth)
    return _check(values)


def _read_address(text: bytes) -> dict[str, Any]:
    try:
        pairs = parse_qsl(text.decode("ascii"), keep_blank_values=True, errors="strict")
    except ValueError:
        abort(HTTPStatus.BAD_REQUEST, "The address is not valid: its parameters must be percent-encoded UTF-8.")
    counts = Counter(name for name, _ in pairs)
    repeated = next((name for name in PARAMETERS if counts[name] > 1), None)
    if repeated is not None:
        abort(
            HTTPStatus.BAD_REQUEST, f"The address has the parameter {repeated} {counts[repeated]} times; give it once."
        )
    # In an address, an empty parameter is how to send none.
    return {name: value for name, value in pairs if value or name not in OPTIONAL}


async def _read_body(request: Request, settings: Settings) -> bytes:
    # Told beforehand, a body that is too long need not be received at all.
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
        given = "an empty text" if query == "" else _kind(query)
        _refuse_parameter("query", "the text of a GraphQL document", given)
    operation_name = values.get("operationName")
    if not isinstance(operation_name, str | None):
        _refuse_parameter("operationName", "a text or null", _kind(operation_name))
    return GraphQLRequest(query, document_id, operation_name, values.get("variables"))


def _refuse_parameter(name: str, expected: str, given: str) -> NoReturn:
    abort(HTTPStatus.BAD_REQUEST, f"{name} must be {expected}, not {given}.")


def _kind(value: object) -> str:
    """Name the kind of a JSON value."""
    kinds = {str: "a text", bool: "true or false", list: "a list", dict: "an object", type(None): "null or absent"}
    return kinds.get(type(value), "a number")
