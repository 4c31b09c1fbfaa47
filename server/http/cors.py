"""CORS: which pages of other origins may read responses (Fetch, section 3.2).

Only the origins in `COALITION_ALLOWED_ORIGINS` may, and only without cookies: a response never has
`Access-Control-Allow-Credentials`, so a browser neither sends a cookie nor shows a response to a request with one. A
page of another origin sends a bearer token, or reads as the public.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from server.http.security_headers import SECURITY_HEADERS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    HeaderPairs = tuple[tuple[bytes, bytes], ...]

#: The key, in a request's scope, of the headers that its response needs.
CORS_HEADERS = "coalition.cors"
#: The longest time that Chromium stores the answer to a preflight.
PREFLIGHT_SECONDS = 7200


class Cors:
    """An ASGI application that answers the preflights of allowed origins, and adds the headers that they need."""

    def __init__(self, app: ASGIApp, origins: Iterable[str], methods: Iterable[str]) -> None:
        """Pass the requests to `app`, which has these methods."""
        self._app = app
        self._origins = frozenset(origin.encode() for origin in origins)
        self._methods = ", ".join(methods).encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        origins = [value for name, value in scope["headers"] if name == b"origin"]
        headers: HeaderPairs = ((b"vary", b"Origin"),)
        if len(origins) == 1 and origins[0] in self._origins:
            headers += ((b"access-control-allow-origin", origins[0]), (b"access-control-expose-headers", b"*"))
            if scope["method"] == "OPTIONS":
                await self._answer_preflight(headers, send)
                return
        # A response that does not pass `send` reads them from the scope.
        scope[CORS_HEADERS] = headers

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message.get("headers", ()), *headers]}
            await send(message)

        await self._app(scope, receive, send_with_headers)

    async def _answer_preflight(self, headers: HeaderPairs, send: Send) -> None:
        """Allow every header: without cookies, none of them adds a right. `*` does not include Authorization."""
        own = (
            (b"access-control-allow-methods", self._methods),
            (b"access-control-allow-headers", b"Authorization, *"),
            (b"access-control-max-age", b"%d" % PREFLIGHT_SECONDS),
        )
        security = tuple((name.lower().encode(), value.encode()) for name, value in SECURITY_HEADERS.items())
        await send({"type": "http.response.start", "status": 204, "headers": [*headers, *own, *security]})
        await send({"type": "http.response.body", "body": b""})


def with_cors(app: ASGIApp, origins: Iterable[str], methods: Iterable[str]) -> ASGIApp:
    """Return the application with CORS for these origins; unchanged if there are none."""
    named = list(origins)
    return Cors(app, named, methods) if named else app
