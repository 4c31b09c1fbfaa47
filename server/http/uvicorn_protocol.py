"""uvicorn's HTTP protocol with httptools, made stricter about the end of a request."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from httptools import HttpParserError, HttpParserInvalidURLError, HttpParserUpgrade, HttpRequestParser
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from server.http.framing import InvalidHeadError, check_head, ends_connection, refusal, without_upgrade

if TYPE_CHECKING:
    import asyncio

    from uvicorn._types import ASGI3Application
    from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

    from server.http.connections import Connections

#: The key, in the extensions of a request's scope, of uvicorn's object for the request and its response.
CYCLE = "coalition.cycle"

#: The maximum number of bytes of one request outside its body: URL, headers, trailers and chunk sizes.
MAX_HEADER_BYTES = 65_536

TOO_LARGE = refusal(
    HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, "The headers and the URL are too long: send at most 64 KiB."
)
#: By reason in `server/http/connections.py`: the response to a head that did not arrive as a whole.
EXPIRED = {
    "late": refusal(HTTPStatus.REQUEST_TIMEOUT, "The head of the request did not arrive in time: send it at once."),
    "idle": refusal(HTTPStatus.SERVICE_UNAVAILABLE, "The server has too many connections: send the request at once."),
    "full": refusal(HTTPStatus.SERVICE_UNAVAILABLE, "The server has too many connections: try again in a moment."),
}


class BoundedHttpProtocol(HttpToolsProtocol):
    """Closes connections whose requests are invalid, ambiguous, slow, or have headers longer than 64 KiB.

    It ignores an offer to upgrade, as RFC 9110 (section 7.8) permits. httptools would read the bytes after the head as
    another protocol, and uvicorn as the next request (uvicorn issue 2722).
    """

    _around_body = 0
    _in_headers = True
    _offered = b""
    _refused = False
    _running: RequestResponseCycle | None = None
    #: Whether a part of a head has arrived, and the rest has not.
    _has_begun = False

    def __init__(self, *given: Any, limits: Connections, **named: Any) -> None:
        """Take uvicorn's arguments, and the limits of all connections of the process."""
        super().__init__(*given, **named)
        self._limits = limits

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin a connection."""
        super().connection_made(transport)
        self._limits.add(self, self.loop)

    def expire(self, reason: str) -> None:
        """Close the connection, for a reason of `server/http/connections.py`."""
        self._refused = True
        # A client that sends nothing waits for no response, and could take it for that to a later request.
        if self._has_begun or reason == "full":
            self.transport.write(EXPIRED[reason])
        self.transport.close()

    def data_received(self, data: bytes) -> None:
        """Process received bytes."""
        if self._refused:
            return
        self._around_body += len(data)
        self._unset_keepalive_if_required()
        try:
            self._parse(data)
        except HttpParserError as error:
            reason = _reason(error)
            self.logger.warning("a connection sent an invalid request: %s", reason)
            self._limits.count("invalid")
            self._refuse(refusal(HTTPStatus.BAD_REQUEST, f"The request is not valid HTTP/1.1: {reason}."))
        else:
            if self._around_body > MAX_HEADER_BYTES:
                self._limits.count("invalid")
                self._refuse(TOO_LARGE)

    def _parse(self, data: bytes) -> None:
        """Parse received bytes; parse a head that offers an upgrade again, without the offer."""
        while True:
            try:
                self.parser.feed_data(data)
            except HttpParserUpgrade as offer:
                head, self._offered = without_upgrade(
                    self.scope["method"], self.url, self.scope["http_version"], self.headers
                )
                data = head + data[offer.args[0] :]
                # The first parser cannot read more if the head closes the connection.
                self.parser = HttpRequestParser(self)
                self.parser.set_dangerous_leniencies(lenient_data_after_close=True)
            else:
                return

    def _should_upgrade(self) -> bool:
        """Make uvicorn wait for the second parsing of a head that offers an upgrade."""
        return True

    def _refuse(self, answer: bytes) -> None:
        """Stop reading, and close the connection after the responses to all complete earlier requests."""
        self._refused = True
        cycle = self.cycle
        if cycle is None or cycle.response_complete:
            self.transport.write(answer)
        elif not cycle.more_body:
            # The error comes after this request, whose own response is still pending.
            cycle.keep_alive = False
            return
        elif cycle is self._running and not cycle.response_started:
            # The error is in the body of this request.
            cycle.disconnected = True
            self.transport.write(answer)
        self.transport.close()

    def on_message_begin(self) -> None:
        """Start a request."""
        self._in_headers = self._has_begun = True
        if self.cycle is None or self.cycle.response_complete:
            self._limits.wait(self, self.loop)
        super().on_message_begin()

    def on_header(self, name: bytes, value: bytes) -> None:
        """Process a header; ignore a trailer, which must not change the request."""
        if self._in_headers:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """Process the end of the headers; the application starts after this turn of the event loop."""
        self._in_headers = False
        version = self.parser.get_http_version()
        check_head(self.parser.get_method().decode(), version, self.headers)
        if b"websocket" in self._offered.lower():
            # The endpoint then rejects WebSockets, which a client understands better than another response.
            self.headers.append((b"upgrade", self._offered))
        self._offered = b""
        self._has_begun = False
        self._limits.run(self)
        super().on_headers_complete()
        if self.cycle is not None and self.cycle.scope is self.scope:
            extensions: dict[str, Any] = {CYCLE: self.cycle}
            self.scope["extensions"] = extensions
            if ends_connection(version, self.headers):
                self.cycle.keep_alive = False

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        self._running = cycle
        super()._start_asgi_task(cycle, app)

    def on_response_complete(self) -> None:
        """End a response; wait for the next request."""
        super().on_response_complete()
        if not self.pipeline and not self.transport.is_closing() and self._running is self.cycle:
            self._limits.wait(self, self.loop)

    def connection_lost(self, exc: Exception | None) -> None:
        """Close a connection; also notify the running request, because uvicorn notifies only the latest one."""
        running = self._running
        if running is not None and not running.response_complete:
            running.disconnected = True
            running.message_event.set()
        self._limits.remove(self)
        super().connection_lost(exc)

    def on_body(self, body: bytes) -> None:
        """Process a part of a body, for which the endpoint has its own limit."""
        self._around_body -= len(body)
        super().on_body(body)

    def on_message_complete(self) -> None:
        """End a request."""
        if not self.parser.should_upgrade():
            self._around_body = 0
        super().on_message_complete()


def _reason(error: HttpParserError) -> str:
    """Return the error in a request, without quoting the request."""
    # An exception from a callback of the parser becomes the context of the parser's error.
    cause = error.__context__ or error
    if isinstance(cause, HttpParserInvalidURLError):
        return "its URL is not valid"
    return str(cause if isinstance(cause, InvalidHeadError) else error)
