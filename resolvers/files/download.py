"""Bytes on their way out: those that are kept are those that arrived, or nobody gets them as a whole."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from resolvers.files.store import FileStore
    from resolvers.files.upload import DeclaredContent

#: Of how many files it is remembered that they were read and found whole.
MAX_VERIFIED = 1000


class CorruptFileError(Exception):
    """The bytes in the store are not those that were kept there, or are there no more."""


class Downloader:
    """Gives the files of a store."""

    def __init__(self, store: FileStore) -> None:
        self._store = store
        self._checked: OrderedDict[str, None] = OrderedDict()

    async def read_all(self, content: DeclaredContent) -> AsyncIterator[bytes]:
        """Give all bytes of a file, the last piece only when all of them are found to be right.

        Raises DamagedError where they are not, StoreError where the store does not work.
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
            message = f"the file {content.sha256} is not in the store"
            raise CorruptFileError(message) from None
        if (length, digest.hexdigest()) != content:
            message = f"the file {content.sha256} is damaged in the store"
            raise CorruptFileError(message)
        if held:
            yield held

    async def read_range(self, content: DeclaredContent, start: int, stop: int) -> AsyncIterator[bytes]:
        """Give the bytes from `start` to before `stop` of a file that was found to be right as a whole.

        Raises as `whole` does.
        """
        try:
            mark = (await self._store.find(content.sha256)).etag
        except FileNotFoundError:
            message = f"the file {content.sha256} is not in the store"
            raise CorruptFileError(message) from None
        if mark not in self._checked:
            async for _ in self.read_all(content):
                pass
            self._checked[mark] = None
            if len(self._checked) > MAX_VERIFIED:
                self._checked.popitem(last=False)
        async for piece in self._store.read(content.sha256, start, stop):
            yield piece
