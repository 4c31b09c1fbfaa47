"""The file store in a local folder."""

from __future__ import annotations

import asyncio
import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING

from resolvers.core.fsync import fsync_folder
from resolvers.core.hashing import is_sha256
from resolvers.files.store import CHUNK_SIZE, StoredFile, store_faults

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

#: Access for the server's own user only.
PRIVATE = 0o700


class LocalFileStore:
    """Files in folders named after the first two digits of their SHA-256."""

    def __init__(self, folder: str) -> None:
        """Use this folder; `prepare` creates it."""
        self._folder = Path(folder)
        self._spool = self._folder / "arriving"

    def prepare(self) -> None:
        """Create the folder if it does not exist."""
        with store_faults():
            self._spool.mkdir(PRIVATE, parents=True, exist_ok=True)

    @property
    def upload_dir(self) -> Path:
        """A folder inside the store's folder, so that a file is moved into the store and not copied."""
        self.prepare()
        return self._spool

    async def put(self, file: Path, sha256: str) -> None:
        """Move a file into the store and sync the folders."""
        with store_faults():
            await asyncio.to_thread(self._put, file, self._place(sha256))

    async def find(self, sha256: str) -> StoredFile:
        """Return the metadata of a file."""
        with store_faults():
            return await asyncio.to_thread(_found, self._place(sha256))

    async def read(self, sha256: str, start: int, stop: int) -> AsyncIterator[bytes]:
        """Yield the bytes from `start` to before `stop`. A replacement during the read does not change them."""
        with store_faults():
            file = await asyncio.to_thread(self._place(sha256).open, "rb")
            with file:
                file.seek(start)
                while start < stop:
                    piece = await asyncio.to_thread(file.read, min(CHUNK_SIZE, stop - start))
                    if not piece:
                        return
                    start += len(piece)
                    yield piece

    async def remove(self, sha256: str) -> None:
        """Delete a file."""
        with store_faults():
            await asyncio.to_thread(self._place(sha256).unlink, missing_ok=True)

    async def files(self) -> AsyncIterator[StoredFile]:
        """Yield the metadata of every file."""
        with store_faults():
            places = await asyncio.to_thread(lambda: [*self._folder.glob("[0-9a-f][0-9a-f]/*")])
        for place in places:
            if is_sha256(place.name):
                try:
                    with store_faults():
                        found = await asyncio.to_thread(_found, place)
                except FileNotFoundError:
                    # Another cleanup has deleted it in between.
                    continue
                yield found

    def _place(self, sha256: str) -> Path:
        if not is_sha256(sha256):
            message = f"not a SHA-256 in lower case: {sha256!r}"
            raise ValueError(message)
        return self._folder / sha256[:2] / sha256

    def _put(self, file: Path, place: Path) -> None:
        place.parent.mkdir(PRIVATE, parents=True, exist_ok=True)
        file.replace(place)
        # A file name is durable once its folder is synced. Its folder can be new too, so the parent is also synced.
        for folder in (place.parent, self._folder):
            fsync_folder(folder)


def _found(place: Path) -> StoredFile:
    status = place.stat()
    kept_at = dt.datetime.fromtimestamp(status.st_mtime, dt.UTC)
    return StoredFile(place.name, kept_at, f"{status.st_ino} {status.st_size} {status.st_mtime_ns}")
