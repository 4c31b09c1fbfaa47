"""The store in a folder of this machine."""

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

#: Only the account the server runs as.
PRIVATE = 0o700


class LocalFileStore:
    """Files in folders named after the first two digits of their SHA-256."""

    def __init__(self, folder: str) -> None:
        """Take the path of a folder; it is made when the first file arrives."""
        self._folder = Path(folder)
        self._spool = self._folder / "arriving"

    def prepare(self) -> None:
        """Make the folder where there is none."""
        with store_faults():
            self._spool.mkdir(PRIVATE, parents=True, exist_ok=True)

    @property
    def upload_dir(self) -> Path:
        """A folder in the store's own, so that a file is moved to its place and not copied."""
        self.prepare()
        return self._spool

    async def put(self, file: Path, sha256: str) -> None:
        """Move a file to its place, and write down that it is there."""
        with store_faults():
            await asyncio.to_thread(self._put, file, self._place(sha256))

    async def find(self, sha256: str) -> StoredFile:
        """Give what is known of a file."""
        with store_faults():
            return await asyncio.to_thread(_found, self._place(sha256))

    async def read(self, sha256: str, start: int, stop: int) -> AsyncIterator[bytes]:
        """Give the bytes of a file from `start` to before `stop`; what is there when it is opened is what is read."""
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
        """Throw a file away."""
        with store_faults():
            await asyncio.to_thread(self._place(sha256).unlink, missing_ok=True)

    async def files(self) -> AsyncIterator[StoredFile]:
        """Give every file there is."""
        with store_faults():
            places = await asyncio.to_thread(lambda: [*self._folder.glob("[0-9a-f][0-9a-f]/*")])
        for place in places:
            if is_sha256(place.name):
                try:
                    with store_faults():
                        found = await asyncio.to_thread(_found, place)
                except FileNotFoundError:
                    # Whoever else sweeps has taken it meanwhile.
                    continue
                yield found

    def _place(self, sha256: str) -> Path:
        if not is_sha256(sha256):
            message = f"no file is kept under {sha256!r}"
            raise ValueError(message)
        return self._folder / sha256[:2] / sha256

    def _put(self, file: Path, place: Path) -> None:
        place.parent.mkdir(PRIVATE, parents=True, exist_ok=True)
        file.replace(place)
        # A name is safe once its folder is: the file's own, and the one that its folder may be new in.
        for folder in (place.parent, self._folder):
            fsync_folder(folder)


def _found(place: Path) -> StoredFile:
    status = place.stat()
    kept_at = dt.datetime.fromtimestamp(status.st_mtime, dt.UTC)
    return StoredFile(place.name, kept_at, f"{status.st_ino} {status.st_size} {status.st_mtime_ns}")
