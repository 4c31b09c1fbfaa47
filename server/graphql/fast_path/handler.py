"""The fast path: from headers to viewer, from body to statement, from text to response."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphql import GraphQLError
from starlette.requests import ClientDisconnect
from strawberry.types import ExecutionResult

from resolvers.access.viewer import PUBLIC
from schema.execution.query_cache import query_cache_of
from server.graphql.fast_path.header_cache import HeaderCache
from server.graphql.fast_path.raw_exchange import RawResponse, read_whole_body
from server.graphql.request import parse_body
from server.graphql.response import exception_response, graphql_response, http_error_response
from server.http.client_address import network_of
from server.http.errors import HttpError
from server.http.uvicorn_protocol import CYCLE
from server.limits.rate_limits import RateLimitError, RequestCost

if TYPE_CHECKING:
    from graphql import GraphQLSchema
    from starlette.types import ASGIApp, Receive, Scope

    from resolvers.access.viewer import Viewer
    from resolvers.database.database import Database
    from schema.execution.query_cache import BoundQuery, OperationRequest
    from server.auth.authenticator import Authenticator
    from server.config.settings import Settings
    from server.graphql.fast_path.header_cache import RequestProfile
    from server.limits.admission import Admission
    from server.limits.deadlines import Deadlines
    from server.limits.rate_limits import RateLimiter
    from server.monitoring.exchange import Exchange


class FastPath:
    """Answers known queries, within the rate limits, the admission and the deadlines of the endpoint."""

    def __init__(
        self,
        schema: GraphQLSchema,
        settings: Settings,
        rates: RateLimiter,
        admission: Admission,
        deadlines: Deadlines,
    ) -> None:
        self._schema = schema
        self._settings = settings
        self._rates = rates
        self._admission = admission
        self._deadlines = deadlines
        self._headers = HeaderCache()

    async def answer(self, scope: Scope, receive: Receive, exchange: Exchange) -> ASGIApp | None:
        """Return the response; None if the endpoint must answer. Raises ClientDisconnect if the client disconnects.

        Only for an answered request, the facts are added to `exchange`.
        """
        cycle = scope.get("extensions", {}).get(CYCLE)
        profile = self._headers.read(scope["headers"]) if cycle and scope["method"] == "POST" else None
        if profile is None:
            return None
        body = await read_whole_body(cycle)
        # After the body, because the viewer's rights can be revoked while it arrives.
        viewer = self._viewer(profile, scope)
        bound = self._find(body, viewer, scope["state"]["database"]) if body and viewer else None
        if viewer is None or bound is None:
            return None
        client = viewer.account or network_of(scope["client"][0])
        if not self._admission.try_acquire(client):
            return None
        try:
            exchange.cost = cost = RequestCost(self._rates.bucket(client))
            exchange.account, exchange.operation = viewer.account, bound.name
            exchange.kind, exchange.cache = "query", "body"
            return await self._run(bound, scope["state"]["database"], cost, profile.media_type, receive)
        finally:
            self._admission.release(client)

    def _viewer(self, profile: RequestProfile, scope: Scope) -> Viewer | None:
        if profile.credential is not None:
            authenticator: Authenticator = scope["state"]["authenticator"]
            return authenticator.cached_viewer(profile.credential)
        return PUBLIC if self._settings.anonymous_reads and scope["client"] else None

    def _find(self, body: bytes, viewer: Viewer, database: Database) -> BoundQuery | None:
        if len(body) > self._settings.max_body_bytes:
            return None
        bound = query_cache_of(database, self._schema).find_in(body, viewer, self._parse)
        # The other statements do more than run once, so the endpoint must admit them.
        return bound if bound is not None and bound.statement.is_plain else None

    def _parse(self, body: bytes) -> OperationRequest | None:
        try:
            graphql_request = parse_body(body, self._settings)
        except HttpError:
            return None
        return graphql_request.query, graphql_request.operation_name, graphql_request.variables or {}

    async def _run(
        self, bound: BoundQuery, database: Database, cost: RequestCost, media_type: str, receive: Receive
    ) -> ASGIApp | None:
        try:
            cost.charge(1 + bound.cost)
        except RateLimitError:
            # Nothing was charged: the endpoint charges for the request and returns the error.
            return None
        try:
            with self._deadlines.for_operation(receive):
                text = await database.fetch_text(bound.statement.compiled.sql, bound.statement.values)
        except GraphQLError as error:
            return graphql_response(ExecutionResult(data=None, errors=[error]), cost, media_type)
        except HttpError as error:
            return http_error_response(error, media_type, cost)
        except ClientDisconnect:
            raise
        except Exception as error:  # noqa: BLE001 - as in the endpoint, nothing may leak
            return exception_response(error, media_type)
        return RawResponse(text, cost, media_type)
