"""The documents' files in a backup: each under the SHA-256 of its bytes, checked whenever it is copied."""

from __future__ import annotations

import hashlib
import shutil
from typing import TYPE_CHECKING

from resolvers.backup.manifest import FILES, BackupError
from resolvers.core.fsync import fsync_file

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from resolvers.files.store import FileStore

ALL = 2**63 - 1


async def copy_out(store: FileStore, folder: Path, named: frozenset[str]) -> list[str]:
    """Copy the files that documents name out of a store; give their SHA-256.

    Raises BackupError for one that is not what its name says.
    """
    found = sorted([each.sha256 async for each in store.files() if each.sha256 in named])
    for sha256 in found:
        place = place_of(folder, sha256)
        place.parent.mkdir(0o700, parents=True, exist_ok=True)
        digest = hashlib.sha256()
        with place.open("xb") as file:
            async for piece in store.read(sha256, 0, ALL):
                digest.update(piece)
                file.write(piece)
            fsync_file(file)
        if digest.hexdigest() != sha256:
            message = f"The file {sha256} of the store is damaged: mend it from an earlier backup, then take this one."
            raise BackupError(message)
    return found


def check_files(folder: Path, files: Sequence[str]) -> None:
    """Check the files of a backup. Raises BackupError for the first that is missing or damaged."""
    for sha256 in files:
        place = place_of(folder, sha256)
        if not place.is_file():
            message = f"{place} is missing: the backup is damaged, take another. Nothing was restored."
            raise BackupError(message)
        with place.open("rb") as file:
            if hashlib.file_digest(file, "sha256").hexdigest() != sha256:
                message = f"{place} is not what its name says: the backup is damaged, take another. "
                raise BackupError(message + "Nothing was restored.")


async def copy_in(store: FileStore, folder: Path, files: Sequence[str], arrived: list[str]) -> None:
    """Put the files of a backup, which were checked, into a store.

    Each that was not there is added to `arrived` before it is put, so that it can be taken back whatever happens.
    """
    before = {each.sha256 async for each in store.files()}
    for sha256 in files:
        if sha256 not in before:
            arrived.append(sha256)
        arriving = store.upload_dir / f"restored-{sha256}"
        try:
            shutil.copyfile(place_of(folder, sha256), arriving)
            with arriving.open("rb") as file:
                fsync_file(file)
            await store.put(arriving, sha256)
        finally:
            # A store may move it away or copy it, and half of one is left where the disk is full.
            arriving.unlink(missing_ok=True)


def place_of(folder: Path, sha256: str) -> Path:
    """Give where a backup has a file."""
    return folder / FILES / sha256[:2] / sha256
