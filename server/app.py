"""The ASGI application: its routes, its security headers, and the database it opens and closes."""

from __future__ import annotations

import gc
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, TypedDict

from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders
from starlette.middleware import Middleware
from starlette.routing import Route

from resolvers.database import Database, create_engine
from schema import schema
from server.graphiql import graphiql_routes
from server.graphql import GraphQLEndpoint
from server.health import livez, readyz
from server.logs import configure_logging
from server.settings import Settings, load_settings

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

SECURITY_HEADERS = {
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


class State(TypedDict):
    """What the application holds while it runs; each request finds it in `request.state`."""

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
        database = Database(create_engine(settings.database_url))
        # What is loaded by now lives as long as the process: the collector need never look at it again.
        gc.freeze()
        gc.enable()
        try:
            yield {"database": database}
        finally:
            await database.close()

    app = Starlette(
        routes=[
            Route("/graphql", GraphQLEndpoint(schema, settings)),
            Route("/livez", livez),
            Route("/readyz", readyz),
            *graphiql_routes,
        ],
        middleware=[Middleware(SecurityHeaders)],
        lifespan=lifespan,
    )
    # A redirect would make a client send its request, with whatever it holds, a second time.
    app.router.redirect_slashes = False
    return app


def create_app() -> Starlette:
    """Give the application for the settings of the environment; this is what a worker process starts."""
    settings = load_settings()
    configure_logging(settings.log_level)
    return build_app(settings)
