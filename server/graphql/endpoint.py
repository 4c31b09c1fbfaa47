"""GraphQL over HTTP: one endpoint, with GET for queries and POST for every operation."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from starlette.requests import ClientDisconnect, Request
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError
from strawberry.types.execution import ExecutionResult, PreExecutionError
from strawberry.types.graphql import OperationType

from resolvers.access.context import Context, Progress
from resolvers.core.errors import RequestError
from resolvers.core.limits import MAX_ADVICE, MAX_MESSAGE
from schema.execution.query_cache import query_cache_of
from schema.strawberry_internals import core_schema
from server.graphiql.page import graphiql_response
from server.graphql.conditional import conditional_response
from server.graphql.fast_path.handler import FastPath
from server.graphql.request import GraphQLRequest, asks, names_document, read_get, read_post
from server.graphql.response import exception_response, graphql_response, http_error_response
from server.graphql.trusted_documents import TrustedDocuments, UnknownDocumentError
from server.http.client_address import client_of, name_of, refuse_upgrade
from server.http.errors import HttpError, abort
from server.http.media_types import GRAPHQL, JSON, negotiate, wants_page
from server.http.request_ids import request_id, with_request_id
from server.http.security_headers import SecurityHeaders
from server.limits.admission import Admission
from server.limits.deadlines import Deadlines
from server.limits.rate_limits import RateLimiter, RateLimitError, RequestCost
from server.monitoring.exchange import Exchange

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send
    from strawberry import Schema

    from server.config.settings import Settings
    from server.graphql.response import Response
    from server.monitoring.monitor import Monitor

SAFE_METHODS = ("GET", "HEAD")
METHODS = (*SAFE_METHODS, "POST")
READ = frozenset({OperationType.QUERY})
READ_AND_WRITE = frozenset({OperationType.QUERY, OperationType.MUTATION})

#: The status in the log and the metrics if the client disconnects before the response, as nginx has it.
DISCONNECTED = 499

NO_SUBSCRIPTIONS = "Subscriptions are not supported: send a query, and repeat it to see changes."


class GraphQLEndpoint:
    """The ASGI application at `/graphql`; the request's state holds the database and the authenticator."""

    def __init__(self, schema: Schema, settings: Settings, monitor: Monitor, *, fast_path: bool = True) -> None:
        """Use the `fast_path` for known queries, or answer every request here; the responses are the same."""
        self._schema = schema
        self._core_schema = core_schema(schema)
        self._settings = settings
        self._monitor = monitor
        self._limits = settings.limits()
        self.rates = RateLimiter(settings.max_cost, settings.cost_per_second)
        self._trusted = TrustedDocuments(only=settings.trusted_documents_only)
        self.admission = Admission(settings.max_running, settings.max_waiting, settings.max_running_per_account)
        self._deadlines = Deadlines(settings)
        self._fast_path = None
        if fast_path and not settings.trusted_documents_only:
            self._fast_path = FastPath(self._core_schema, settings, self.rates, self.admission, self._deadlines)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; every response, even after a fault, is well-formed and has all headers."""
        send, exchange = with_request_id(send), Exchange()
        try:
            response = await self._respond(scope, receive, exchange)
        except ClientDisconnect:
            self._monitor.end(exchange, DISCONNECTED)
            return
        await response(scope, receive, send)
        self._monitor.end(exchange, getattr(response, "status", HTTPStatus.OK), getattr(response, "codes", ()))

    async def _respond(self, scope: Scope, receive: Receive, exchange: Exchange) -> ASGIApp:
        media_type = None
        try:
            response = await self._fast_path.answer(scope, receive, exchange) if self._fast_path else None
            if response is not None:
                return response
            request = Request(scope, receive)
            accept = ", ".join(request.headers.getlist("accept"))
            media_type = negotiate(accept)
            refuse_upgrade(request)
            if request.method in SAFE_METHODS and wants_page(accept) and not asks(request):
                return SecurityHeaders(graphiql_response(request, self._settings))
            exchange.client = client_of(request)
            return await self._answer(request, media_type, exchange)
        except ClientDisconnect:
            raise
        except Exception as error:  # noqa: BLE001  # the last line of defence: nothing may leak
            return exception_response(error, media_type)

    async def _answer(self, request: Request, media_type: str | None, exchange: Exchange) -> Response:
        viewer = await request.scope["state"]["authenticator"].authenticate(request)
        exchange.account = viewer.account
        if request.method not in METHODS:
            abort(
                HTTPStatus.METHOD_NOT_ALLOWED,
                f"The method {request.method} is not supported here: send a GET or a POST.",
                headers={"Allow": ", ".join(METHODS)},
            )
        if media_type is None:
            abort(
                HTTPStatus.NOT_ACCEPTABLE,
                f"The header Accept allows no supported media type: name {GRAPHQL} or {JSON}.",
            )
        name = name_of(viewer, request)
        exchange.cost = cost = RequestCost(self.rates.bucket(name))
        try:
            cost.charge(1)
            result = await self._run(request, name, cost, exchange)
        except (RateLimitError, UnknownDocumentError) as refusal:
            result = PreExecutionError(data=None, errors=[refusal])
        except HttpError as error:
            return http_error_response(error, media_type, cost)
        # Only the messages for a signed-in caller have advice.
        longest = MAX_MESSAGE + MAX_ADVICE if viewer.account else MAX_MESSAGE
        response = graphql_response(result, cost, media_type, longest)
        if request.method in SAFE_METHODS and names_document(request):
            return conditional_response(request, result, response, is_public=viewer.account is None)
        return response

    async def _run(self, request: Request, name: str, cost: RequestCost, exchange: Exchange) -> ExecutionResult:
        if request.method == "POST":
            operation = await read_post(request, self._settings, self._deadlines)
        else:
            operation = read_get(request, self._settings)
        state, progress = request.scope["state"], Progress()
        exchange.progress = progress
        with self._deadlines.for_operation(request.receive, progress):
            async with self.admission.slot(name):
                # Again, because the viewer's rights can be revoked while the body arrives and the operation waits.
                viewer = await state["authenticator"].authenticate(request)
                context = Context(
                    state["database"],
                    viewer,
                    self._limits,
                    cost,
                    request_id(),
                    max_file_bytes=self._settings.max_file_bytes,
                    gives_advice=viewer.account is not None and not self._settings.trusted_documents_only,
                    progress=progress,
                )
                operation = await self._trusted.resolve(operation, context.database)
                read_only = request.method in SAFE_METHODS
                return await self._execute(operation, context, cost, exchange, read_only=read_only)

    async def _execute(
        self, operation: GraphQLRequest, context: Context, cost: RequestCost, exchange: Exchange, *, read_only: bool
    ) -> ExecutionResult:
        cache = query_cache_of(context.database, self._core_schema)
        bound = cache.find(operation.query, operation.operation_name, operation.variables or {}, context.viewer)
        if bound is not None:
            exchange.kind, exchange.operation, exchange.cache = "query", bound.name, "document"
            cost.charge(bound.cost)
            return await cache.run(bound, context)
        try:
            result = await self._schema.execute(
                operation.query,
                variable_values=operation.variables,
                context_value=context,
                operation_name=operation.operation_name,
                allowed_operation_types=READ if read_only else READ_AND_WRITE,
            )
        except InvalidOperationTypeError as error:
            if error.operation_type is OperationType.SUBSCRIPTION:
                abort(HTTPStatus.BAD_REQUEST, NO_SUBSCRIPTIONS)
            abort(
                HTTPStatus.METHOD_NOT_ALLOWED,
                "A GET can run queries only: send every other operation as a POST.",
                headers={"Allow": "POST"},
            )
        except CannotGetOperationTypeError as error:
            return PreExecutionError(data=None, errors=[_unresolved(error.operation_name)])
        # Only a valid operation is in the cache.
        if found := cache.operation(operation.query, operation.operation_name):
            exchange.operation = found.name
            exchange.kind, exchange.cache = ("query", "none") if found.query else ("mutation", "")
        return result


def _unresolved(operation_name: str | None) -> RequestError:
    message = "The document has no operation." if operation_name is None else f"Unknown operation '{operation_name}'."
    return RequestError(message, code="OPERATION_RESOLUTION_FAILURE")
