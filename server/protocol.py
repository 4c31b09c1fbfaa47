"""HTTP as it comes in on a connection: uvicorn's around httptools, held to a size that httptools does not know."""

from __future__ import annotations

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

#: How many bytes of one request may be something else than its body: address, headers, trailers, marks of chunks.
MOST_BYTES = 65_536

TOO_LARGE = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\n"
    b"content-type: text/plain; charset=utf-8\r\n"
    b"content-length: 64\r\n"
    b"connection: close\r\n"
    b"\r\n"
    b"The headers and the address are too long: send 64 KiB at most.\r\n"
)


class HttpProtocol(HttpToolsProtocol):
    """Ends a connection on which a request comes whose headers never end; all of them are kept until they do."""

    _around_body = 0

    def data_received(self, data: bytes) -> None:
        """Take in what came."""
        self._around_body += len(data)
        super().data_received(data)
        if self._around_body > MOST_BYTES and not self.transport.is_closing():
            # In the midst of another answer this one would be taken for a part of it.
            if self.cycle is None or self.cycle.response_complete:
                self.transport.write(TOO_LARGE)
            self.transport.close()

    def on_body(self, body: bytes) -> None:
        """Take in a part of a body, for which the endpoint has a limit of its own."""
        self._around_body -= len(body)
        super().on_body(body)

    def on_message_complete(self) -> None:
        """End a request."""
        self._around_body = 0
        super().on_message_complete()
