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
from resolvers.files.declaration import WAITS
from resolvers.files.document_files import FileVersion, is_named
from resolvers.files.upload import PREFIX, Content

if TYPE_CHECKING:
    from pathlib import Path

    from resolvers.files.document_files import DocumentFiles


@dataclass
class Swept:
    """What a sweep did: versions and files it removed, versions it had scanned, and those still in quarantine."""

    versions: int = 0
    files: int = 0
    halves: int = 0
    scanned: int = 0
    waiting: int = 0

    def __str__(self) -> str:
        removed = f"removed {self.versions} versions, {self.files} files and {self.halves} halves of files"
        return f"{removed}; scanned {self.scanned} versions, {self.waiting} wait for the scanner"


async def sweep(files: DocumentFiles) -> Swept:
    """Clear away what is older than a day. Raises StoreError where the store does not work."""
    done = Swept()
    done.versions = await _remove_undelivered(files)
    done.halves = await asyncio.to_thread(_remove_halves, files.store.spool)
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
        if found.kept_at < now() - WAITS and not await _is_named(files, found.sha256):
            removed += await files.remove_unnamed(found.sha256)
    return removed


async def _is_named(files: DocumentFiles, sha256: str) -> bool:
    """Tell whether a version has or waits for a file, so that no lock is taken for those that are to stay."""
    async with files.database.unguarded("files are swept that no version names", reading=True).connect() as connection:
        return await is_named(connection, sha256)


def _remove_halves(spool: Path) -> int:
    removed = 0
    for file in spool.glob(f"{PREFIX}*"):
        # Another sweep, or whoever writes it, may take it away at this moment.
        with suppress(FileNotFoundError):
            if file.stat().st_mtime < time.time() - WAITS.total_seconds():
                file.unlink()
                removed += 1
    return removed


async def _quarantined(files: DocumentFiles) -> list[FileVersion]:
    if files.scanner is None:
        return []
    waiting = select(DocumentVersion).where(DocumentVersion.state == VersionState.QUARANTINED)
    async with AsyncSession(
        files.database.unguarded("versions in quarantine are scanned again", reading=True)
    ) as session:
        rows = (await session.scalars(waiting)).all()
    return [
        FileVersion(row.id, Content(row.byte_size, row.sha256), row.state, row.media_type, row.file_name or "", None)
        for row in rows
    ]
