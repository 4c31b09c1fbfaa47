"""The files of documents: bytes arrive for a version that was declared, are scanned, and are given to its readers.

The state of a version follows from that alone. It says that bytes are there only when they
are: whole, right and safe on their disk. Who may send and fetch them is asked before.
"""

from __future__ import annotations

import logging
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import or_, select, text

from models import Document, DocumentStatus, DocumentVersion, VersionState
from models.base import now
from resolvers.access.context import Actor
from resolvers.access.permissions import Action, is_allowed
from resolvers.audit.transaction import audited_session
from resolvers.files.clamav import ScannerError
from resolvers.files.download import CorruptFileError, Downloader
from resolvers.files.store import StoreError
from resolvers.files.upload import DeclaredContent, spooled_upload, verify

if TYPE_CHECKING:
    from collections.abc import AsyncIterable, AsyncIterator, Sequence

    from sqlalchemy import Select
    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

    from resolvers.access.viewer import Viewer
    from resolvers.database.database import Database
    from resolvers.files.clamav import ClamdScanner
    from resolvers.files.store import FileStore

logger = logging.getLogger(__name__)

#: The states in which a version has its bytes.
HAS_BYTES = (VersionState.QUARANTINED, VersionState.AVAILABLE)

#: Whose doing it is what nobody asked for.
SYSTEM = Actor()


class VersionRemovedError(Exception):
    """The version was taken away while its bytes arrived."""


class WithdrawnError(Exception):
    """The document of the version is withdrawn: no bytes are taken for it."""


@dataclass(frozen=True)
class FileVersion:
    """A version of a document, as one who sees it was told of it.

    Attributes:
        key: Its key.
        content: What its bytes were declared to be.
        state: Where they are.
        media_type: Their media type.
        file_name: What to call the file.
        group: The key of the group that owns the document, if one does.
    """

    key: str
    content: DeclaredContent
    state: VersionState
    media_type: str
    file_name: str
    group: str | None

    def in_state(self, state: VersionState) -> FileVersion:
        """Give the same version in another state."""
        return replace(self, state=state)

    @property
    def is_available(self) -> bool:
        """Whether its bytes can be fetched."""
        return self.state is VersionState.AVAILABLE

    @property
    def is_quarantined(self) -> bool:
        """Whether its bytes wait for the scanner."""
        return self.state is VersionState.QUARANTINED

    @property
    def is_rejected(self) -> bool:
        """Whether its bytes were infected."""
        return self.state is VersionState.REJECTED

    @property
    def was_received(self) -> bool:
        """Whether bytes have arrived for it."""
        return self.state is not VersionState.DECLARED

    def may_upload(self, viewer: Viewer) -> bool:
        """Tell whether a viewer may send its bytes: whoever may enter the version may."""
        return is_allowed(Action.CREATE, DocumentVersion(document=Document(group_id=self.group)), viewer)


def version_of(node: dict[str, Any]) -> FileVersion:
    """Give a version from what the API says of it."""
    document, group = node["document"], node["document"]["group"]
    return FileVersion(
        key=node["id"].partition(":")[2],
        content=DeclaredContent(node["byteSize"], node["sha256"]),
        state=VersionState[node["state"]],
        media_type=node["mediaType"],
        file_name=node["fileName"] or f"{document['reference']}-{node['label']}",
        group=group["id"].partition(":")[2] if group else None,
    )


async def is_referenced(connection: AsyncConnection, sha256: str) -> bool:
    """Tell whether a version has a file or waits for it; a version of a withdrawn document waits for nothing."""
    waits = (DocumentVersion.state == VersionState.DECLARED) & (Document.status != DocumentStatus.WITHDRAWN)
    named = (
        select(DocumentVersion.id)
        .join(DocumentVersion.document)
        .where(DocumentVersion.sha256 == sha256, or_(DocumentVersion.state.in_(HAS_BYTES), waits))
    )
    return (await connection.execute(named.limit(1))).first() is not None


def _status_of(key: str) -> Select[DocumentStatus]:
    """Give the statement that gives the status of the document of a version."""
    return select(Document.status).join(Document.versions).where(DocumentVersion.id == key)


def _refuse_withdrawn(key: str, status: DocumentStatus | None) -> None:
    if status is DocumentStatus.WITHDRAWN:
        raise WithdrawnError(key)


class DocumentFiles:
    """The files of one database's documents, in one store."""

    def __init__(self, database: Database, store: FileStore, scanner: ClamdScanner | None = None) -> None:
        """Without a `scanner`, bytes are available as soon as they are there."""
        self.database = database
        self.store = store
        self.scanner = scanner
        self.downloader = Downloader(store)

    async def receive(self, version: FileVersion, chunks: AsyncIterable[bytes], origin: Actor = SYSTEM) -> VersionState:
        """Keep the bytes of a version, or find that they are those it has; give its state then.

        What becomes of the version is recorded as done by `origin`, whoever sends them.
        Raises ContentError where they are not what was declared, StoreError where they cannot be kept,
        VersionGoneError where nobody waits for them any more, WithdrawnError where the document takes none, and
        whatever `chunks` raise. Nothing has changed then.
        """
        if version.was_received:
            await verify(chunks, version.content)
            # Others may have sent them before: a scan is nobody's doing then.
            state, origin = version.state, SYSTEM
        else:
            # Asked before, so that nothing comes in vain; and once more when all of it is there.
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
        """Have the bytes of a version in quarantine scanned; give its state then, the same where nobody could say.

        `origin` is whoever has just sent them, if anybody has.
        """
        if self.scanner is None:
            return VersionState.QUARANTINED
        try:
            found = await self.scanner.scan(self.downloader.read_all(version.content))
        except (CorruptFileError, ScannerError, StoreError) as error:
            logger.warning("the version %s stays in quarantine: %s", version.key, error)
            return VersionState.QUARANTINED
        if found is None:
            return await self._mark_clean(version.key, origin)
        logger.warning("the version %s is rejected: it holds %s", version.key, found)
        await self._mark_rejected(version.content.sha256, [version.key], origin)
        return VersionState.REJECTED

    async def delete_unreferenced(self, sha256: str) -> bool:
        """Throw away a file that no version has or waits for; tell whether that was so."""
        async with self.writing("a file is thrown away that no version names") as session:
            connection = await session.connection()
            if self.database.dialect.name == "postgresql":
                # As on SQLite by itself: until the file is gone, nobody declares a version that would have it.
                await connection.execute(text("LOCK TABLE document_versions IN SHARE ROW EXCLUSIVE MODE"))
            if await is_referenced(connection, sha256):
                return False
            await self.store.remove(sha256)
            return True

    async def _expect(self, key: str) -> None:
        """Go on only where a version's document still takes its bytes. Raises WithdrawnError."""
        reason = "bytes are about to arrive for a version"
        async with self.database.bypass_policies(reason, read_only=True).connect() as connection:
            _refuse_withdrawn(key, (await connection.execute(_status_of(key))).scalar())

    async def _mark_received(self, key: str, origin: Actor) -> VersionState:
        async with self.writing("bytes have arrived for a version", origin) as session:
            # Held, so that it is not withdrawn meanwhile.
            held = _status_of(key).with_for_update(read=True, of=Document)
            status = await session.scalar(held)
            row = await session.get(DocumentVersion, key, with_for_update=True)
            if row is None:
                raise VersionRemovedError(key)
            if row.state is VersionState.DECLARED:
                _refuse_withdrawn(key, status)
                row.state = VersionState.QUARANTINED if self.scanner else VersionState.AVAILABLE
                row.received_at = now()
            return row.state

    async def _mark_clean(self, key: str, origin: Actor) -> VersionState:
        async with self.writing("a version was scanned", origin) as session:
            row = await session.get_one(DocumentVersion, key, with_for_update=True)
            if row.state is VersionState.QUARANTINED:
                row.state = VersionState.AVAILABLE
                row.scanned_at = now()
            return row.state

    async def _mark_rejected(self, sha256: str, sent: Sequence[str] = (), origin: Actor = SYSTEM) -> None:
        """Reject every version that has these bytes, and throw them away; those of the keys `sent` by `origin`."""
        same = select(DocumentVersion).where(DocumentVersion.sha256 == sha256, DocumentVersion.state.in_(HAS_BYTES))
        # The one that was sent comes last: as long as it is in quarantine, all of this is done again.
        for rows, doer in (
            (same.where(DocumentVersion.id.not_in(sent)), SYSTEM),
            (same.where(DocumentVersion.id.in_(sent)), origin),
        ):
            async with self.writing("a version was found to be infected", doer) as session:
                for row in (await session.scalars(rows.order_by(DocumentVersion.id).with_for_update())).all():
                    row.state = VersionState.REJECTED
                    row.scanned_at = row.scanned_at or now()
        await self.delete_unreferenced(sha256)

    @asynccontextmanager
    async def writing(self, reason: str, origin: Actor = SYSTEM) -> AsyncIterator[AsyncSession]:
        """Give the transaction in which versions are written by `origin`, which passes no policy because of `reason`.

        Raises DatabaseUnavailableError where the database is away.
        """
        async with audited_session(self.database, reason, replace(origin, reason=reason)) as session:
            yield session
