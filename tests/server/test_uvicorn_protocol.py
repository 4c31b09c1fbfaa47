"""HTTP on a connection of the real server: the size of every part of a request other than its body is limited."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.servers.connections import connected, listening

if TYPE_CHECKING:
    import socket
    from collections.abc import Iterator

PATIENCE_SECONDS = 10
ASKED = b'{"query": "{ __typename }"}'
POST = b"POST /graphql HTTP/1.1\r\nhost: here\r\ncontent-type: application/json\r\n"


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, int]]:
    with listening(tmp_path_factory.mktemp("served")) as found:
        yield found


def answered(connection: socket.socket, request: bytes) -> bytes:
    """Send a request; return the response."""
    connection.sendall(request)
    received = b""
    while not received.endswith((b"}}}", b"KiB.\r\n")):
        got = connection.recv(65536)
        assert got, received
        received += got
    return received


@pytest.mark.parametrize(
    "begun",
    [
        b"GET /graphql?query=",
        b"GET /livez HTTP/1.1\r\nhost: here\r\nx-long: ",
        b"GET /livez HTTP/1.1\r\nhost: here\r\n",
        POST + b"transfer-encoding: chunked\r\n\r\n1b\r\n" + ASKED + b"\r\n0\r\nx-trailer: ",
        POST + b"transfer-encoding: chunked\r\n\r\n1b;extension=",
    ],
    ids=["address", "value", "headers", "trailer", "extension"],
)
def test_what_is_no_body_is_not_read_without_end(address: tuple[str, int], begun: bytes) -> None:
    filler = b"x: y\r\n" * 10_000 if begun.endswith(b"here\r\n") else b"x" * 60_000
    with connected(address) as connection, pytest.raises(ConnectionError):  # noqa: PT012 - which of them ends it is open
        connection.sendall(begun)
        for _ in range(200):
            connection.sendall(filler)
            connection.settimeout(0.05)
            try:
                while connection.recv(65536):
                    pass
                raise ConnectionError
            except TimeoutError:
                connection.settimeout(PATIENCE_SECONDS)


def test_headers_that_are_too_long_are_answered_with_what_to_do(address: tuple[str, int]) -> None:
    with connected(address) as connection:
        answer = answered(connection, b"GET /livez HTTP/1.1\r\nhost: here\r\nx-long: " + b"x" * 65_536)
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 431 ")
    assert body == b"The headers and the URL are too long: send at most 64 KiB.\r\n"
    assert f"content-length: {len(body)}".encode() in head


def test_many_requests_on_one_connection_are_no_long_request(address: tuple[str, int]) -> None:
    request = POST + b"x-padding: " + b"x" * 5000 + b"\r\ncontent-length: 27\r\n\r\n" + ASKED
    with connected(address) as connection:
        for _ in range(40):
            assert answered(connection, request).startswith(b"HTTP/1.1 200 ")


def test_a_long_body_counts_as_no_header(address: tuple[str, int]) -> None:
    body = b" " * 200_000 + ASKED
    with connected(address) as connection:
        answer = answered(connection, POST + f"content-length: {len(body)}\r\n\r\n".encode() + body)
    assert answer.startswith(b"HTTP/1.1 200 ")
