"""Request framing: the server refuses a request that can be read in two ways, and runs nothing behind it."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING

import pytest

from tests.servers.connections import connected, listening

if TYPE_CHECKING:
    from collections.abc import Iterator

ASKED = b'{"query": "{ __typename }"}'
HOST = b"Host: localhost\r\n"
POST = b"POST /graphql HTTP/1.1\r\n" + HOST + b"Content-Type: application/json\r\n"
#: A request that is seen to have run by what it answers.
ALIVE = b"GET /livez HTTP/1.1\r\n" + HOST + b"Connection: close\r\n\r\n"
#: What Java's HTTP client sends with every request unless it was told to speak HTTP/1.1 only.
JAVA = (
    b"POST /graphql HTTP/1.1\r\nConnection: Upgrade, HTTP2-Settings\r\nContent-Length: %d\r\n"
    b"Host: localhost\r\nHTTP2-Settings: AAEAAEAAAAIAAAABAAMAAABkAAQBAAAAAAUAAEAA\r\n"
    b"Upgrade: h2c\r\nUser-Agent: Java-http-client/17.0.19\r\n"
    b"content-type: application/json\r\n\r\n"
)


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, int]]:
    with listening(tmp_path_factory.mktemp("served")) as found:
        yield found


def statuses(answers: bytes) -> list[int]:
    return [int(found) for found in re.findall(rb"HTTP/1\.1 ([0-9]{3}) ", answers)]


def all_answers(address: tuple[str, int], *pieces: bytes, pause: float = 0.05) -> bytes:
    """Send the pieces one after another; return everything received until the server closes the connection."""
    received = b""
    with connected(address) as connection:
        try:
            for index, piece in enumerate(pieces):
                time.sleep(pause if index else 0)
                connection.sendall(piece)
            while got := connection.recv(65536):
                received += got
        except ConnectionError:
            pass
    return received


def offering(offer: bytes, body: bytes) -> bytes:
    return POST + offer + b"Content-Length: %d\r\n\r\n" % len(body) + body


OFFERS = [
    b"Connection: Upgrade\r\nUpgrade: h2c\r\n",
    b"Upgrade: TLS/1.0, HTTP/2.0\r\nConnection: keep-alive, x,\tuPGRADE \r\n",
    b"Connection: x\r\nUpgrade: anything\r\nConnection: upgrade\r\n",
    b"Proxy-Connection: upgrade\r\nUpgrade: h2c\r\n",
]


@pytest.mark.parametrize("offer", OFFERS)
@pytest.mark.parametrize("apart", [True, False])
def test_the_body_of_a_request_that_offers_an_upgrade_is_no_request(
    address: tuple[str, int], offer: bytes, *, apart: bool
) -> None:
    request = offering(offer, ALIVE)
    pieces = (request[: -len(ALIVE)], ALIVE) if apart else (request,)
    answers = all_answers(address, *pieces, POST + b"Connection: close\r\nContent-Length: 27\r\n\r\n" + ASKED)
    assert statuses(answers) == [400, 200]
    assert b"alive" not in answers


@pytest.mark.parametrize("offer", OFFERS)
def test_an_offer_to_upgrade_is_ignored(address: tuple[str, int], offer: bytes) -> None:
    answers = all_answers(address, offering(offer, ASKED) * 3 + ALIVE)
    assert statuses(answers) == [200, 200, 200, 200]
    assert answers.count(b'{"__typename":"Query"}') == 3
    assert b"upgrade" not in answers.lower()


def test_many_requests_at_once_that_offer_an_upgrade_are_answered(address: tuple[str, int]) -> None:
    short = b"GET /livez HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n"
    assert statuses(all_answers(address, short * 2000 + ALIVE)) == [200] * 2001


@pytest.mark.parametrize("size", [1, 7, 100])
def test_the_request_of_javas_client_is_answered_in_whatever_pieces_it_comes(
    address: tuple[str, int], size: int
) -> None:
    request = JAVA % len(ASKED) + ASKED + JAVA % len(ALIVE) + ALIVE + ALIVE
    pieces = [request[start : start + size] for start in range(0, len(request), size)]
    answers = all_answers(address, *pieces, pause=0)
    assert statuses(answers) == [200, 400, 200]


def test_a_request_that_offers_an_upgrade_keeps_what_else_its_connection_says(address: tuple[str, int]) -> None:
    closing = offering(b"Connection: close, upgrade\r\nUpgrade: h2c\r\n", ASKED)
    for request in (closing, offering(OFFERS[0], ASKED).replace(b"HTTP/1.1", b"HTTP/1.0")):
        assert statuses(all_answers(address, request + ALIVE)) == [200]


def test_the_headers_of_a_request_that_offers_an_upgrade_are_counted(address: tuple[str, int]) -> None:
    long = b"X: " + b"x" * 40_000 + b"\r\n"
    chunk = b"Transfer-Encoding: chunked\r\n\r\n1;" + b"x" * 30_000 + b"\r\n"
    assert statuses(all_answers(address, POST + OFFERS[0] + long, chunk)) == [431]


def chunked(rest: bytes) -> bytes:
    return POST + b"Transfer-Encoding: chunked\r\n\r\n" + rest


REFUSED = {
    "length and encoding": POST + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "encoding and length": POST + b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
    "two lengths": POST + b"Content-Length: 27\r\nContent-Length: 0\r\n\r\n" + ASKED,
    "one length twice": POST + b"Content-Length: 27\r\nContent-Length: 27\r\n\r\n" + ASKED,
    "a list of lengths": POST + b"Content-Length: 27, 27\r\n\r\n" + ASKED,
    "a length with a sign": POST + b"Content-Length: +27\r\n\r\n" + ASKED,
    "a length below zero": POST + b"Content-Length: -1\r\n\r\n" + ASKED,
    "a hexadecimal length": POST + b"Content-Length: 0x1b\r\n\r\n" + ASKED,
    "a length with a space": POST + b"Content-Length: 2 7\r\n\r\n" + ASKED,
    "an empty length": POST + b"Content-Length:\r\n\r\n" + ASKED,
    "a length beyond 64 bits": POST + b"Content-Length: 18446744073709551643\r\n\r\n" + ASKED,
    "chunked but not last": POST + b"Transfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n",
    "chunked twice": POST + b"Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n",
    "chunked in two headers": POST + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "almost chunked": POST + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    "chunked in quotes": POST + b'Transfer-Encoding: "chunked"\r\n\r\n0\r\n\r\n',
    "chunked behind a tab of another kind": POST + b"Transfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n",
    "identity": POST + b"Transfer-Encoding: identity\r\n\r\n" + ASKED,
    "no encoding": POST + b"Transfer-Encoding:\r\n\r\n0\r\n\r\n",
    "a space before the colon": POST + b"Content-Length : 27\r\n\r\n" + ASKED,
    "a space before a name": b"GET /livez HTTP/1.1\r\n Host: localhost\r\n\r\n",
    "a folded header": POST + b"X-Folded: one\r\n two\r\nContent-Length: 27\r\n\r\n" + ASKED,
    "a folded length": POST + b"Content-Length:\r\n 27\r\n\r\n" + ASKED,
    "a bare line feed behind the request line": b"GET /livez HTTP/1.1\nHost: localhost\r\n\r\n",
    "a bare line feed behind a header": b"GET /livez HTTP/1.1\r\nHost: localhost\nX: y\r\n\r\n",
    "a bare line feed behind the headers": b"GET /livez HTTP/1.1\r\nHost: localhost\r\n\n",
    "a bare carriage return": b"GET /livez HTTP/1.1\r\nHost: localhost\rX: y\r\n\r\n",
    "a NUL in a value": b"GET /livez HTTP/1.1\r\nHost: localhost\r\nX: a\x00b\r\n\r\n",
    "a NUL in a name": b"GET /livez HTTP/1.1\r\nHost: localhost\r\nX\x00: a\r\n\r\n",
    "a NUL in the address": b"GET /livez\x00 HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "a header without a name": b"GET /livez HTTP/1.1\r\nHost: localhost\r\n: a\r\n\r\n",
    "a header without a colon": b"GET /livez HTTP/1.1\r\nHost: localhost\r\nX\r\n\r\n",
    "a chunk size in C": chunked(b"0x1b\r\n" + ASKED + b"\r\n0\r\n\r\n"),
    "a chunk size with a space": chunked(b"1b \r\n" + ASKED + b"\r\n0\r\n\r\n"),
    "a chunk size behind a space": chunked(b" 1b\r\n" + ASKED + b"\r\n0\r\n\r\n"),
    "a chunk size with a sign": chunked(b"-1b\r\n" + ASKED + b"\r\n0\r\n\r\n"),
    "a chunk size beyond 64 bits": chunked(b"1000000000000001b\r\n" + ASKED + b"\r\n0\r\n\r\n"),
    "no chunk size": chunked(b"\r\n" + ASKED + b"\r\n0\r\n\r\n"),
    "a chunk size with a bare line feed": chunked(b"1b\n" + ASKED + b"\r\n0\r\n\r\n"),
    "a chunk that ends in a line feed": chunked(b"1b\r\n" + ASKED + b"\n0\r\n\r\n"),
    "a chunk longer than its size": chunked(b"1a\r\n" + ASKED + b"\r\n0\r\n\r\n"),
    "a chunk extension with a line feed": chunked(b"1b;a=b\nx\r\n" + ASKED + b"\r\n0\r\n\r\n"),
    "chunks that end in a line feed": chunked(b"1b\r\n" + ASKED + b"\r\n0\r\n\n"),
    "a length among the trailers": chunked(b"1b\r\n" + ASKED + b"\r\n0\r\nContent-Length: 5\r\n\r\n"),
    "no host": b"GET /livez HTTP/1.1\r\n\r\n",
    "two hosts": b"GET /livez HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n\r\n",
    "two hosts in one": b"GET /livez HTTP/1.1\r\nHost: localhost, elsewhere\r\n\r\n",
    "two hosts in HTTP/1.0": b"GET /livez HTTP/1.0\r\nHost: localhost\r\nHost: elsewhere\r\n\r\n",
    "a host with a user": b"GET /livez HTTP/1.1\r\nHost: user@localhost\r\n\r\n",
    "a host with a path": b"GET /livez HTTP/1.1\r\nHost: localhost/livez\r\n\r\n",
    "a host and no port": b"GET /livez HTTP/1.1\r\nHost: localhost:http\r\n\r\n",
    "no version": b"GET /livez\r\nHost: localhost\r\n\r\n",
    "HTTP/0.9": b"GET /livez HTTP/0.9\r\nHost: localhost\r\n\r\n",
    "HTTP/2.0": b"GET /livez HTTP/2.0\r\nHost: localhost\r\n\r\n",
    "the preface of HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "HTTP/1.2": b"GET /livez HTTP/1.2\r\nHost: localhost\r\n\r\n",
    "a version in lower case": b"GET /livez http/1.1\r\nHost: localhost\r\n\r\n",
    "a tunnel": b"CONNECT localhost:80 HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\n\r\n",
    "a tunnel with a path": b"CONNECT /livez HTTP/1.1\r\nHost: localhost\r\n\r\n",
}


@pytest.mark.parametrize("request_", REFUSED.values(), ids=REFUSED.keys())
@pytest.mark.parametrize("apart", [True, False])
def test_what_could_end_in_two_places_is_refused_and_nothing_behind_it_runs(
    address: tuple[str, int], request_: bytes, *, apart: bool
) -> None:
    answers = all_answers(address, request_, ALIVE) if apart else all_answers(address, request_ + ALIVE)
    head, _, body = answers.partition(b"\r\n\r\n")
    assert statuses(answers) == [400]
    assert b"connection: close" in head.lower()
    assert body.startswith(b"The request is not valid HTTP/1.1: ")
    assert f"content-length: {len(body)}".encode() in head.lower()


def test_the_refusal_says_what_is_wrong(address: tuple[str, int]) -> None:
    said = {
        "no host": b"send exactly one Host header, with a host and an optional port",
        "no version": b"end the request line with HTTP/1.1 or HTTP/1.0",
        "a tunnel": b"the method CONNECT is not supported",
        "a bare line feed behind a header": b"Missing expected CR after header value",
    }
    for name, reason in said.items():
        body = all_answers(address, REFUSED[name]).partition(b"\r\n\r\n")[2]
        assert body == b"The request is not valid HTTP/1.1: " + reason + b".\r\n"


@pytest.mark.parametrize(
    "encoding",
    [b"gzip, chunked", b"identity\r\nTransfer-Encoding: chunked", b",chunked", b"chunked\r\nX-Version: 1.0"],
)
def test_nothing_runs_behind_a_body_whose_encoding_others_may_read_otherwise(
    address: tuple[str, int], encoding: bytes
) -> None:
    request = chunked(b"0\r\n\r\n").replace(b"chunked", encoding)
    if b"1.0" in encoding:
        request = request.replace(b"HTTP/1.1", b"HTTP/1.0").replace(b"Host", b"Connection: keep-alive\r\nHost")
    for path in (b"/graphql", b"/livez", b"/documents/a/versions/b"):
        for method in (b"POST", b"GET", b"PUT"):
            answers = all_answers(address, request.replace(b"POST /graphql", method + b" " + path) + ALIVE)
            assert len(statuses(answers)) == 1
            assert b"alive" not in answers or path == b"/livez"


@pytest.mark.parametrize("name", ["no host", "a NUL in a value", "two lengths", "a tunnel"])
def test_a_refusal_is_not_taken_for_the_answer_to_the_request_before(address: tuple[str, int], name: str) -> None:
    asked = POST + b"Content-Length: 27\r\n\r\n" + ASKED
    answers = all_answers(address, asked + REFUSED[name] + ALIVE)
    assert statuses(answers) == [200]
    assert b'{"__typename":"Query"}' in answers
    assert b"alive" not in answers


@pytest.mark.parametrize(
    "host", [b"localhost", b"localhost:8000", b"127.0.0.1", b"[::1]:8000", b"it_c.example.org", b"", b"localhost \t"]
)
def test_a_host_is_taken_as_it_is_written(address: tuple[str, int], host: bytes) -> None:
    asked = b"GET /livez HTTP/1.1\r\nConnection: close\r\nHost: " + host + b"\r\n\r\n"
    assert statuses(all_answers(address, asked)) == [200]


def test_a_request_in_http_1_0_needs_no_host(address: tuple[str, int]) -> None:
    assert statuses(all_answers(address, b"GET /livez HTTP/1.0\r\n\r\n")) == [200]


def test_behind_a_request_that_closes_its_connection_nothing_runs(address: tuple[str, int]) -> None:
    assert statuses(all_answers(address, ALIVE + ALIVE)) == [200]
