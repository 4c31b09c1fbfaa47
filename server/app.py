"""The ASGI application: its routes, its security headers, and the database that it opens and closes."""

from __future__ import annotations

import gc
from contextlib import asynccontextmanager, nullcontext
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, TypedDict

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import JSONResponse
from starlette.routing import Route

from resolvers.database.database import Database
from resolvers.database.statement_guard import install_statement_guard
from resolvers.database.unavailable import DatabaseUnavailableError
from schema import schema
from server.auth.authenticator import Authenticator
from server.config.settings import Settings, load_settings
from server.files.endpoint import FILES, DocumentFilesEndpoint, open_files
from server.files.endpoint import METHODS as FILE_METHODS
from server.graphiql.page import graphiql_routes
from server.graphql.endpoint import METHODS, GraphQLEndpoint
from server.graphql.response import exception_response
from server.health import livez, readyz, version
from server.http.cors import with_cors
from server.http.errors import mask
from server.http.media_types import JSON
from server.http.security_headers import SECURITY_HEADERS, SecurityHeaders
from server.monitoring.instruments import Instruments
from server.overview.page import overview_route
from server.startup.fingerprints import SchemaCheck
from server.startup.logging_setup import configure_logging
from server.startup.migrations import VERSION, head_revision
from server.startup.revision_guard import RevisionGuard

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import BaseRoute
    from starlette.types import ASGIApp, Lifespan, Receive, Scope, Send

    from resolvers.files.document_files import DocumentFiles
    from server.auth.jwt_verifier import JwtVerifier

API = "/graphql"
PAGE_METHODS = frozenset({"GET", "HEAD"})
HEALTH = (Route("/livez", livez), Route("/readyz", readyz), Route("/version", version))
#: The paths that are answered even if the database is at another revision.
ALWAYS_ANSWERED = frozenset(route.path for route in HEALTH)


class State(TypedDict):
    """The shared objects of the running application; each request finds them in `request.state`."""

    authenticator: Authenticator
    database: Database
    files: DocumentFiles
    schema_check: SchemaCheck


class Application(Starlette):
    """Starlette's application, with a shortcut past middleware and routing to the GraphQL endpoint.

    These take a tenth of the time of a small response, and the endpoint does not need them.
    """

    def __init__(
        self,
        api: ASGIApp,
        routes: Sequence[BaseRoute],
        lifespan: Lifespan[Application],
        guard: RevisionGuard,
        prefix: str = "",
    ) -> None:
        """Serve `api` and the routes, also below `prefix`: some proxies leave it in the path, and others remove it."""
        super().__init__(
            routes=[Route(API, api), *routes],
            middleware=[Middleware(SecurityHeaders)],
            exception_handlers={DatabaseUnavailableError: _database_fault, Exception: _fault},
            lifespan=lifespan,
        )
        # A redirect would make a client send its request, including its credential, a second time.
        self.router.redirect_slashes = False
        self._api = api
        self._api_paths = {API, f"{prefix}{API}"}
        self._prefix = prefix
        self._guard = guard

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if self._prefix:
            # Starlette finds a route with the root path before it, or without.
            scope["root_path"] = self._prefix
            # Starlette has no route for an empty path; the page at `/` is the same.
            if scope["type"] == "http" and scope["path"] == self._prefix and scope["method"] in PAGE_METHODS:
                scope["path"] = f"{self._prefix}/"
        if self._guard.fault and scope["type"] == "http" and not self._is_always_answered(scope["path"]):
            await exception_response(self._guard.error(), JSON)(scope, receive, send)
        elif scope["type"] == "http" and scope["path"] in self._api_paths:
            await self._api(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)

    def _is_always_answered(self, path: str) -> bool:
        return path.removeprefix(self._prefix) in ALWAYS_ANSWERED


def build_app(settings: Settings, *, fast_path: bool = True, guarded: bool = False) -> Starlette:
    """Return the application for these settings, with or without the fast path; it opens the database at its start.

    If it is `guarded`, it answers nothing while the database is at another revision than this program needs.
    """
    guard, instruments = RevisionGuard(), Instruments(settings, VERSION, head_revision())

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[State]:
        database = _database(settings)
        authenticator = Authenticator(database, settings, _verifier(settings))
        # The objects that are loaded by now live as long as the process, so the collector can ignore them.
        gc.freeze()
        gc.enable()
        admissions = {"operations": graphql.admission, "transfers": transfers.admission}
        try:
            async with (
                guard.watching(database) if guarded else nullcontext(),
                instruments.running(database, admissions, lambda: guard.fault is not None),
            ):
                yield {
                    "authenticator": authenticator,
                    "database": database,
                    "files": open_files(database, settings),
                    "schema_check": SchemaCheck(database),
                }
        finally:
            await authenticator.close()
            await database.close()

    graphql = GraphQLEndpoint(schema, settings, instruments.monitor, fast_path=fast_path)
    transfers = DocumentFilesEndpoint(schema, settings, graphql.rates, instruments.monitor)
    origins = settings.allowed_origins.split()
    files = with_cors(instruments.app(transfers), origins, FILE_METHODS)
    pages = [overview_route(settings, API), *graphiql_routes]
    routes = [Route(FILES, files), *HEALTH, *_sign_in_routes(settings), *pages]
    api = with_cors(instruments.app(graphql), origins, METHODS)
    return Application(api, routes, lifespan, guard, settings.path_prefix)


def _database(settings: Settings) -> Database:
    return Database(
        settings.database_url,
        row_level_security=settings.row_level_security,
        connections=settings.max_running,
        seconds=settings.max_seconds,
        pooled=settings.pgbouncer,
    )


async def _fault(_request: Request, error: Exception) -> Response:
    # Starlette sends this response outside all middleware, so it needs the headers here.
    headers = {**SECURITY_HEADERS, "Cache-Control": "no-store"}
    return JSONResponse({"errors": [mask(error)]}, HTTPStatus.INTERNAL_SERVER_ERROR, headers)


async def _database_fault(_request: Request, error: Exception) -> Any:
    return exception_response(error, JSON)


def _verifier(settings: Settings) -> JwtVerifier | None:
    if settings.oidc_jwks_url is None:
        return None
    # Imported here because the verification of signatures takes a tenth of a second to import.
    from server.auth.jwks import JwksCache  # noqa: PLC0415
    from server.auth.jwt_verifier import JwtVerifier  # noqa: PLC0415

    return JwtVerifier(settings, JwksCache(settings.oidc_jwks_url))


def _sign_in_routes(settings: Settings) -> Sequence[BaseRoute]:
    if settings.oidc_client_id is None:
        return ()
    # Imported here because the provider's client takes three tenths of a second to import.
    from server.auth.sign_in import SignIn  # noqa: PLC0415

    return SignIn(settings).routes


def create_app() -> Starlette:
    """Return the application for the settings of the environment; a worker process calls this."""
    settings = load_settings()
    configure_logging(settings)
    if settings.demo_personas:
        install_statement_guard()
    return build_app(settings, guarded=True)
