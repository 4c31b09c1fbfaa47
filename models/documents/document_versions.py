"""Versions of documents, each with its file."""

from __future__ import annotations

import datetime as dt
from enum import Enum, unique
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, CheckConstraint, Index, String, UniqueConstraint, and_, cast, func, literal, or_
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Entity, reference_to, sort_indexes
from models.derived.relations import is_last
from models.drafts import SET_BY_SERVER
from models.search.searched import Searched
from models.types import CODE, KEY, LINE, PARAGRAPH, SHA256, UtcDateTime, enum_column, text

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement

    from models.administration.accounts import Account
    from models.documents.documents import Document
    from models.documents.review_requests import ReviewRequest


@unique
class VersionState(Enum):
    """The state of the file of a document version."""

    DECLARED = "The file is not uploaded yet."
    QUARANTINED = "The file is stored and waits for the virus scan; it cannot be downloaded."
    AVAILABLE = "The file can be downloaded."
    REJECTED = "The file was infected and is deleted."
    WITHDRAWN = "The version is withdrawn; its file cannot be uploaded or downloaded."


#: Uploads and the virus scanner change the state; a command withdraws a version.
VERSION_TRANSITIONS = {
    VersionState.DECLARED: frozenset({VersionState.QUARANTINED, VersionState.AVAILABLE, VersionState.WITHDRAWN}),
    VersionState.QUARANTINED: frozenset({VersionState.AVAILABLE, VersionState.REJECTED, VersionState.WITHDRAWN}),
    # Versions with the same bytes share one file, so a finding in one version rejects all of them.
    VersionState.AVAILABLE: frozenset({VersionState.REJECTED, VersionState.WITHDRAWN}),
    VersionState.REJECTED: frozenset[VersionState](),
    VersionState.WITHDRAWN: frozenset[VersionState](),
}

FILE_NAME = text(255)


def is_in_force(version: Any) -> ColumnElement[bool]:
    """Return the SQL condition that a version is the one of its document that was released last."""
    return is_last(version, "document_id", "released_at", _is_released)


def has_file(version: Any) -> ColumnElement[bool]:
    """Return the SQL condition that the file of a version is in the store."""
    withdrawn = and_(version.state == VersionState.WITHDRAWN, version.received_at.is_not(None))
    stored = version.state.in_((VersionState.QUARANTINED, VersionState.AVAILABLE))
    return and_(or_(stored, withdrawn), version.purged_at.is_(None))


def is_readable_and_last(version: Any) -> ColumnElement[bool]:
    """Return the SQL condition that a version is the last of its document that its readers can download."""
    return is_last(version, "document_id", "shown_at", _is_readable)


def _is_readable(version: Any) -> ColumnElement[bool]:
    return and_(version.state == VersionState.AVAILABLE, version.draft_since.is_(None))


def _is_released(version: Any) -> ColumnElement[bool]:
    return and_(version.released_at.is_not(None), version.draft_since.is_(None))


class DocumentVersion(Entity):
    """A version of the content of a document; the file of a version never changes."""

    __tablename__ = "document_versions"
    natural_key = ("document", "label")
    searched = Searched("", "file_name", ("notes",))
    parent_relation = "document"

    document_id: Mapped[str] = mapped_column(KEY, reference_to("documents", ondelete="CASCADE"))
    label: Mapped[str] = mapped_column(CODE, doc="The label of the version, such as `1.2`.")
    notes: Mapped[str | None] = mapped_column(PARAGRAPH, doc="The changes in this version.")
    file_name: Mapped[str | None] = mapped_column(FILE_NAME, doc="The file name, such as `needs.pdf`.")
    media_type: Mapped[str] = mapped_column(LINE, doc="The media type, such as `application/pdf`.")
    byte_size: Mapped[int] = mapped_column(BigInteger, doc="The size of the file in bytes.")
    sha256: Mapped[str] = mapped_column(SHA256, doc="The SHA-256 hash of the file, in hexadecimal.")
    state: Mapped[VersionState] = mapped_column(
        enum_column(VersionState, "state"),
        default=VersionState.DECLARED,
        server_default=VersionState.DECLARED.name,
        info=SET_BY_SERVER,
        doc="The state of the file.",
    )
    upload_until: Mapped[dt.datetime | None] = mapped_column(
        UtcDateTime, info=SET_BY_SERVER, doc="The deadline for the upload; null if there is none."
    )
    received_at: Mapped[dt.datetime | None] = mapped_column(
        UtcDateTime, info=SET_BY_SERVER, doc="When the upload was complete."
    )
    scanned_at: Mapped[dt.datetime | None] = mapped_column(
        UtcDateTime, info=SET_BY_SERVER, doc="When the virus scan finished; null if the file was not scanned."
    )
    draft_since: Mapped[dt.datetime | None] = mapped_column(
        UtcDateTime,
        info=SET_BY_SERVER,
        doc="Since when it is a draft beside a fixed document, which only the writers of its group see; else null.",
    )
    released_at: Mapped[dt.datetime | None] = mapped_column(
        UtcDateTime,
        info=SET_BY_SERVER,
        doc="When it became the version that FINAL and RELEASED mean; the latest one is in force.",
    )
    withdrawn_at: Mapped[dt.datetime | None] = mapped_column(
        UtcDateTime, info=SET_BY_SERVER, doc="When the version was withdrawn; null if it is not."
    )
    withdrawal_reason: Mapped[str | None] = mapped_column(
        PARAGRAPH, info=SET_BY_SERVER, doc="Why the version was withdrawn."
    )
    purged_at: Mapped[dt.datetime | None] = mapped_column(
        UtcDateTime,
        info=SET_BY_SERVER,
        doc="When an operator deleted the file of the withdrawn version; null if the file is still stored.",
    )
    uploaded_by_id: Mapped[str | None] = mapped_column(KEY, reference_to("accounts"), index=True)
    withdrawn_by_id: Mapped[str | None] = mapped_column(KEY, reference_to("accounts"), index=True, info=SET_BY_SERVER)

    document: Mapped[Document] = relationship(back_populates="versions", doc="The document that this is a version of.")
    uploaded_by: Mapped[Account | None] = relationship(
        foreign_keys=[uploaded_by_id], doc="The account that uploaded the file."
    )
    withdrawn_by: Mapped[Account | None] = relationship(
        foreign_keys=[withdrawn_by_id], doc="The account that withdrew the version."
    )
    review_requests: Mapped[list[ReviewRequest]] = relationship(
        foreign_keys="ReviewRequest.document_version_id",
        back_populates="document_version",
        doc="The requests to review this version.",
    )

    @property
    def is_unpublished(self) -> bool:
        """Whether only the writers of the group may see it."""
        return self.draft_since is not None

    @hybrid_property
    def shown_at(self) -> dt.datetime:
        """When readers of the document got the version: its release, or its creation beside a document in work."""
        return self.released_at or self.created_at

    @shown_at.inplace.expression
    @classmethod
    def _shown_at(cls) -> Any:
        return func.coalesce(cls.released_at, cls.created_at)

    @hybrid_property
    def path(self) -> str:
        """Path to append to the address of the server: upload the file with PUT, download it with GET."""
        return f"/documents/{self.document_id}/versions/{self.id}"

    @path.inplace.expression
    @classmethod
    def _path(cls) -> Any:
        return literal("/documents/") + cast(cls.document_id, String) + "/versions/" + cast(cls.id, String)

    __table_args__ = (
        UniqueConstraint("document_id", "label"),
        # Review requests refer to all three, so that they are bound to the file.
        Index("uq_document_versions_file", "id", "document_id", "sha256", unique=True),
        CheckConstraint("byte_size >= 0", name="byte_size"),
        CheckConstraint("length(sha256) = 64", name="sha256"),
        CheckConstraint("(state = 'WITHDRAWN') = (withdrawn_at IS NOT NULL)", name="withdrawn_at"),
        CheckConstraint("(withdrawn_at IS NULL) = (withdrawal_reason IS NULL)", name="withdrawal_reason"),
        CheckConstraint("withdrawn_at IS NOT NULL OR withdrawn_by_id IS NULL", name="withdrawn_by"),
        CheckConstraint(
            "purged_at IS NULL OR (withdrawn_at IS NOT NULL AND received_at IS NOT NULL)", name="purged_at"
        ),
        *sort_indexes("label", "media_type", "byte_size", "state", "sha256", "released_at", "created_at", "updated_at"),
        *sort_indexes("created_at", within="document_id"),
    )
