"""GraphQL over HTTP: one endpoint, GET for queries and POST for every operation."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import orjson
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError
from strawberry.types.execution import ExecutionResult, PreExecutionError
from strawberry.types.graphql import OperationType

from resolvers.context import Context
from resolvers.errors import RequestError
from server.errors import INTERNAL, HttpError, format_errors, format_http_error, mask, refuse
from server.graphiql import graphiql_response
from server.graphql_request import GraphQLRequest, read_get, read_post
from server.media_types import GRAPHQL, JSON, negotiate, wants_page

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.types import Receive, Scope, Send
    from strawberry import Schema

    from server.settings import Settings

SAFE_METHODS = ("GET", "HEAD")
METHODS = (*SAFE_METHODS, "POST")
READ = frozenset({OperationType.QUERY})
READ_AND_WRITE = frozenset({OperationType.QUERY, OperationType.MUTATION})


class GraphQLEndpoint:
    """The ASGI application behind `/graphql`; the request's state holds the database."""

    def __init__(self, schema: Schema, settings: Settings) -> None:
        self._schema = schema
        self._settings = settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; whatever happens, the answer is well-formed."""
        request = Request(scope, receive)
        accept = ", ".join(request.headers.getlist("accept"))
        media_type = negotiate(accept)
        try:
            if request.method in SAFE_METHODS and wants_page(accept) and "query" not in request.query_params:
                response = graphiql_response(request)
            else:
                response = await self._answer(request, media_type)
        except ClientDisconnect:
            return
        except HttpError as error:
            response = _respond(error.status, {"errors": [format_http_error(error)]}, media_type, error.headers)
        except Exception as error:  # noqa: BLE001  # the last line of defence: nothing may leak
            response = _respond(HTTPStatus.INTERNAL_SERVER_ERROR, {"errors": [mask(error)]}, media_type)
        await response(scope, receive, send)

    async def _answer(self, request: Request, media_type: str | None) -> Response:
        if request.method not in METHODS:
            refuse(
                HTTPStatus.METHOD_NOT_ALLOWED,
                f"{request.method} is not answered here; send a GET or a POST.",
                headers={"Allow": ", ".join(METHODS)},
            )
        if media_type is None:
            refuse(
                HTTPStatus.NOT_ACCEPTABLE,
                f"The answer can be {GRAPHQL} or {JSON}; name one of them in the header Accept.",
            )
        if request.method == "POST":
            asked = await read_post(request, self._settings)
        else:
            asked = read_get(request, self._settings)
        result = await self._execute(asked, request)
        return _respond_to(result, media_type)

    async def _execute(self, asked: GraphQLRequest, request: Request) -> ExecutionResult:
        reading = request.method in SAFE_METHODS
        try:
            return await self._schema.execute(
                asked.query,
                variable_values=asked.variables,
                context_value=Context(database=request.state.database),
                operation_name=asked.operation_name,
                allowed_operation_types=READ if reading else READ_AND_WRITE,
            )
        except InvalidOperationTypeError:
            if reading:
                refuse(
                    HTTPStatus.METHOD_NOT_ALLOWED,
                    "A GET runs queries only; send every other operation as a POST.",
                    headers={"Allow": "POST"},
                )
            refuse(HTTPStatus.BAD_REQUEST, "Subscriptions are not served over a POST.")
        except CannotGetOperationTypeError as error:
            return PreExecutionError(data=None, errors=[_unresolved(error.operation_name)])


def _unresolved(operation_name: str | None) -> RequestError:
    message = "The document has no operation." if operation_name is None else f"Unknown operation '{operation_name}'."
    return RequestError(message, code="OPERATION_RESOLUTION_FAILURE")


def _respond_to(result: ExecutionResult, media_type: str) -> Response:
    """Give the response for what came of an operation."""
    errors = result.errors or []
    # Nothing ran where no error stands at a field; then the response has no `data` at all.
    refused = result.data is None and bool(errors) and all(error.path is None for error in errors)
    payload: dict[str, Any] = {}
    if errors:
        payload["errors"] = format_errors(errors, executing=not isinstance(result, PreExecutionError))
    if not refused:
        payload["data"] = result.data
    if result.extensions:
        payload["extensions"] = result.extensions
    return _respond(_status(payload, media_type), payload, media_type)


def _status(payload: dict[str, Any], media_type: str) -> HTTPStatus:
    if payload.get("data") is not None:
        return HTTPStatus.OK
    if any(error["extensions"]["code"] == INTERNAL for error in payload.get("errors", ())):
        return HTTPStatus.INTERNAL_SERVER_ERROR
    # In plain JSON a status of its own could be a proxy's, so there a well-formed request is always 200.
    return HTTPStatus.BAD_REQUEST if media_type == GRAPHQL and "data" not in payload else HTTPStatus.OK


def _respond(
    status: int,
    payload: dict[str, Any],
    media_type: str | None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    return Response(
        orjson.dumps(payload),
        status,
        {"Cache-Control": "no-store", "Vary": "Accept", **(headers or {})},
        media_type=f"{media_type or JSON}; charset=utf-8",
    )
