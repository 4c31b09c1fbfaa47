"""A request and its response as whole bytes, past ASGI's messages.

These cost a small response a third of its time, because uvicorn checks each header of each response by itself.
This is the one file that reads the private attributes of uvicorn's connections.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from functools import lru_cache
from typing import TYPE_CHECKING

import orjson

from server.graphql.response import Response, default_headers
from server.http.request_ids import HEADER, request_id
from server.http.uvicorn_protocol import CYCLE

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send
    from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

    from server.limits.rate_limits import RequestCost

#: How long the rest of a body is waited for; the endpoint waits longer.
BODY_SECONDS = 0.1


async def read_whole_body(cycle: RequestResponseCycle) -> bytes | None:
    """Return the body of a request, which ASGI's messages hold as well; None where it does not arrive at once."""
    if cycle.more_body:
        with suppress(TimeoutError):
            async with asyncio.timeout(BODY_SECONDS):
                # A body that is longer than uvicorn reads at once never arrives before it is received.
                while cycle.more_body and not cycle.disconnected and not cycle.flow.read_paused:
                    await cycle.message_event.wait()
                    if cycle.more_body:
                        cycle.message_event.clear()
    return None if cycle.more_body else bytes(cycle.body)


class RawResponse:
    """The response with the data of a query: sent at once where uvicorn is in the state for it."""

    __slots__ = ("_body", "_media_type")

    def __init__(self, text: str, bill: RequestCost, media_type: str) -> None:
        """Take the JSON of the data, the cost of the request, and the media type of the response."""
        self._body = b'{"data":%b,"extensions":{"cost":%b}}' % (text.encode(), orjson.dumps(bill.extension()))
        self._media_type = media_type

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it."""
        if not _send(scope["extensions"][CYCLE], self._head(), self._body):
            length = (b"content-length", b"%d" % len(self._body))
            await Response(200, [*default_headers(self._media_type), length], self._body)(scope, receive, send)

    def _head(self) -> bytes:
        own = (request_id() or "").encode()
        return b"%bcontent-length: %d\r\n%b: %b\r\n" % (_lines(self._media_type), len(self._body), HEADER, own)


def _send(cycle: RequestResponseCycle, head: bytes, body: bytes) -> bool:
    """Send a response of status 200, as ASGI's two messages would; return whether that was possible.

    `head` holds whole lines, Content-Length among them; uvicorn's own are added.
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
def _lines(media_type: str) -> bytes:
    return b"".join(b"%b: %b\r\n" % pair for pair in default_headers(media_type))
