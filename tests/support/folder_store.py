"""A store of documents' files for tests: a local store that also returns its files."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from resolvers.files.local_store import LocalFileStore

if TYPE_CHECKING:
    from pathlib import Path


class FolderStore(LocalFileStore):
    """A store in a folder of the test's own."""

    def __init__(self, place: Path) -> None:
        super().__init__(str(place))
        self.place = place

    def add(self, held: bytes, name: str | None = None) -> str:
        """Store bytes under their own SHA-256 or another name; return the name."""
        sha256 = name or hashlib.sha256(held).hexdigest()
        file = self.place / sha256[:2] / sha256
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(held)
        return sha256

    def held(self) -> dict[str, bytes]:
        """Return the bytes of each stored file by name."""
        return {file.name: file.read_bytes() for file in self.place.glob("??/*")}


def names_in(folder: Path) -> set[str]:
    """Return the names of the files and folders in a folder."""
    return {each.name for each in folder.iterdir()}
