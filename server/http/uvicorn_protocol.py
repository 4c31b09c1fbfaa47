"""HTTP as it comes in on a connection: uvicorn's around httptools, held to a size that httptools does not know."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

if TYPE_CHECKING:
    from uvicorn._types import ASGI3Application
    from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

#: The name, among the extensions of a request's scope, of what uvicorn knows of the request and its response.
CYCLE = "coalition.cycle"

#: How many bytes of one request may be something else than its body: address, headers, trailers, marks of chunks.
MAX_HEADER_BYTES = 65_536

TOO_LARGE = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\n"
    b"content-type: text/plain; charset=utf-8\r\n"
    b"content-length: 64\r\n"
    b"connection: close\r\n"
    b"\r\n"
    b"The headers and the address are too long: send 64 KiB at most.\r\n"
)


class BoundedHttpProtocol(HttpToolsProtocol):
    """Ends a connection on which a request comes whose headers never end; all of them are kept until they do."""

    _around_body = 0
    _in_headers = True
    _running: RequestResponseCycle | None = None

    def data_received(self, data: bytes) -> None:
        """Take in what came."""
        self._around_body += len(data)
        super().data_received(data)
        if self._around_body > MAX_HEADER_BYTES and not self.transport.is_closing():
            # In the midst of another answer this one would be taken for a part of it.
            if self.cycle is None or self.cycle.response_complete:
                self.transport.write(TOO_LARGE)
            self.transport.close()

    def on_message_begin(self) -> None:
        """Begin a request."""
        self._in_headers = True
        super().on_message_begin()

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take in a header; a trailer behind the body says nothing of who sends a request, nor of what."""
        if self._in_headers:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """Take in the end of the headers; the application begins once this turn of the loop is over."""
        self._in_headers = False
        super().on_headers_complete()
        if self.cycle is not None and self.cycle.scope is self.scope:
            extensions: dict[str, Any] = {CYCLE: self.cycle}
            self.scope["extensions"] = extensions

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        self._running = cycle
        super()._start_asgi_task(cycle, app)

    def connection_lost(self, exc: Exception | None) -> None:
        """End a connection; uvicorn tells the request that came last, which need not be the one that runs."""
        running = self._running
        if running is not None and not running.response_complete:
            running.disconnected = True
            running.message_event.set()
        super().connection_lost(exc)

    def on_body(self, body: bytes) -> None:
        """Take in a part of a body, for which the endpoint has a limit of its own."""
        self._around_body -= len(body)
        super().on_body(body)

    def on_message_complete(self) -> None:
        """End a request."""
        self._around_body = 0
        super().on_message_complete()
