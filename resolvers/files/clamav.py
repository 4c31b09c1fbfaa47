"""Asks a scanner for malicious software, by the protocol of ClamAV's clamd, what is in a file.

The command is INSTREAM: pieces with their length before them, four bytes in network order, and a
length of nought at the end (clamd(8)).
"""

from __future__ import annotations

import asyncio
import re
from contextlib import suppress
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import AsyncIterable

TCP, UNIX = "tcp://", "unix:/"
#: For connecting, and for all of one file: clamd itself gives up after two minutes.
CONNECT_SECONDS = 5.0
SCAN_SECONDS = 150.0
MAX_REPLY = 4096
FOUND = re.compile(r"stream: (?P<name>.+) FOUND")


class ScannerError(Exception):
    """The scanner does not say what is in a file: it cannot be reached, or cannot read it."""


def check_clamd_address(address: str) -> str:
    """Give an address as it is. Raises ValueError for one that is neither `tcp://host:port` nor `unix:/path`."""
    _place(address)
    return address


class ClamdScanner:
    """The scanner at an address, `tcp://host:port` or `unix:/path`."""

    def __init__(self, address: str) -> None:
        """Take its address. Raises ValueError for what is none."""
        self._place = _place(address)

    async def scan(self, pieces: AsyncIterable[bytes]) -> str | None:
        """Give the name of what is found in a file, None for one that is clean.

        Raises ScannerError where the scanner does not say, and whatever `pieces` raise.
        """
        try:
            async with asyncio.timeout(SCAN_SECONDS):
                reply = await self._ask(pieces)
        except TimeoutError:
            message = "the scanner did not answer in time"
            raise ScannerError(message) from None
        found = FOUND.fullmatch(reply)
        if found:
            return found["name"]
        if reply != "stream: OK":
            message = f"the scanner says: {reply or 'nothing'}"
            raise ScannerError(message)
        return None

    async def _ask(self, pieces: AsyncIterable[bytes]) -> str:
        reader, writer = await self._connect()
        try:
            await _send(writer, b"zINSTREAM\0")
            async for piece in pieces:
                # One that says early that it will read no more has said why.
                if reader.at_eof() or not await _send(writer, len(piece).to_bytes(4) + piece):
                    break
            await _send(writer, bytes(4))
            reply = await reader.read(MAX_REPLY)
        except OSError as error:
            message = f"the scanner broke off: {error}"
            raise ScannerError(message) from error
        finally:
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()
        return reply.rstrip(b"\0\n").decode(errors="replace")

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                if isinstance(self._place, str):
                    return await asyncio.open_unix_connection(self._place)
                return await asyncio.open_connection(*self._place)
        except OSError as error:
            message = f"the scanner cannot be reached: {error}"
            raise ScannerError(message) from error


async def _send(writer: asyncio.StreamWriter, data: bytes) -> bool:
    """Send `data`; tell whether the other side still took it."""
    try:
        writer.write(data)
        await writer.drain()
    except (BrokenPipeError, ConnectionResetError):
        return False
    return True


def _place(address: str) -> str | tuple[str, int]:
    """Give the path of a Unix socket, or host and port."""
    if address.startswith(UNIX) and "\0" not in address:
        return address.removeprefix("unix:")
    found = urlsplit(address)
    if (
        not address.startswith(TCP)
        or not found.hostname
        or not found.port
        or found.path
        or found.query
        or "@" in address
    ):
        raise ValueError(address)
    return found.hostname, found.port
