"""The files of document versions: upload, malware scan and download, and the state of the version.

A version gets a state with bytes only after its file is complete, verified and durably stored. The caller checks
permissions before it calls this module.
"""

from __future__ import annotations

import logging
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import or_, select, text

from models import Document, DocumentStatus, DocumentVersion, VersionState
from models.base import now
from models.documents.document_versions import has_file
from resolvers.access.context import Actor
from resolvers.access.permissions import Action, is_allowed
from resolvers.audit.transaction import audited_session
from resolvers.files.clamav import ScannerError
from resolvers.files.download import CorruptFileError, Downloader
from resolvers.files.shown_files import is_shown, lock_documents, touch_document
from resolvers.files.store import StoreError
from resolvers.files.upload import DeclaredContent, spooled_upload, verify

if TYPE_CHECKING:
    from collections.abc import AsyncIterable, AsyncIterator, Sequence

    from sqlalchemy import Select
    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession
    from sqlalchemy.orm import Session

    from resolvers.access.viewer import Viewer
    from resolvers.database.database import Database
    from resolvers.files.clamav import ClamdScanner
    from resolvers.files.store import FileStore

logger = logging.getLogger(__name__)

#: The actor for changes that the system makes without a request.
SYSTEM = Actor()


class VersionRemovedError(Exception):
    """The version was removed during the upload of its file."""


class WithdrawnError(Exception):
    """The version or its document is withdrawn, so the version accepts no upload.

    The argument says which of the two, as the API names it.
    """


@dataclass(frozen=True)
class FileVersion:
    """A version of a document, as the API returned it to the viewer.

    Attributes:
        key: The id of the version.
        content: The declared size and SHA-256 of the file.
        state: The state of the file.
        media_type: The media type of the file.
        file_name: The file name for a download.
        group: The id of the group that owns the document, or None.
        of_withdrawn: Whether the document is WITHDRAWN: then only writers of its group download its files.
    """

    key: str
    content: DeclaredContent
    state: VersionState
    media_type: str
    file_name: str
    group: str | None
    of_withdrawn: bool = False

    def in_state(self, state: VersionState) -> FileVersion:
        """Return the same version in another state."""
        return replace(self, state=state)

    @property
    def is_available(self) -> bool:
        """Whether the file can be downloaded."""
        return self.state is VersionState.AVAILABLE

    @property
    def is_quarantined(self) -> bool:
        """Whether the file is still to be scanned."""
        return self.state is VersionState.QUARANTINED

    @property
    def is_rejected(self) -> bool:
        """Whether the scanner found malware in the file."""
        return self.state is VersionState.REJECTED

    @property
    def is_withdrawn(self) -> bool:
        """Whether the version is withdrawn."""
        return self.state is VersionState.WITHDRAWN

    @property
    def was_received(self) -> bool:
        """Whether the file was uploaded."""
        return self.state is not VersionState.DECLARED

    def may_upload(self, viewer: Viewer) -> bool:
        """Return whether a viewer may upload the file: the same permission as to create the version."""
        return is_allowed(Action.CREATE, DocumentVersion(document=Document(group_id=self.group)), viewer)


def version_of(node: dict[str, Any]) -> FileVersion:
    """Return the version in a node of an API response."""
    document, group = node["document"], node["document"]["group"]
    return FileVersion(
        key=node["id"].partition(":")[2],
        content=DeclaredContent(node["byteSize"], node["sha256"]),
        state=VersionState[node["state"]],
        media_type=node["mediaType"],
        file_name=node["fileName"] or f"{document['reference']}-{node['label']}",
        group=group["id"].partition(":")[2] if group else None,
        of_withdrawn=document["status"] == DocumentStatus.WITHDRAWN.name,
    )


async def is_referenced(connection: AsyncConnection, sha256: str) -> bool:
    """Return whether a version has this file, or can still receive it. Withdrawn documents receive no files."""
    waits = (DocumentVersion.state == VersionState.DECLARED) & (Document.status != DocumentStatus.WITHDRAWN)
    named = (
        select(DocumentVersion.id)
        .join(DocumentVersion.document)
        .where(DocumentVersion.sha256 == sha256, or_(has_file(DocumentVersion), waits))
    )
    return (await connection.execute(named.limit(1))).first() is not None


def _status_of(key: str) -> Select[DocumentStatus, VersionState]:
    """Return the statement that selects the status of the version's document, and the version's state."""
    return select(Document.status, DocumentVersion.state).join(Document.versions).where(DocumentVersion.id == key)


def _refuse_withdrawn(status: DocumentStatus | None, state: VersionState | None) -> None:
    if state is VersionState.WITHDRAWN:
        raise WithdrawnError("version")  # noqa: EM101 - not a message
    if status is DocumentStatus.WITHDRAWN:
        raise WithdrawnError("document")  # noqa: EM101 - not a message


def _reject_all(session: Session, rows: Select[DocumentVersion]) -> None:
    lock_documents(session, session.scalars(rows.with_only_columns(DocumentVersion.id)))
    for row in session.scalars(rows.order_by(DocumentVersion.id).with_for_update()).all():
        was_shown = is_shown(row)
        _reject(row)
        touch_document(row, was_shown=was_shown)


def _reject(row: DocumentVersion) -> None:
    row.scanned_at = row.scanned_at or now()
    if row.state is VersionState.WITHDRAWN:
        row.purged_at = now()
    else:
        row.state = VersionState.REJECTED


class DocumentFiles:
    """The files of one database's documents, in one store."""

    def __init__(self, database: Database, store: FileStore, scanner: ClamdScanner | None = None) -> None:
        """Without a `scanner`, a file is available as soon as it is stored."""
        self.database = database
        self.store = store
        self.scanner = scanner
        self.downloader = Downloader(store)

    async def receive(self, version: FileVersion, chunks: AsyncIterable[bytes], origin: Actor = SYSTEM) -> VersionState:
        """Store and scan the file of a version, or compare it with the stored one. Return the new state.

        The audit log names `origin` as the actor of the changes. On an error nothing is changed.

        Raises:
            ContentError: if the file is not as declared.
            StoreError: if the store fails.
            VersionRemovedError: if the version was removed during the upload.
            WithdrawnError: if the version or its document is withdrawn.
        """
        if version.was_received:
            await verify(chunks, version.content)
            # The file was uploaded by an earlier request, so this actor is not responsible for the scan's result.
            state, origin = version.state, SYSTEM
        else:
            # Checked before the upload to refuse it early, and again after it.
            await self._expect(version.key)
            async with spooled_upload(chunks, version.content, self.store.upload_dir) as file:
                await self.store.put(file, version.content.sha256)
            try:
                state = await self._mark_received(version.key, origin)
            except WithdrawnError:
                await self.delete_unreferenced(version.content.sha256)
                raise
        return await self.scan(version, origin) if state is VersionState.QUARANTINED else state

    async def scan(self, version: FileVersion, origin: Actor = SYSTEM) -> VersionState:
        """Scan the file of a quarantined version. Return the new state, QUARANTINED again if the scan fails.

        `origin` is the actor that has just uploaded the file.
        """
        if self.scanner is None:
            return VersionState.QUARANTINED
        try:
            found = await self.scanner.scan(self.downloader.read_all(version.content))
        except (CorruptFileError, ScannerError, StoreError) as error:
            logger.warning("version %s stays in quarantine: %s", version.key, error)
            return VersionState.QUARANTINED
        if found is None:
            return await self._mark_clean(version.key, origin)
        logger.warning("version %s is rejected: the scanner found %s", version.key, found)
        await self._mark_rejected(version.content.sha256, [version.key], origin)
        return VersionState.REJECTED

    async def delete_unreferenced(self, sha256: str) -> bool:
        """Delete a file if no version references it. Return whether it was deleted."""
        async with self.writing("a file without a version is deleted") as session:
            connection = await session.connection()
            if self.database.dialect.name == "postgresql":
                # Until the file is deleted, no transaction can declare a version with it. SQLite has one writer anyway.
                await connection.execute(text("LOCK TABLE document_versions IN SHARE ROW EXCLUSIVE MODE"))
            if await is_referenced(connection, sha256):
                return False
            await self.store.remove(sha256)
            return True

    async def _expect(self, key: str) -> None:
        """Raises WithdrawnError if a version or its document is withdrawn."""
        reason = "an upload for a version begins"
        async with self.database.bypass_policies(reason, read_only=True).connect() as connection:
            if found := (await connection.execute(_status_of(key))).first():
                _refuse_withdrawn(*found)

    async def _mark_received(self, key: str, origin: Actor) -> VersionState:
        async with self.writing("the file of a version was uploaded", origin) as session:
            # Locked, so that the document is not withdrawn in between.
            held = _status_of(key).with_for_update(of=Document)
            status = await session.scalar(held)
            row = await session.get(DocumentVersion, key, with_for_update=True)
            if row is None:
                raise VersionRemovedError(key)
            _refuse_withdrawn(None, row.state)
            if row.state is VersionState.DECLARED:
                _refuse_withdrawn(status, row.state)
                row.state = VersionState.QUARANTINED if self.scanner else VersionState.AVAILABLE
                row.received_at = now()
                await session.run_sync(lambda _: touch_document(row, was_shown=False))
            return row.state

    async def _mark_clean(self, key: str, origin: Actor) -> VersionState:
        async with self.writing("the scanner found no malware in a version", origin) as session:
            await session.run_sync(lock_documents, [key])
            row = await session.get_one(DocumentVersion, key, with_for_update=True)
            if row.state is VersionState.QUARANTINED:
                row.state = VersionState.AVAILABLE
                row.scanned_at = now()
                await session.run_sync(lambda _: touch_document(row, was_shown=False))
            return row.state

    async def _mark_rejected(self, sha256: str, sent: Sequence[str] = (), origin: Actor = SYSTEM) -> None:
        """Reject every version with this file and delete the file. `origin` is the actor for the versions in `sent`."""
        same = select(DocumentVersion).where(DocumentVersion.sha256 == sha256, has_file(DocumentVersion))
        # The uploaded version is rejected last: while it is in quarantine, the cleanup repeats a failed rejection.
        for rows, doer in (
            (same.where(DocumentVersion.id.not_in(sent)), SYSTEM),
            (same.where(DocumentVersion.id.in_(sent)), origin),
        ):
            async with self.writing("the scanner found malware in a version", doer) as session:
                await session.run_sync(_reject_all, rows)
        await self.delete_unreferenced(sha256)

    @asynccontextmanager
    async def writing(self, reason: str, origin: Actor = SYSTEM) -> AsyncIterator[AsyncSession]:
        """Open a transaction that writes versions as `origin`, with no policy applied for this `reason`.

        Raises DatabaseUnavailableError if the database is unavailable.
        """
        async with audited_session(self.database, reason, replace(origin, reason=reason)) as session:
            yield session
