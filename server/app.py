"""The ASGI application: its routes, its security headers, and the database it opens and closes."""

from __future__ import annotations

import gc
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import TYPE_CHECKING, TypedDict

from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders
from starlette.middleware import Middleware
from starlette.responses import JSONResponse
from starlette.routing import Route

from resolvers.database import Database
from schema import schema
from server.authentication import Authenticator
from server.errors import mask
from server.graphiql import graphiql_routes
from server.graphql import GraphQLEndpoint
from server.health import livez, readyz
from server.logs import configure_logging
from server.settings import Settings, load_settings

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import BaseRoute
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from server.oidc import Verifier

SECURITY_HEADERS = {
    # An answer is data: a browser that is led to show one as a page loads and runs nothing.
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


class State(TypedDict):
    """What the application holds while it runs; each request finds it in `request.state`."""

    authenticator: Authenticator
    database: Database


class SecurityHeaders:
    """Middleware: what every response tells browsers to refrain from."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and add the headers to the response."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in SECURITY_HEADERS.items():
                    # An endpoint that asks for something else has a reason to.
                    headers.setdefault(name, value)
            await send(message)

        await self.app(scope, receive, send_with_headers)


def build_app(settings: Settings) -> Starlette:
    """Give the application for these settings; it opens its database when it starts."""

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[State]:
        database = Database(settings.database_url, walled=settings.wall, connections=settings.max_running)
        authenticator = Authenticator(database, settings, _verifier(settings))
        # What is loaded by now lives as long as the process: the collector need never look at it again.
        gc.freeze()
        gc.enable()
        try:
            yield {"authenticator": authenticator, "database": database}
        finally:
            await authenticator.close()
            await database.close()

    app = Starlette(
        routes=[
            Route("/graphql", GraphQLEndpoint(schema, settings)),
            Route("/livez", livez),
            Route("/readyz", readyz),
            *_sign_in_routes(settings),
            *graphiql_routes,
        ],
        middleware=[Middleware(SecurityHeaders)],
        exception_handlers={Exception: _fault},
        lifespan=lifespan,
    )
    # A redirect would make a client send its request, with whatever it holds, a second time.
    app.router.redirect_slashes = False
    return app


async def _fault(_request: Request, error: Exception) -> Response:
    # It is answered outside of every middleware.
    headers = {**SECURITY_HEADERS, "Cache-Control": "no-store"}
    return JSONResponse({"errors": [mask(error)]}, HTTPStatus.INTERNAL_SERVER_ERROR, headers)


def _verifier(settings: Settings) -> Verifier | None:
    if settings.oidc_jwks_url is None:
        return None
    # Only here: what verifies signatures takes a tenth of a second to import.
    from server.oidc import Verifier  # noqa: PLC0415
    from server.oidc_keys import Keys  # noqa: PLC0415

    return Verifier(settings, Keys(settings.oidc_jwks_url))


def _sign_in_routes(settings: Settings) -> Sequence[BaseRoute]:
    if settings.oidc_client_id is None:
        return ()
    # Only here, as above: the provider's client takes three tenths.
    from server.sign_in import SignIn  # noqa: PLC0415

    return SignIn(settings).routes


def create_app() -> Starlette:
    """Give the application for the settings of the environment; this is what a worker process starts."""
    settings = load_settings()
    configure_logging(settings.log_level)
    return build_app(settings)
