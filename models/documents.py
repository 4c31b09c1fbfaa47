"""The register of shared documents and their versions."""

from __future__ import annotations

import datetime as dt
from enum import Enum, unique
from typing import TYPE_CHECKING, Any

from sqlalchemy import JSON, BigInteger, CheckConstraint, String, UniqueConstraint, cast, literal
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Entity, link_table, reference_to, sort_indexes
from models.markings import HasMarking, Marking
from models.precision import DatePrecision
from models.status_transitions import HasStatus
from models.types import ADDRESS, CODE, KEY, LINE, PARAGRAPH, UtcDateTime, enum_column, text

if TYPE_CHECKING:
    from models.accounts import Account
    from models.expert_groups import ExpertGroup
    from models.meetings import Meeting


@unique
class DocumentType(Enum):
    """What kind of paper a document is."""

    PRESS_RELEASE = "A release of a government, ministry or agency."
    NEWS_REPORT = "A report of a news outlet."
    AGREEMENT = "An agreement or declaration."
    MINUTES = "Minutes of a meeting."
    REPORT = "A report to or of a group."
    SPECIFICATION = "A technical specification or standard."
    PRESENTATION = "Slides."
    OTHER = "Anything else."


@unique
class DocumentStatus(Enum):
    """Where a document stands."""

    DRAFT = "Being written."
    UNDER_REVIEW = "Being reviewed."
    FINAL = "Agreed, not yet released."
    RELEASED = "Released to those its marking admits."
    SUPERSEDED = "Replaced by a later document."
    WITHDRAWN = "Taken back."


DOCUMENT_TRANSITIONS = {
    DocumentStatus.DRAFT: frozenset({DocumentStatus.UNDER_REVIEW, DocumentStatus.WITHDRAWN}),
    DocumentStatus.UNDER_REVIEW: frozenset({DocumentStatus.FINAL, DocumentStatus.DRAFT, DocumentStatus.WITHDRAWN}),
    DocumentStatus.FINAL: frozenset({DocumentStatus.RELEASED, DocumentStatus.WITHDRAWN}),
    DocumentStatus.RELEASED: frozenset({DocumentStatus.SUPERSEDED, DocumentStatus.WITHDRAWN}),
    DocumentStatus.SUPERSEDED: frozenset({DocumentStatus.WITHDRAWN}),
    DocumentStatus.WITHDRAWN: frozenset[DocumentStatus](),
}

#: One is superseded when another takes its place.
DOCUMENT_AUTOMATIC = frozenset({DocumentStatus.SUPERSEDED})


@unique
class VersionState(Enum):
    """Where the bytes of a version are."""

    DECLARED = "Its bytes have not arrived yet."
    QUARANTINED = "Its bytes are kept, and nobody gets them before they were scanned."
    AVAILABLE = "Its bytes can be fetched."
    REJECTED = "Its bytes are infected and were thrown away."


#: None of them is asked for: a state follows from what arrives, and from what the scanner says of it.
VERSION_TRANSITIONS = {
    VersionState.DECLARED: frozenset({VersionState.QUARANTINED, VersionState.AVAILABLE}),
    VersionState.QUARANTINED: frozenset({VersionState.AVAILABLE, VersionState.REJECTED}),
    # Versions of the same bytes share them: what is found in one is in all.
    VersionState.AVAILABLE: frozenset({VersionState.REJECTED}),
    VersionState.REJECTED: frozenset[VersionState](),
}

FILE_NAME = text(255)

#: What a record may not say of a version: it is kept here, beside the bytes.
KEPT_HERE = {"kept_here": True}

document_shares = link_table("document_shares", "document_id=documents", "group_id=expert_groups")


class Document(HasStatus, HasMarking, Entity):
    """A document in the register: its particulars here, its content as versions or at its public address."""

    __tablename__ = "documents"
    natural_key = ("reference",)
    transitions = DOCUMENT_TRANSITIONS
    automatic_statuses = DOCUMENT_AUTOMATIC

    reference: Mapped[str] = mapped_column(CODE, unique=True, doc="Its name in the register, such as `DOC-012`.")
    title: Mapped[str] = mapped_column(LINE, doc="Its title.")
    description: Mapped[str | None] = mapped_column(PARAGRAPH, doc="What it is about.")
    document_type: Mapped[DocumentType] = mapped_column(
        enum_column(DocumentType, "document_type"), doc="What kind of paper it is."
    )
    # Older than the others', and SQLite gives no default to a column that is there.
    marking: Mapped[Marking] = mapped_column(
        enum_column(Marking, "marking"), default=Marking.AMBER, doc="How far it may be passed on."
    )
    status: Mapped[DocumentStatus] = mapped_column(
        enum_column(DocumentStatus, "status"), default=DocumentStatus.DRAFT, doc="Where it stands."
    )
    language: Mapped[str | None] = mapped_column(text(2), doc="Its language, ISO 639-1.")
    keywords: Mapped[list[str]] = mapped_column(JSON, default=list, doc="Words it is found by.")
    issue_date: Mapped[dt.date | None] = mapped_column(doc="When it was issued.")
    issue_date_precision: Mapped[DatePrecision | None] = mapped_column(
        enum_column(DatePrecision, "issue_date_precision"), doc="How exactly that date is known."
    )
    expires_on: Mapped[dt.date | None] = mapped_column(doc="The last day on which it holds.")
    url: Mapped[str | None] = mapped_column(ADDRESS, unique=True, doc="Its public address.")
    publisher: Mapped[str | None] = mapped_column(LINE, doc="Who published it.")
    group_id: Mapped[str | None] = mapped_column(KEY, reference_to("expert_groups"))
    superseded_by_id: Mapped[str | None] = mapped_column(KEY, reference_to("documents"), index=True)

    group: Mapped[ExpertGroup | None] = relationship(back_populates="documents", doc="The group that owns it.")
    shared_with: Mapped[list[ExpertGroup]] = relationship(
        secondary=document_shares, back_populates="shared_documents", doc="The other groups it is shared with."
    )
    versions: Mapped[list[DocumentVersion]] = relationship(
        back_populates="document", cascade="all, delete-orphan", doc="Its versions, each kept as it was."
    )
    superseded_by: Mapped[Document | None] = relationship(
        remote_side="Document.id", doc="The later document that replaces it."
    )
    meetings: Mapped[list[Meeting]] = relationship(
        secondary="meeting_documents", back_populates="documents", doc="The meetings it is a paper of or reports on."
    )

    __table_args__ = (
        CheckConstraint("length(language) = 2", name="language"),
        CheckConstraint("expires_on >= issue_date", name="expires_on"),
        *sort_indexes("reference", "title", "document_type", "marking", "status", "language", "issue_date"),
        *sort_indexes("expires_on", "publisher", "created_at", "updated_at"),
        *sort_indexes("reference", within="group_id"),
    )


class DocumentVersion(Entity):
    """One version of a document's content; it never changes, and no other bytes are taken for it."""

    __tablename__ = "document_versions"
    natural_key = ("document", "label")
    parent_relation = "document"

    document_id: Mapped[str] = mapped_column(KEY, reference_to("documents", ondelete="CASCADE"))
    label: Mapped[str] = mapped_column(CODE, doc="Its name among the versions, such as `1.2`.")
    notes: Mapped[str | None] = mapped_column(PARAGRAPH, doc="What changed in it.")
    file_name: Mapped[str | None] = mapped_column(FILE_NAME, doc="The name of its file, such as `needs.pdf`.")
    media_type: Mapped[str] = mapped_column(LINE, doc="Its media type, such as `application/pdf`.")
    byte_size: Mapped[int] = mapped_column(BigInteger, doc="Its length in bytes.")
    sha256: Mapped[str] = mapped_column(text(64), doc="SHA-256 of its bytes, in hexadecimal.")
    state: Mapped[VersionState] = mapped_column(
        enum_column(VersionState, "state"),
        default=VersionState.DECLARED,
        server_default=VersionState.DECLARED.name,
        info=KEPT_HERE,
        doc="Where its bytes are.",
    )
    upload_until: Mapped[dt.datetime | None] = mapped_column(
        UtcDateTime, info=KEPT_HERE, doc="Until when its bytes are waited for; null where they may come at any time."
    )
    received_at: Mapped[dt.datetime | None] = mapped_column(
        UtcDateTime, info=KEPT_HERE, doc="When its bytes had arrived."
    )
    scanned_at: Mapped[dt.datetime | None] = mapped_column(
        UtcDateTime, info=KEPT_HERE, doc="When the scanner said what is in them; null where none did."
    )
    uploaded_by_id: Mapped[str | None] = mapped_column(KEY, reference_to("accounts"), index=True)

    document: Mapped[Document] = relationship(back_populates="versions", doc="The document it is a version of.")
    uploaded_by: Mapped[Account | None] = relationship(doc="Who uploaded it.")

    @hybrid_property
    def path(self) -> str:
        """Path on this server at which its bytes are sent with PUT and fetched with GET."""
        return f"/documents/{self.document_id}/versions/{self.id}"

    @path.inplace.expression
    @classmethod
    def _path(cls) -> Any:
        return literal("/documents/") + cast(cls.document_id, String) + "/versions/" + cast(cls.id, String)

    __table_args__ = (
        UniqueConstraint("document_id", "label"),
        CheckConstraint("byte_size >= 0", name="byte_size"),
        CheckConstraint("length(sha256) = 64", name="sha256"),
        *sort_indexes("label", "media_type", "byte_size", "state", "sha256", "created_at", "updated_at"),
        *sort_indexes("created_at", within="document_id"),
    )
