"""Purges withdrawn versions: deletes their files from the store, and leaves the versions with an audit event each."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import select

from models import DocumentVersion, VersionState
from models.base import now
from models.documents.document_versions import has_file

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Select

    from resolvers.files.document_files import DocumentFiles

PREFIX = "DocumentVersion:"
REASON = "an operator purges the file of a withdrawn version"


class PurgeError(Exception):
    """A version whose file cannot be purged. The message is one line."""


@dataclass
class PurgeReport:
    """The result: numbers of purged versions, deleted files, and files that stay because other versions have them."""

    versions: int = 0
    files: int = 0
    shared: int = 0

    def __str__(self) -> str:
        said = f"Purged {self.versions} versions and deleted {self.files} files"
        stay = f"; {self.shared} files stay, because versions that are not purged have the same file"
        return said + (stay if self.shared else "")


async def purge(files: DocumentFiles, days: int, ids: Sequence[str] = ()) -> PurgeReport:
    """Delete the files of withdrawn versions from the store.

    Args:
        files: The files of the documents.
        days: Days since the withdrawal, if no `ids` are given.
        ids: The ids of the versions to purge at once.

    Raises:
        PurgeError: A version does not exist, is not withdrawn or has no file. Nothing is purged.
        StoreError: The store fails. `coalition files clean-up` deletes the remaining files of purged versions.
    """
    if ids:
        keys = [each.removeprefix(PREFIX).lower() for each in ids]
        await _check(files, keys)
        chosen = _purgeable().where(DocumentVersion.id.in_(keys))
    else:
        chosen = _purgeable().where(DocumentVersion.withdrawn_at <= now() - dt.timedelta(days=days))
    async with files.writing(REASON) as session:
        # The rows are locked, so that two purges do not write the same version.
        rows = (await session.scalars(chosen.order_by(DocumentVersion.id).with_for_update())).all()
        for row in rows:
            row.purged_at = now()
        purged = {row.sha256 for row in rows}
        done = PurgeReport(len(rows))
    for sha256 in sorted(purged):
        deleted = await files.delete_unreferenced(sha256)
        done.files, done.shared = done.files + deleted, done.shared + (not deleted)
    return done


def _purgeable() -> Select[DocumentVersion]:
    return select(DocumentVersion).where(DocumentVersion.state == VersionState.WITHDRAWN, has_file(DocumentVersion))


async def _check(files: DocumentFiles, keys: Sequence[str]) -> None:
    valid = [each for each in keys if _is_key(each)]
    async with files.writing(REASON) as session:
        found = (await session.scalars(select(DocumentVersion).where(DocumentVersion.id.in_(valid)))).all()
    rows = {row.id: row for row in found}
    for key in keys:
        if reason := _why_not(rows.get(key)):
            message = f"{PREFIX}{key} {reason} Nothing was purged."
            raise PurgeError(message)


def _is_key(text: str) -> bool:
    try:
        return str(UUID(text)) == text
    except ValueError:
        return False


def _why_not(row: DocumentVersion | None) -> str | None:
    if row is None:
        return "does not exist: give the `id` of a version, as the API returns it."
    if row.state is not VersionState.WITHDRAWN:
        return f"is {row.state.name}: withdraw it first, with withdrawDocumentVersion."
    if row.purged_at:
        return "is purged already."
    return None if row.received_at else "never had a file."
