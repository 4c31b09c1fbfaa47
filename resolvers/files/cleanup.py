"""Removes expired versions, unreferenced files and partial uploads.

A version expires if its file is not uploaded in time. The cleanup also scans quarantined versions again. It can run
during uploads, and several cleanups can run at the same time.
"""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from models import DocumentVersion, VersionState
from models.base import now
from models.documents.document_versions import has_file
from resolvers.files.declaration import UPLOAD_TTL
from resolvers.files.document_files import FileVersion, is_referenced
from resolvers.files.upload import PREFIX, DeclaredContent

if TYPE_CHECKING:
    from pathlib import Path

    from resolvers.database.database import Database
    from resolvers.files.document_files import DocumentFiles
    from resolvers.files.store import FileStore


@dataclass
class CleanupReport:
    """The result of a cleanup: numbers of removed, scanned and still quarantined items, and of missing files."""

    versions: int = 0
    files: int = 0
    partial_uploads: int = 0
    scanned: int = 0
    waiting: int = 0
    missing: int = 0

    def __str__(self) -> str:
        removed = f"removed {self.versions} versions, {self.files} files and {self.partial_uploads} partial uploads"
        scanned = f"scanned {self.scanned} versions; {self.waiting} versions are still in quarantine"
        missing = f"; {self.missing} uploaded files are missing from the file store" if self.missing else ""
        return f"{removed}; {scanned}{missing}"


async def clean_up(files: DocumentFiles) -> CleanupReport:
    """Remove expired items older than a day. Raises StoreError if the store fails."""
    done = CleanupReport()
    done.versions = await _remove_undelivered(files)
    done.partial_uploads = await asyncio.to_thread(_remove_partial_uploads, files.store.upload_dir)
    expected = await _expected(files.database)
    done.files, found = await _remove_orphans(files)
    done.missing = len(expected - found)
    for version in await _quarantined(files):
        if await files.scan(version) is VersionState.QUARANTINED:
            done.waiting += 1
        else:
            done.scanned += 1
    return done


async def _remove_undelivered(files: DocumentFiles) -> int:
    late = (DocumentVersion.state == VersionState.DECLARED, DocumentVersion.upload_until < now())
    async with files.writing("the cleanup finds versions that were not uploaded in time") as session:
        keys = (await session.scalars(select(DocumentVersion.id).where(*late))).all()
    removed = 0
    for key in keys:
        async with files.writing("the cleanup removes a version that was not uploaded in time") as session:
            # Checked again under a lock: the upload can have finished in between.
            found = select(DocumentVersion).where(DocumentVersion.id == key, *late).with_for_update()
            row = (await session.scalars(found)).one_or_none()
            if row is not None:
                await session.delete(row)
                removed += 1
    return removed


async def count_missing(database: Database, store: FileStore) -> tuple[int, int]:
    """Return how many uploaded files are missing from the store, and how many must be in it. Raises StoreError."""
    expected = await _expected(database)
    found = {each.sha256 async for each in store.files()} if expected else set[str]()
    return len(expected - found), len(expected)


async def _expected(database: Database) -> set[str]:
    """Return the SHA-256 of every file that must be in the store."""
    reason = "the cleanup finds versions whose file is missing"
    async with database.bypass_policies(reason, read_only=True).connect() as connection:
        named = select(DocumentVersion.sha256).where(has_file(DocumentVersion))
        return {*(await connection.execute(named)).scalars()}


async def _remove_orphans(files: DocumentFiles) -> tuple[int, set[str]]:
    """Return how many files were removed, and the SHA-256 of all files that were in the store."""
    removed, there = 0, set[str]()
    async for found in files.store.files():
        there.add(found.sha256)
        if found.stored_at < now() - UPLOAD_TTL and not await _is_referenced(files, found.sha256):
            removed += await files.delete_unreferenced(found.sha256)
    return removed, there


async def _is_referenced(files: DocumentFiles, sha256: str) -> bool:
    """Return whether a version references the file. This check takes no lock; the deletion checks again with one."""
    async with files.database.bypass_policies(
        "the cleanup finds files that no version references", read_only=True
    ).connect() as connection:
        return await is_referenced(connection, sha256)


def _remove_partial_uploads(spool: Path) -> int:
    removed = 0
    for file in spool.glob(f"{PREFIX}*"):
        # Another cleanup, or the upload itself, can remove the file at this moment.
        with suppress(FileNotFoundError):
            if file.stat().st_mtime < time.time() - UPLOAD_TTL.total_seconds():
                file.unlink()
                removed += 1
    return removed


async def _quarantined(files: DocumentFiles) -> list[FileVersion]:
    if files.scanner is None:
        return []
    waiting = select(DocumentVersion).where(DocumentVersion.state == VersionState.QUARANTINED)
    async with AsyncSession(
        files.database.bypass_policies("the cleanup scans quarantined versions again", read_only=True)
    ) as session:
        rows = (await session.scalars(waiting)).all()
    return [
        FileVersion(
            row.id, DeclaredContent(row.byte_size, row.sha256), row.state, row.media_type, row.file_name or "", None
        )
        for row in rows
    ]
