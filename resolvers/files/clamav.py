"""A client for ClamAV's clamd, which scans files for malware.

The command is INSTREAM: each chunk is preceded by its length, four bytes in network order, and a chunk of length 0
ends the stream (clamd(8)).
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
#: Timeouts for connecting and for one whole file; clamd's own limit for a file is two minutes.
CONNECT_SECONDS = 5.0
SCAN_SECONDS = 150.0
MAX_REPLY = 4096
FOUND = re.compile(r"stream: (?P<name>.+) FOUND")


class ScannerError(Exception):
    """The scanner returned no verdict: it cannot be reached, or it failed."""


def check_clamd_address(address: str) -> str:
    """Return the address unchanged. Raises ValueError if it is neither `tcp://host:port` nor `unix:/path`."""
    _place(address)
    return address


class ClamdScanner:
    """The scanner at an address, `tcp://host:port` or `unix:/path`."""

    def __init__(self, address: str) -> None:
        """Raises ValueError if the address is invalid."""
        self._place = _place(address)

    async def scan(self, pieces: AsyncIterable[bytes]) -> str | None:
        """Return the name of the malware found in a file, or None if the file is clean.

        Raises ScannerError if the scanner returns no verdict, and every error that `pieces` raises.
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
            message = f"the scanner returned no verdict: {reply or 'empty reply'}"
            raise ScannerError(message)
        return None

    async def _ask(self, pieces: AsyncIterable[bytes]) -> str:
        reader, writer = await self._connect()
        try:
            await _send(writer, b"zINSTREAM\0")
            async for piece in pieces:
                # The scanner can reply early and stop reading; its reply says why.
                if reader.at_eof() or not await _send(writer, len(piece).to_bytes(4) + piece):
                    break
            await _send(writer, bytes(4))
            reply = await reader.read(MAX_REPLY)
        except OSError as error:
            message = f"the connection to the scanner broke: {error}"
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
    """Send `data`. Return whether the connection is still open."""
    try:
        writer.write(data)
        await writer.drain()
    except (BrokenPipeError, ConnectionResetError):
        return False
    return True


def _place(address: str) -> str | tuple[str, int]:
    """Return the path of a Unix socket, or the host and port."""
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
