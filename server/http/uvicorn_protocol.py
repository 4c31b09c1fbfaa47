"""HTTP as it comes in on a connection: uvicorn's around httptools, stricter about where a request ends."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from httptools import HttpParserError, HttpParserInvalidURLError, HttpParserUpgrade, HttpRequestParser
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from server.http.framing import InvalidHeadError, check_head, ends_connection, refusal, without_upgrade

if TYPE_CHECKING:
    from uvicorn._types import ASGI3Application
    from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

#: The name, among the extensions of a request's scope, of what uvicorn knows of the request and its response.
CYCLE = "coalition.cycle"

#: How many bytes of one request may be something else than its body: address, headers, trailers, marks of chunks.
MAX_HEADER_BYTES = 65_536

TOO_LARGE = refusal(
    HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, "The headers and the address are too long: send 64 KiB at most."
)


class BoundedHttpProtocol(HttpToolsProtocol):
    """Reads requests as long as there is no doubt where each ends, and no head that goes on without end.

    An offer to upgrade is ignored, as any server may do (RFC 9110, section 7.8). httptools would take what follows
    the head for another protocol, and uvicorn for the next request (uvicorn issue 2722).
    """

    _around_body = 0
    _in_headers = True
    _offered = b""
    _refused = False
    _running: RequestResponseCycle | None = None

    def data_received(self, data: bytes) -> None:
        """Take in what came."""
        if self._refused:
            return
        self._around_body += len(data)
        self._unset_keepalive_if_required()
        try:
            self._parse(data)
        except HttpParserError as error:
            reason = _reason(error)
            self.logger.warning("a connection sent what is no request: %s", reason)
            self._refuse(refusal(HTTPStatus.BAD_REQUEST, f"The request is not valid HTTP/1.1: {reason}."))
        else:
            if self._around_body > MAX_HEADER_BYTES:
                self._refuse(TOO_LARGE)

    def _parse(self, data: bytes) -> None:
        """Parse what came; a head that offers an upgrade a second time, without the offer."""
        while True:
            try:
                self.parser.feed_data(data)
            except HttpParserUpgrade as offer:
                head, self._offered = without_upgrade(
                    self.scope["method"], self.url, self.scope["http_version"], self.headers
                )
                data = head + data[offer.args[0] :]
                # The other may read nothing more, where the head said that its connection ends.
                self.parser = HttpRequestParser(self)
                self.parser.set_dangerous_leniencies(lenient_data_after_close=True)
            else:
                return

    def _should_upgrade(self) -> bool:
        """Have uvicorn begin nothing with a head that offers an upgrade: it is parsed again without the offer."""
        return True

    def _refuse(self, answer: bytes) -> None:
        """Read nothing more, and end the connection once every whole request before has its answer."""
        self._refused = True
        cycle = self.cycle
        if cycle is None or cycle.response_complete:
            self.transport.write(answer)
        elif not cycle.more_body:
            # The fault stands behind this request, whose own answer is still to come.
            cycle.keep_alive = False
            return
        elif cycle is self._running and not cycle.response_started:
            # The fault is in its body.
            cycle.disconnected = True
            self.transport.write(answer)
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
        version = self.parser.get_http_version()
        check_head(self.parser.get_method().decode(), version, self.headers)
        if b"websocket" in self._offered.lower():
            # The endpoint says that it serves none, which a client understands better than another answer.
            self.headers.append((b"upgrade", self._offered))
        self._offered = b""
        super().on_headers_complete()
        if self.cycle is not None and self.cycle.scope is self.scope:
            extensions: dict[str, Any] = {CYCLE: self.cycle}
            self.scope["extensions"] = extensions
            if ends_connection(version, self.headers):
                self.cycle.keep_alive = False

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
        if not self.parser.should_upgrade():
            self._around_body = 0
        super().on_message_complete()


def _reason(error: HttpParserError) -> str:
    """Give what is wrong with a request, in words that hold nothing of it."""
    # What is raised while a request is taken in is found there.
    cause = error.__context__ or error
    if isinstance(cause, HttpParserInvalidURLError):
        return "its address is not valid"
    return str(cause if isinstance(cause, InvalidHeadError) else error)
