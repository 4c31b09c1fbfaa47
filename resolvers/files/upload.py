"""Bytes on their way in: counted, hashed and written beside the store; only what was declared goes further."""

from __future__ import annotations

import asyncio
import hashlib
import os
import tempfile
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING, NamedTuple

from resolvers.core.fsync import fsync_file
from resolvers.files.store import store_faults

if TYPE_CHECKING:
    from collections.abc import AsyncIterable, AsyncIterator


#: So much is gathered before a thread is sent to write it.
BATCH = 1024 * 1024


#: What files on their way in are called, so that a sweep finds those nobody writes any more.
PREFIX = "coalition-arriving-"


class DeclaredContent(NamedTuple):
    """What bytes were declared to be: how many, and their SHA-256 in hexadecimal."""

    byte_size: int
    sha256: str


class ContentError(ValueError):
    """The bytes are not those that were declared; the message says what differs."""


class WrongLengthError(ContentError):
    """There are more or fewer of them."""


class WrongHashError(ContentError):
    """They are as many, but others."""


@asynccontextmanager
async def spooled_upload(chunks: AsyncIterable[bytes], declared: DeclaredContent, spool: Path) -> AsyncIterator[Path]:
    """Give a file with all bytes of `chunks`, synced to its disk; what the block leaves of it is thrown away.

    Raises ContentError where they are not what was declared, StoreFullError where there is no room for them, and
    whatever `chunks` raise; then nothing of them is left.
    """
    with store_faults():
        handle, name = await asyncio.to_thread(tempfile.mkstemp, prefix=PREFIX, dir=spool)
    file = Path(name)
    try:
        opened = os.fdopen(handle, "wb")
        try:
            await _write(chunks, declared, opened)
        finally:
            _close(opened)
        yield file
    finally:
        _remove(file)


async def verify(chunks: AsyncIterable[bytes], declared: DeclaredContent) -> None:
    """Read `chunks` to their end and keep nothing. Raises ContentError where they are not what was declared."""
    await _write(chunks, declared, None)


async def _write(chunks: AsyncIterable[bytes], declared: DeclaredContent, file: IO[bytes] | None) -> None:
    digest = hashlib.sha256()
    length = 0

    def take(batch: bytes) -> None:
        digest.update(batch)
        if file:
            file.write(batch)

    def finish() -> None:
        if file:
            fsync_file(file)

    async for batch in _batches(chunks):
        length += len(batch)
        if length > declared.byte_size:
            message = f"More bytes came than the {declared.byte_size} that were declared."
            raise WrongLengthError(message)
        with store_faults():
            await asyncio.to_thread(take, batch)
    if length < declared.byte_size:
        message = f"{length} bytes came, {declared.byte_size} were declared."
        raise WrongLengthError(message)
    if digest.hexdigest() != declared.sha256:
        message = f"The SHA-256 of what came is {digest.hexdigest()}, not the one that was declared."
        raise WrongHashError(message)
    with store_faults():
        await asyncio.to_thread(finish)


async def _batches(chunks: AsyncIterable[bytes]) -> AsyncIterator[bytes]:
    gathered = bytearray()
    async for chunk in chunks:
        gathered += chunk
        if len(gathered) >= BATCH:
            yield bytes(gathered)
            gathered.clear()
    if gathered:
        yield bytes(gathered)


def _close(file: IO[bytes]) -> None:
    # All that is to be kept was synced before; what else it still holds may find no room.
    with suppress(OSError):
        file.close()


def _remove(file: Path) -> None:
    # What cannot be removed now is found by a sweep.
    with suppress(OSError):
        file.unlink(missing_ok=True)
