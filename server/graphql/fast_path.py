"""The quick way: from the bytes of a request to the bytes of its answer, for a query that was asked before.

It goes only where all is known: the headers, whoever shows the token, the query, its cost and its statement, and
where there is room. Whatever is not goes the ordinary way, from its beginning, and nothing was done by then. Nobody
can tell from an answer which way it went (`tests/server/test_fast_path.py`).
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson
from graphql import GraphQLError
from starlette.requests import ClientDisconnect
from strawberry.types import ExecutionResult

from resolvers.access.viewer import PUBLIC
from resolvers.core.lru_cache import LRUCache
from schema.execution.query_cache import query_cache_of
from server.graphql.header_cache import HeaderCache
from server.graphql.response import Response, default_headers, exception_response, graphql_response, http_error_response
from server.http.client_address import network_of
from server.http.errors import HttpError
from server.http.request_ids import HEADER, request_id
from server.http.strict_json import parse_json
from server.http.uvicorn_protocol import RAW_EXCHANGE
from server.limits.rate_limits import RequestCost

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.types import ASGIApp, Receive, Scope, Send
    from strawberry import Schema

    from resolvers.access.viewer import Viewer
    from resolvers.database.database import Database
    from server.auth.authenticator import Authenticator
    from server.config.settings import Settings
    from server.graphql.header_cache import RequestProfile
    from server.http.uvicorn_protocol import RawExchange
    from server.limits.admission import Admission
    from server.limits.deadlines import Deadlines
    from server.limits.rate_limits import RateLimiter

#: How long is waited for the rest of a body; the ordinary way has more patience.
CONNECTION_CHECK_SECONDS = 0.1
#: How many requests are kept as they are ready to run, how long they are together, and the longest of them.
MAX_ENTRIES = 2_000
MAX_SIZE = 1_000_000
MAX_ENTRY_SIZE = 4_000
#: What a body may hold that is looked at here.
MEMBERS = {"query", "variables", "operationName"}


class ReadyStatement(NamedTuple):
    """A statement that is ready to run, and what it costs."""

    sql: str
    values: list[Any]
    cost: int
    database: Database


class FastPath:
    """Answers what is known, with the buckets and turns of the ordinary way."""

    def __init__(
        self, schema: Schema, settings: Settings, rates: RateLimiter, admission: Admission, patience: Deadlines
    ) -> None:
        self._schema = schema
        self._settings = settings
        self._rates = rates
        self._admission = admission
        self._deadlines = patience
        self._headers = HeaderCache()
        self._ready_statements: LRUCache[ReadyStatement] = LRUCache(MAX_ENTRIES, MAX_SIZE)

    async def answer(self, scope: Scope, receive: Receive) -> ASGIApp | None:
        """Give the answer, None where there is none here. Raises ClientDisconnect when the client is gone."""
        exchange: RawExchange | None = scope.get("extensions", {}).get(RAW_EXCHANGE)
        if exchange is None or scope["method"] != "POST" or self._settings.trusted_documents_only:
            return None
        introduced = self._headers.read(scope["headers"])
        if introduced is None:
            return None
        body = exchange.body
        if body is None:
            with suppress(TimeoutError):
                async with asyncio.timeout(CONNECTION_CHECK_SECONDS):
                    await exchange.arrival()
            body = exchange.body
        # Only now: until the body has come, the viewer's rights may be taken back.
        viewer = self._viewer(introduced, scope)
        ready = self._ready(body, viewer, scope["state"]["database"]) if viewer else None
        if viewer is None or ready is None:
            return None
        client = viewer.account or network_of(scope["client"][0])
        if not self._admission.try_acquire(client):
            return None
        try:
            return await self._run(ready, RequestCost(self._rates.bucket(client)), introduced.media_type, receive)
        finally:
            self._admission.release(client)

    async def _run(self, ready: ReadyStatement, bill: RequestCost, media_type: str, receive: Receive) -> ASGIApp | None:
        if not bill.covers(1 + ready.cost):
            return None
        bill.charge(1 + ready.cost)
        try:
            with self._deadlines.for_operation(receive):
                text = await ready.database.fetch_text(ready.sql, ready.values)
        except GraphQLError as error:
            return graphql_response(ExecutionResult(data=None, errors=[error]), bill, media_type)
        except HttpError as error:
            return http_error_response(error, media_type, bill)
        except ClientDisconnect:
            raise
        except Exception as error:  # noqa: BLE001 - as on the ordinary way, nothing may leak
            return exception_response(error, media_type)
        return RawResponse(text, bill, media_type)

    def _viewer(self, introduced: RequestProfile, scope: Scope) -> Viewer | None:
        if introduced.credential is not None:
            authenticator: Authenticator = scope["state"]["authenticator"]
            return authenticator.cached_viewer(introduced.credential)
        return PUBLIC if self._settings.anonymous_reads and scope["client"] else None

    def _ready(self, body: bytes | None, viewer: Viewer, database: Database) -> ReadyStatement | None:
        """Give what answers a request, None where that is not known."""
        if not body or len(body) > self._settings.max_body_bytes:
            return None
        # The same bytes from the same viewer are the same statement with the same values.
        key = (body, viewer)
        ready = self._ready_statements.get(key)
        if ready is None:
            ready = self._read(body, viewer, database)
            if ready is not None and len(body) <= MAX_ENTRY_SIZE:
                self._ready_statements.put(key, ready, len(body))
        return ready

    def _read(self, body: bytes, viewer: Viewer, database: Database) -> ReadyStatement | None:
        try:
            values = parse_json(body, "", self._settings.max_json_depth)
            if not isinstance(values, dict) or not values.keys() <= MEMBERS:
                return None
            return self._known(values, viewer, database)
        except (HttpError, GraphQLError):
            return None

    def _known(self, values: Mapping[str, Any], viewer: Viewer, database: Database) -> ReadyStatement | None:
        query, name, given = values.get("query"), values.get("operationName"), values.get("variables")
        variables = {} if given is None else given
        if not isinstance(query, str) or not isinstance(name, str | None) or not isinstance(variables, dict):
            return None
        cache = query_cache_of(database, self._schema)
        known = cache.get(query, name)
        cost = known.cost(variables) if known else None
        if known is None or cost is None:
            return None
        ready = cache.operations.bound_statement(known.prepared, variables, database, viewer)
        return ReadyStatement(*ready, cost, database) if ready else None


class RawResponse:
    """An answer that is sent at once where the server can do that."""

    __slots__ = ("_body", "_media_type")

    def __init__(self, text: str, bill: RequestCost, media_type: str) -> None:
        self._body = b'{"data":%b,"extensions":{"cost":%b}}' % (text.encode(), orjson.dumps(bill.extension()))
        self._media_type = media_type

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it."""
        if not scope["extensions"][RAW_EXCHANGE].send(self._head(), self._body):
            length = (b"content-length", b"%d" % len(self._body))
            await Response(200, [*default_headers(self._media_type), length], self._body)(scope, receive, send)

    def _head(self) -> bytes:
        own = (request_id() or "").encode()
        return b"%bcontent-length: %d\r\n%b: %b\r\n" % (_usual(self._media_type), len(self._body), HEADER, own)


@lru_cache
def _usual(media_type: str) -> bytes:
    return b"".join(b"%b: %b\r\n" % pair for pair in default_headers(media_type))
