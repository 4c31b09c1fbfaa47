"""Reads a request and sends its response as whole bytes, without ASGI messages.

ASGI messages take a third of the time of a small response, because uvicorn checks each header of each response.
Only this file uses the private attributes of uvicorn's connections.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from functools import lru_cache
from typing import TYPE_CHECKING

import orjson

from server.graphql.response import Response, body_headers, default_headers
from server.http.compression import compressed
from server.http.cors import CORS_HEADERS
from server.http.request_ids import HEADER, request_id
from server.http.uvicorn_protocol import CYCLE

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send
    from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

    from server.limits.rate_limits import RequestCost

#: How long to wait for the rest of a body; the endpoint waits longer.
BODY_SECONDS = 0.1


async def read_whole_body(cycle: RequestResponseCycle) -> bytes | None:
    """Return the body of a request; None if it does not arrive at once. ASGI messages can still deliver it later."""
    if cycle.more_body:
        with suppress(TimeoutError):
            async with asyncio.timeout(BODY_SECONDS):
                # uvicorn pauses a long body until the application receives its first part.
                while cycle.more_body and not cycle.disconnected and not cycle.flow.read_paused:
                    await cycle.message_event.wait()
                    if cycle.more_body:
                        cycle.message_event.clear()
    return None if cycle.more_body else bytes(cycle.body)


class RawResponse:
    """The response with the data of a query, written directly to the connection if uvicorn's state permits it."""

    __slots__ = ("_body", "_media_type")

    status = 200
    codes: tuple[str, ...] = ()

    def __init__(self, text: str, cost: RequestCost, media_type: str) -> None:
        """Take the JSON of the data, the cost of the request, and the media type of the response."""
        self._body = b'{"data":%b,"extensions":{"cost":%b}}' % (text.encode(), orjson.dumps(cost.extension()))
        self._media_type = media_type

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the response."""
        body, encoding = await compressed(self._body, scope["headers"])
        usual = _lines(default_headers(self._media_type))
        own = [*body_headers(len(body), encoding), (HEADER, (request_id() or "").encode())]
        head = b"".join([usual, *[b"%b: %b\r\n" % pair for pair in own], _lines(scope.get(CORS_HEADERS, ()))])
        if not _send(scope["extensions"][CYCLE], head, body):
            await Response(200, [*default_headers(self._media_type)], self._body)(scope, receive, send)


def _send(cycle: RequestResponseCycle, head: bytes, body: bytes) -> bool:
    """Send a response of status 200, as two ASGI messages would; return whether that was possible.

    `head` contains whole header lines, including Content-Length; uvicorn's own headers are added.
    """
    if cycle.disconnected or cycle.access_log or cycle.response_started or cycle.flow.write_paused:
        return False
    cycle.response_started = True
    own = b"".join([b"%b: %b\r\n" % pair for pair in cycle.default_headers])
    close = b"" if cycle.keep_alive else b"connection: close\r\n"
    cycle.transport.write(b"HTTP/1.1 200 OK\r\n%b%b%b\r\n%b" % (own, head, close, body))
    cycle.response_complete = True
    cycle.message_event.set()
    if not cycle.keep_alive:
        cycle.transport.close()
    cycle.on_response()
    return True


@lru_cache
def _lines(headers: tuple[tuple[bytes, bytes], ...]) -> bytes:
    return b"".join(b"%b: %b\r\n" % pair for pair in headers)
