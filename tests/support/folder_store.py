"""A store of documents' files for tests: a folder, each file under its SHA-256."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path


class Stored(NamedTuple):
    """A file that is there."""

    sha256: str


class FolderStore:
    """Files in a folder."""

    def __init__(self, place: Path) -> None:
        self.place = place
        place.mkdir()

    @property
    def upload_dir(self) -> Path:
        """Where files arrive."""
        return self.place

    async def put(self, file: Path, sha256: str) -> None:
        """Keep a file."""
        move(file, self.place / sha256)

    async def read(self, sha256: str, start: int, stop: int) -> AsyncIterator[bytes]:
        """Give the bytes of a file."""
        yield self.held()[sha256][start:stop]

    async def remove(self, sha256: str) -> None:
        """Throw a file away."""
        (self.place / sha256).unlink(missing_ok=True)

    async def files(self) -> AsyncIterator[Stored]:
        """Give every file there is."""
        for name in self.held():
            yield Stored(name)

    def add(self, held: bytes, name: str | None = None) -> str:
        """Put bytes in, under their own SHA-256 or another name; give the name."""
        sha256 = name or hashlib.sha256(held).hexdigest()
        (self.place / sha256).write_bytes(held)
        return sha256

    def held(self) -> dict[str, bytes]:
        """Give what is in it."""
        return {file.name: file.read_bytes() for file in self.place.iterdir()}


def move(file: Path, place: Path) -> None:
    """Move a file."""
    file.rename(place)


def names_in(folder: Path) -> set[str]:
    """Give what a folder holds."""
    return {each.name for each in folder.iterdir()}
