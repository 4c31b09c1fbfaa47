"""The load generator: the same few clients for every server, each on one connection that it keeps.

It is our own, and small, because it must cost little beside the servers on the same two cores, look at every
answer, and send another text each time for cold documents. It sends bytes made beforehand and reads no more of an
answer than its length, its status and whether it holds errors: 50 µs for a small one where autocannon takes 110,
and wherever Python runs, as `wrk` would not.
"""

from __future__ import annotations

import re
import selectors
import socket
from time import perf_counter
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

CLIENTS = 8
MAX_BYTES = 1 << 18
SILENCE_SECONDS = 60
LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)\r\n", re.IGNORECASE)


class AnswerError(RuntimeError):
    """A server refused or failed, so that nothing it does can be measured; the message shows its answer."""


class Driven(NamedTuple):
    """What came of driving a server: how long it took, and how long each answer took, in seconds."""

    seconds: float
    latencies: list[float]

    @property
    def rate(self) -> float:
        """Requests in a second."""
        return len(self.latencies) / self.seconds


def request(port: int, body: bytes, headers: Mapping[str, str]) -> bytes:
    """Give the bytes of a POST to `/graphql`."""
    sent = {
        "host": f"127.0.0.1:{port}",
        "accept": "application/graphql-response+json, application/json",
        "content-type": "application/json",
        "content-length": str(len(body)),
        **headers,
    }
    lines = "".join(f"{name}: {value}\r\n" for name, value in sent.items())
    return f"POST /graphql HTTP/1.1\r\n{lines}\r\n".encode() + body


def drive(
    port: int,
    requests: Iterator[bytes],
    *,
    clients: int = CLIENTS,
    seconds: float = float("inf"),
    number: float = float("inf"),
) -> Driven:
    """Send requests for so many `seconds`, or until their `number` is reached, whichever comes first.

    Raises AnswerError for an answer that is none, and for a server that stays silent.
    """
    with selectors.DefaultSelector() as selector:
        connections = [_Connection(port) for _ in range(clients)]
        for connection in connections:
            selector.register(connection.socket, selectors.EVENT_READ, connection)
        try:
            return _drive(selector, connections, requests, seconds, number)
        finally:
            for connection in connections:
                connection.socket.close()


def ask(port: int, sent: bytes) -> bytes:
    """Send one request; give the body of its answer. Raises AnswerError."""
    connection = _Connection(port)
    try:
        connection.send(sent)
        while (body := connection.receive()) is None:
            pass
        return body
    finally:
        connection.socket.close()


def _drive(
    selector: selectors.BaseSelector,
    connections: list[_Connection],
    requests: Iterator[bytes],
    seconds: float,
    number: float,
) -> Driven:
    latencies: list[float] = []
    begun = perf_counter()
    running = 0
    for connection in connections:
        connection.send(next(requests))
        running += 1
    end = begun + seconds
    while running:
        ready = selector.select(SILENCE_SECONDS)
        if not ready:
            message = f"No answer for {SILENCE_SECONDS} seconds."
            raise AnswerError(message)
        for found, _ in ready:
            connection = found.data
            if connection.receive() is None:
                continue
            now = perf_counter()
            latencies.append(now - connection.begun)
            running -= 1
            if now < end and len(latencies) + running < number:
                connection.send(next(requests))
                running += 1
    return Driven(perf_counter() - begun, latencies)


class _Connection:
    """One client: it has one request on its way at a time."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=SILENCE_SECONDS)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.begun = 0.0
        self._parts: list[bytes] = []
        self._missing = -1

    def send(self, sent: bytes) -> None:
        """Send a request."""
        self.begun = perf_counter()
        self.socket.sendall(sent)

    def receive(self) -> bytes | None:
        """Read what is there; give the body of the answer once it is whole, None before."""
        part = self.socket.recv(MAX_BYTES)
        if not part:
            message = "The server closed the connection."
            raise AnswerError(message)
        self._parts.append(part)
        if self._missing < 0:
            head, end, body = b"".join(self._parts).partition(b"\r\n\r\n")
            if not end:
                return None
            self._begin(head + b"\r\n", body)
        else:
            self._missing -= len(part)
        return self._whole() if self._missing <= 0 else None

    def _begin(self, head: bytes, body: bytes) -> None:
        length = LENGTH.search(head)
        if length is None or not head.startswith(b"HTTP/1.1 200"):
            raise AnswerError((head + body).decode(errors="replace"))
        self._missing = int(length[1]) - len(body)
        self._parts = [body]

    def _whole(self) -> bytes:
        body = b"".join(self._parts)
        self._parts, self._missing = [], -1
        if not body.startswith(b'{"data":{') or b'"errors":' in body:
            raise AnswerError(body[:2000].decode(errors="replace"))
        return body
