"""Spools an upload to a temporary file and verifies its size and SHA-256."""

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


#: Bytes that are collected before a thread writes them.
BATCH = 1024 * 1024


#: The prefix of temporary files, by which the cleanup finds abandoned ones.
PREFIX = "coalition-arriving-"


class DeclaredContent(NamedTuple):
    """The declared size and SHA-256 of a file."""

    byte_size: int
    sha256: str


class ContentError(ValueError):
    """The upload is not as declared; the message says what differs."""


class WrongLengthError(ContentError):
    """The size differs from the declared one."""


class WrongHashError(ContentError):
    """The size is correct, but the SHA-256 differs."""


@asynccontextmanager
async def spooled_upload(chunks: AsyncIterable[bytes], declared: DeclaredContent, spool: Path) -> AsyncIterator[Path]:
    """Write `chunks` to a temporary file and yield it, synced and verified. Delete it at the end of the block.

    Raises ContentError if the upload is not as declared, StoreFullError if there is no free space, and every error
    that `chunks` raises. The file is deleted then too.
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
    """Read `chunks` without storing them. Raises ContentError if they are not as declared."""
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
            message = f"The upload is longer than the declared {declared.byte_size} bytes."
            raise WrongLengthError(message)
        with store_faults():
            await asyncio.to_thread(take, batch)
    if length < declared.byte_size:
        message = f"The upload has {length} bytes instead of the declared {declared.byte_size}."
        raise WrongLengthError(message)
    if digest.hexdigest() != declared.sha256:
        message = f"The upload has the SHA-256 {digest.hexdigest()}, not the declared one."
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
    # A verified file is already synced. Flushing an incomplete one can fail on a full disk.
    with suppress(OSError):
        file.close()


def _remove(file: Path) -> None:
    # The cleanup removes the file later if this fails.
    with suppress(OSError):
        file.unlink(missing_ok=True)
