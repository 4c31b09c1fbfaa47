"""Connections of a hostile client: slow ones, ones that end too early, and ones that request a WebSocket."""

from __future__ import annotations

import json
import socket
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NoReturn
from urllib.parse import urlsplit

import httpx2
import pytest
from starlette.routing import Route
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from server.app import build_app
from server.config.settings import load_settings
from tests.servers.processes import serving
from tests.support.database.table_locks import WAITING, comes, held, running
from tests.support.transport_schema import SECRET

if TYPE_CHECKING:
    from collections.abc import Iterator

HEAD = "POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
HANDSHAKE = (
    "GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n{more}\r\n"
)
HEADERS = {
    "content-security-policy",
    "cross-origin-resource-policy",
    "referrer-policy",
    "x-content-type-options",
    "x-frame-options",
}


@pytest.fixture(scope="module")
def postgresql_url(postgresql_databases: Any) -> Iterator[str]:
    with postgresql_databases.migrated() as url:
        yield url


@pytest.fixture(scope="module")
def address(postgresql_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Start a server with a long time limit for operations and a short one for bodies; yield its address."""
    settings = {"anonymous_reads": "1", "max_body_seconds": "0.5", "max_seconds": "60"}
    with serving(cwd=tmp_path_factory.mktemp("server"), code=None, database_url=postgresql_url, **settings) as server:
        yield server.address


@contextmanager
def connected(address: str) -> Iterator[socket.socket]:
    """Yield a plain TCP connection to a server."""
    place = urlsplit(address)
    with socket.create_connection((place.hostname or "", place.port or 0), timeout=10) as connection:
        yield connection


def received(connection: socket.socket) -> tuple[int, dict[str, str], bytes]:
    """Return the status, headers and body of the response; the server must close the connection after it."""
    data = b""
    while chunk := connection.recv(65536):
        data += chunk
    head, _, body = data.partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    return int(first.split()[1]), headers, body


def the_error(body: bytes) -> tuple[str, str]:
    [error] = json.loads(body)["errors"]
    return error["extensions"]["code"], error["message"]


def request(query: str) -> bytes:
    body = json.dumps({"query": query})
    return f"{HEAD}Content-Length: {len(body)}\r\n\r\n{body}".encode()


@pytest.mark.parametrize("sent", [b"", b'{"query"'])
def test_a_body_that_does_not_arrive_is_waited_for_only_so_long(address: str, sent: bytes) -> None:
    with connected(address) as connection:
        started = time.monotonic()
        connection.sendall(f"{HEAD}Content-Length: 100\r\n\r\n".encode() + sent)
        status, headers, body = received(connection)
    assert 0.4 < time.monotonic() - started < 5
    assert (status, headers["connection"]) == (408, "close")
    assert the_error(body) == (
        "REQUEST_TIMEOUT",
        "The request body did not arrive within 0.5 seconds: send it without pauses.",
    )


def test_a_body_that_trickles_is_waited_for_no_longer(address: str) -> None:
    with connected(address) as connection:
        connection.sendall(f"{HEAD}Content-Length: 100000\r\n\r\n".encode())
        started = time.monotonic()
        connection.settimeout(0.1)
        answer = b""
        while not answer and time.monotonic() - started < 5:
            connection.sendall(b" ")
            try:
                answer = connection.recv(65536)
            except TimeoutError:
                continue
    assert answer.startswith(b"HTTP/1.1 408 ")


def test_the_statement_of_a_client_that_goes_away_ends(address: str, postgresql_url: str) -> None:
    with held(postgresql_url):
        with connected(address) as connection:
            connection.sendall(request(WAITING))
            assert comes(lambda: running(postgresql_url) == 1)
        assert comes(lambda: running(postgresql_url) == 0)
    answer = httpx2.post(address, json={"query": WAITING})
    assert (answer.status_code, answer.json()["data"]) == (200, {"capabilityAreas": {"totalCount": 0}})


def test_a_client_that_goes_away_is_noticed_whatever_it_has_sent_behind(address: str, postgresql_url: str) -> None:
    with held(postgresql_url):
        with connected(address) as connection:
            connection.sendall(request(WAITING) + request("{ __typename }"))
            assert comes(lambda: running(postgresql_url) == 1)
        assert comes(lambda: running(postgresql_url) == 0)


@pytest.mark.parametrize("trailer", ["Authorization: Bearer itc_no", "Content-Type: text/plain", "Cookie: a=b"])
@pytest.mark.parametrize("pause", [0, 0.1])
def test_what_stands_behind_a_body_is_no_header(address: str, trailer: str, pause: float) -> None:
    body = json.dumps({"query": "{ __typename }"})
    chunks = f"{len(body):x}\r\n{body}\r\n0\r\n"
    with connected(address) as connection:
        connection.sendall(f"{HEAD}Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n{chunks}".encode())
        time.sleep(pause)
        connection.sendall(f"{trailer}\r\n\r\n".encode())
        status, _, answer = received(connection)
    assert (status, json.loads(answer)["data"]) == (200, {"__typename": "Query"})


def test_a_body_that_was_packed_for_the_way_is_refused(address: str) -> None:
    with connected(address) as connection:
        connection.sendall(f"{HEAD}Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n".encode())
        status, _, body = received(connection)
    assert (status, the_error(body)[0]) == (400, "BAD_REQUEST")


@pytest.mark.parametrize("path", ["/graphql", "/graphql?query=%7B__typename%7D"])
@pytest.mark.parametrize(
    "more",
    [
        "",
        "Sec-WebSocket-Protocol: graphql-transport-ws\r\n",
        "Sec-WebSocket-Protocol: graphql-ws\r\n",
        "Sec-WebSocket-Protocol: graphql-ws\r\nOrigin: https://elsewhere.example\r\n",
        "Sec-WebSocket-Protocol: graphql-transport-ws, graphql-ws\r\nOrigin: http://localhost:8000\r\n",
        "Accept: text/html\r\n",
    ],
)
def test_no_websocket_is_opened_whatever_protocol_and_origin_it_names(address: str, path: str, more: str) -> None:
    with connected(address) as connection:
        connection.sendall(HANDSHAKE.format(path=path, more=more).encode())
        status, headers, body = received(connection)
    assert (status, headers["connection"]) == (400, "close")
    assert "upgrade" not in headers
    assert headers.keys() >= HEADERS
    assert the_error(body) == ("BAD_REQUEST", "WebSockets are not supported: send each operation as a POST.")


@pytest.mark.parametrize("protocol", [[], ["graphql-ws"], ["graphql-transport-ws"]])
def test_no_websocket_is_opened_where_another_server_would_open_one(protocol: list[str]) -> None:
    with (
        TestClient(build_app(load_settings(anonymous_reads=True))) as client,
        pytest.raises(WebSocketDisconnect),
        client.websocket_connect("/graphql", protocol),
    ):
        pass


@pytest.mark.parametrize("path", ["/livez", "/readyz", "/nothing", "/graphiql/nothing"])
def test_no_websocket_is_opened_anywhere_else(address: str, path: str) -> None:
    with connected(address) as connection:
        connection.sendall(HANDSHAKE.format(path=path, more="Sec-WebSocket-Protocol: graphql-ws\r\n").encode())
        assert connection.recv(65536).split()[1] in {b"200", b"404"}


@pytest.mark.parametrize(
    "path", ["/graphql", "/graphql?query=%7B", "/livez", "/readyz", "/nothing", "/graphiql/nothing"]
)
def test_every_answer_tells_browsers_what_to_refrain_from(address: str, path: str) -> None:
    answer = httpx2.get(address.replace("/graphql", path))
    assert answer.headers.keys() >= HEADERS
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
    assert "default-src 'none'" in answer.headers["content-security-policy"]


def test_a_fault_outside_the_api_is_masked_and_has_the_headers_too() -> None:
    def fail(_request: object) -> NoReturn:
        raise RuntimeError(SECRET)

    app = build_app(load_settings())
    app.router.routes.append(Route("/broken", fail))
    with TestClient(app, raise_server_exceptions=False) as client:
        answer = client.get("/broken")
    assert (answer.status_code, answer.headers.keys() >= HEADERS) == (500, True)
    assert the_error(answer.content) == ("INTERNAL_SERVER_ERROR", "Internal server error")
