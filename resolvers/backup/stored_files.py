"""The documents' files in a backup, each stored under its SHA-256 and verified."""

from __future__ import annotations

import hashlib
import shutil
from typing import TYPE_CHECKING

from sqlalchemy import select

from models import Document, DocumentVersion
from models.documents.document_versions import has_file
from resolvers.backup.manifest import FILES, BackupError
from resolvers.core.fsync import fsync_file

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from sqlalchemy.ext.asyncio import AsyncConnection

    from resolvers.files.store import FileStore

ALL = 2**63 - 1

#: How many missing files a message names.
NAMED = 5


async def expected_files(connection: AsyncConnection) -> dict[str, str]:
    """Return the SHA-256 of every file that must be in the store, and the versions that have it."""
    rows = (
        select(DocumentVersion.sha256, Document.reference, DocumentVersion.label)
        .join(DocumentVersion.document)
        .where(has_file(DocumentVersion))
        .order_by(Document.reference, DocumentVersion.label)
    )
    found: dict[str, str] = {}
    for sha256, reference, label in await connection.execute(rows):
        # A label can have a line break; a message is one line.
        name = "".join(each if each.isprintable() else "?" for each in f"{reference} version {label}")
        found[sha256] = f"{found[sha256]} and {name}" if sha256 in found else name
    return found


def describe(missing: Mapping[str, str]) -> str:
    """Return which files are missing, as one part of a message."""
    named = [f"{versions} (SHA-256 {sha256})" for sha256, versions in [*missing.items()][:NAMED]]
    more = len(missing) - len(named)
    return ", ".join(named) + (f" and {more} more" if more else "")


async def copy_out(store: FileStore, folder: Path, named: frozenset[str]) -> list[str]:
    """Copy the referenced files from a store into a backup. Return their SHA-256.

    Raises BackupError if the content of a file does not match its SHA-256.
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
            message = f"The file {sha256} in the store is damaged: restore it from an earlier backup, then try again."
            raise BackupError(message)
    return found


def check_files(folder: Path, files: Sequence[str]) -> None:
    """Check the files of a backup. Raises BackupError for the first missing or damaged file."""
    for sha256 in files:
        place = place_of(folder, sha256)
        if not place.is_file():
            message = f"{place} is missing: the backup is damaged, use another backup. Nothing was restored."
            raise BackupError(message)
        with place.open("rb") as file:
            if hashlib.file_digest(file, "sha256").hexdigest() != sha256:
                message = f"{place} does not match its SHA-256: the backup is damaged, use another backup. "
                raise BackupError(message + "Nothing was restored.")


async def copy_in(store: FileStore, folder: Path, files: Sequence[str], arrived: list[str]) -> None:
    """Copy the verified files of a backup into a store.

    Each new file is added to `arrived` before it is stored, so that the caller can remove it after any error.
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
            # A store can move or copy the file, and a full disk leaves a partial copy.
            arriving.unlink(missing_ok=True)


def place_of(folder: Path, sha256: str) -> Path:
    """Return the path of a file in a backup."""
    return folder / FILES / sha256[:2] / sha256
