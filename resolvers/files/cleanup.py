"""Clears away what nobody waits for: versions whose bytes never came, files that no version names, and halves of files.

What waits in quarantine is scanned again on the way. All of it may be done while bytes arrive,
and by several at once.
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
from resolvers.files.declaration import UPLOAD_TTL
from resolvers.files.document_files import FileVersion, is_referenced
from resolvers.files.upload import PREFIX, DeclaredContent

if TYPE_CHECKING:
    from pathlib import Path

    from resolvers.files.document_files import DocumentFiles


@dataclass
class CleanupReport:
    """What a sweep did: versions and files it removed, versions it had scanned, and those still in quarantine."""

    versions: int = 0
    files: int = 0
    partial_uploads: int = 0
    scanned: int = 0
    waiting: int = 0

    def __str__(self) -> str:
        removed = f"removed {self.versions} versions, {self.files} files and {self.partial_uploads} halves of files"
        return f"{removed}; scanned {self.scanned} versions, {self.waiting} wait for the scanner"


async def clean_up(files: DocumentFiles) -> CleanupReport:
    """Clear away what is older than a day. Raises StoreError where the store does not work."""
    done = CleanupReport()
    done.versions = await _remove_undelivered(files)
    done.partial_uploads = await asyncio.to_thread(_remove_partial_uploads, files.store.upload_dir)
    done.files = await _remove_orphans(files)
    for version in await _quarantined(files):
        if await files.scan(version) is VersionState.QUARANTINED:
            done.waiting += 1
        else:
            done.scanned += 1
    return done


async def _remove_undelivered(files: DocumentFiles) -> int:
    late = (DocumentVersion.state == VersionState.DECLARED, DocumentVersion.upload_until < now())
    async with files.writing("versions are looked for whose bytes never came") as session:
        keys = (await session.scalars(select(DocumentVersion.id).where(*late))).all()
    removed = 0
    for key in keys:
        async with files.writing("a version is removed whose bytes never came") as session:
            # Asked again: the bytes may have come meanwhile.
            found = select(DocumentVersion).where(DocumentVersion.id == key, *late).with_for_update()
            row = (await session.scalars(found)).one_or_none()
            if row is not None:
                await session.delete(row)
                removed += 1
    return removed


async def _remove_orphans(files: DocumentFiles) -> int:
    removed = 0
    async for found in files.store.files():
        if found.stored_at < now() - UPLOAD_TTL and not await _is_referenced(files, found.sha256):
            removed += await files.delete_unreferenced(found.sha256)
    return removed


async def _is_referenced(files: DocumentFiles, sha256: str) -> bool:
    """Tell whether a version has or waits for a file, so that no lock is taken for those that are to stay."""
    async with files.database.bypass_policies(
        "files are swept that no version names", read_only=True
    ).connect() as connection:
        return await is_referenced(connection, sha256)


def _remove_partial_uploads(spool: Path) -> int:
    removed = 0
    for file in spool.glob(f"{PREFIX}*"):
        # Another sweep, or whoever writes it, may take it away at this moment.
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
        files.database.bypass_policies("versions in quarantine are scanned again", read_only=True)
    ) as session:
        rows = (await session.scalars(waiting)).all()
    return [
        FileVersion(
            row.id, DeclaredContent(row.byte_size, row.sha256), row.state, row.media_type, row.file_name or "", None
        )
        for row in rows
    ]
