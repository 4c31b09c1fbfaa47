"""Streams a file; the last chunk is withheld until the hash is verified."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from resolvers.files.store import FileStore
    from resolvers.files.upload import DeclaredContent

#: How many verified files are remembered.
MAX_VERIFIED = 1000


class CorruptFileError(Exception):
    """The file in the store is damaged or missing."""


class MissingFileError(CorruptFileError):
    """The file is not in the store."""


class Downloader:
    """Reads and verifies the files of a store."""

    def __init__(self, store: FileStore) -> None:
        self._store = store
        self._checked: OrderedDict[str, None] = OrderedDict()

    async def read_all(self, content: DeclaredContent) -> AsyncIterator[bytes]:
        """Yield a whole file; the last chunk only after the size and the hash are verified.

        Raises CorruptFileError if the file is damaged, MissingFileError if it is missing, StoreError if
        the store fails.
        """
        digest, length, held = hashlib.sha256(), 0, b""
        try:
            async for piece in self._store.read(content.sha256, 0, content.byte_size):
                if held:
                    yield held
                digest.update(piece)
                length += len(piece)
                held = piece
        except FileNotFoundError:
            message = "its file is not in the store"
            raise MissingFileError(message) from None
        if (length, digest.hexdigest()) != content:
            message = f"the file {content.sha256} is damaged in the store"
            raise CorruptFileError(message)
        if held:
            yield held

    async def read_range(self, content: DeclaredContent, start: int, stop: int) -> AsyncIterator[bytes]:
        """Yield the bytes from `start` to before `stop`, after the whole file is verified.

        Raises the same errors as `read_all`.
        """
        try:
            mark = (await self._store.find(content.sha256)).etag
        except FileNotFoundError:
            message = "its file is not in the store"
            raise MissingFileError(message) from None
        if mark not in self._checked:
            async for _ in self.read_all(content):
                pass
            self._checked[mark] = None
            if len(self._checked) > MAX_VERIFIED:
                self._checked.popitem(last=False)
        async for piece in self._store.read(content.sha256, start, stop):
            yield piece
