"""Checks whether files can be stored and scanned now, by doing so with a few bytes of no meaning."""

from __future__ import annotations

import asyncio
import secrets
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from resolvers.core.hashing import sha256_of
from resolvers.files.store import store_faults

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from resolvers.files.clamav import ClamdScanner
    from resolvers.files.store import FileStore

#: The number of random bytes, which no file of a document has.
LENGTH = 32


async def check_store(store: FileStore) -> None:
    """Store a file, and delete it again. Raises StoreError if that fails."""
    content = secrets.token_bytes(LENGTH)
    digest = sha256_of(content)
    with store_faults():
        file = await asyncio.to_thread(_write, store.upload_dir, content)
    try:
        await store.put(file, digest)
        await store.remove(digest)
    finally:
        await asyncio.to_thread(file.unlink, missing_ok=True)


async def check_scanner(scanner: ClamdScanner) -> None:
    """Have a harmless file scanned. Raises ScannerError if there is no verdict."""
    await scanner.scan(_pieces())


def _write(folder: Path, content: bytes) -> Path:
    with tempfile.NamedTemporaryFile(dir=folder, delete=False) as file:
        file.write(content)
    return Path(file.name)


async def _pieces() -> AsyncIterator[bytes]:
    yield b"harmless"
