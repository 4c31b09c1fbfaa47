"""The scanner's protocol: with a real clamd, and with what may be found in its place."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest

from resolvers.files import clamav
from resolvers.files.clamav import ClamdScanner, ScannerError, check_clamd_address
from tests.servers.clamd import INFECTED, MAX_BYTES, Clamd, free_port

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

pytestmark = pytest.mark.anyio

PIECE = 64 * 1024


async def pieces(data: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(data), PIECE):
        yield data[start : start + PIECE]


@asynccontextmanager
async def something_else(
    answer: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]],
) -> AsyncIterator[ClamdScanner]:
    """Yield a scanner at whose address a server of another kind answers."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await answer(reader, writer)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield ClamdScanner(f"tcp://127.0.0.1:{server.sockets[0].getsockname()[1]}")


@pytest.mark.clamd
@pytest.mark.parametrize("way", ["tcp", "unix"])
async def test_clamd_finds_what_is_infected_and_lets_the_rest_pass(clamd: Clamd, way: str) -> None:
    scanner = ClamdScanner(getattr(clamd, way))
    assert await scanner.scan(pieces(b"")) is None
    assert await scanner.scan(pieces(b"A paper. " * 100_000)) is None
    found = await scanner.scan(pieces(b"A paper. " * 100_000 + INFECTED))
    assert found == "Coalition.Test.UNOFFICIAL"


@pytest.mark.clamd
async def test_what_is_too_long_for_clamd_is_not_taken_for_clean(clamd: Clamd) -> None:
    with pytest.raises(ScannerError, match=r"the (scanner returned no verdict|connection to the scanner broke)"):
        await ClamdScanner(clamd.tcp).scan(pieces(bytes(MAX_BYTES * 4)))


@pytest.mark.parametrize("address", [f"tcp://127.0.0.1:{free_port()}", "unix:/nowhere/at/all"], ids=["tcp", "unix"])
async def test_a_scanner_that_is_not_there_says_nothing(address: str) -> None:
    with pytest.raises(ScannerError, match="cannot be reached"):
        await ClamdScanner(address).scan(pieces(b"A paper."))


@pytest.mark.parametrize("reply", [b"", b"stream: ", b"HTTP/1.1 400 Bad Request", b"stream: OK and more", b"\xff\0"])
async def test_whatever_else_answers_says_nothing(reply: bytes) -> None:
    async def answer(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(reply)

    async with something_else(answer) as scanner:
        with pytest.raises(ScannerError):
            await scanner.scan(pieces(b"A paper."))


async def test_a_scanner_that_never_answers_is_not_waited_for_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clamav, "SCAN_SECONDS", 0.2)

    async def answer(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
        await reader.read()

    async with something_else(answer) as scanner:
        with pytest.raises(ScannerError, match="did not answer in time"):
            await scanner.scan(pieces(b"A paper."))


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:3310", "tcp://[::1]:3310", "unix:/run/clamd.ctl"])
def test_an_address_of_a_scanner_is_taken(address: str) -> None:
    assert check_clamd_address(address) == address


@pytest.mark.parametrize(
    "address", ["", "127.0.0.1:3310", "tcp://", "tcp://host", "tcp://host:99999", "tcp://h:1/x", "unix:relative"]
)
def test_what_is_no_address_of_a_scanner_is_refused(address: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - it says no more: the setting's own words do
        check_clamd_address(address)
