"""The register of shared documents."""

from __future__ import annotations

import datetime as dt
from enum import Enum, unique
from typing import TYPE_CHECKING, Any

from sqlalchemy import JSON, CheckConstraint, and_, exists, func
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, aliased, mapped_column, relationship

from models.base import Entity, link_table, now, reference_to, sort_indexes
from models.derived.relations import ONLY
from models.documents.comment_threads import comment_threads_of
from models.documents.document_versions import DocumentVersion, is_in_force, is_readable_and_last
from models.drafts import HasDrafts
from models.markings import HasMarking, Marking
from models.meetings.targets import action_items_of
from models.precision import DatePrecision
from models.search.searched import Searched
from models.types import ADDRESS, CODE, KEY, LINE, PARAGRAPH, enum_column, text

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement

    from models.documents.comment_threads import CommentThread
    from models.documents.document_links import DocumentLink
    from models.documents.review_requests import ReviewRequest
    from models.meetings.action_items import ActionItem
    from models.meetings.meetings import Meeting
    from models.meetings.minutes import Minutes
    from models.people.expert_groups import ExpertGroup


@unique
class DocumentType(Enum):
    """The type of a document."""

    PRESS_RELEASE = "A press release of a government, ministry or agency."
    NEWS_REPORT = "A report by a news outlet."
    AGREEMENT = "An agreement or declaration."
    MINUTES = "Minutes of a meeting."
    REPORT = "A report to a group or by a group."
    SPECIFICATION = "A technical specification or standard."
    PRESENTATION = "Slides."
    OTHER = "Any other document."


@unique
class DocumentStatus(Enum):
    """The status of a document."""

    DRAFT = "In preparation."
    UNDER_REVIEW = "Under review."
    FINAL = "Agreed, not yet released."
    RELEASED = "Released to the readers that its marking allows."
    SUPERSEDED = "Replaced by a later document."
    WITHDRAWN = "Withdrawn. Only writers of its group can still download its files."


DOCUMENT_TRANSITIONS = {
    DocumentStatus.DRAFT: frozenset({DocumentStatus.UNDER_REVIEW, DocumentStatus.WITHDRAWN}),
    DocumentStatus.UNDER_REVIEW: frozenset({DocumentStatus.FINAL, DocumentStatus.DRAFT, DocumentStatus.WITHDRAWN}),
    DocumentStatus.FINAL: frozenset({DocumentStatus.RELEASED, DocumentStatus.WITHDRAWN}),
    DocumentStatus.RELEASED: frozenset({DocumentStatus.SUPERSEDED, DocumentStatus.WITHDRAWN}),
    DocumentStatus.SUPERSEDED: frozenset({DocumentStatus.RELEASED, DocumentStatus.WITHDRAWN}),
    DocumentStatus.WITHDRAWN: frozenset[DocumentStatus](),
}

#: A document is superseded when another document replaces it.
DOCUMENT_AUTOMATIC = frozenset({DocumentStatus.SUPERSEDED})


document_shares = link_table("document_shares", "document_id=documents", "group_id=expert_groups")


def is_current(version: Any) -> ColumnElement[bool]:
    """Return the SQL condition that a version is the one to download, of a document that is still valid."""
    document = aliased(Document)
    ended = document.status.in_((DocumentStatus.SUPERSEDED, DocumentStatus.WITHDRAWN))
    valid = exists().where(document.id == version.document_id, ~document.is_expired, ~ended)
    return and_(is_readable_and_last(version), valid)


class Document(HasDrafts, HasMarking, Entity):
    """A document in the register; its content is in its versions or at its public URL."""

    __tablename__ = "documents"
    natural_key = ("reference",)
    searched = Searched("reference", "title", ("description", "keywords"))
    owned_through = "group"
    transitions = DOCUMENT_TRANSITIONS
    automatic_statuses = DOCUMENT_AUTOMATIC
    #: Only if the later document is withdrawn.
    reopens = frozenset({(DocumentStatus.SUPERSEDED, DocumentStatus.RELEASED)})

    reference: Mapped[str] = mapped_column(CODE, unique=True, doc="The reference in the register, such as `DOC-012`.")
    title: Mapped[str] = mapped_column(LINE, doc="The title.")
    description: Mapped[str | None] = mapped_column(PARAGRAPH, doc="The subject of the document.")
    document_type: Mapped[DocumentType] = mapped_column(
        enum_column(DocumentType, "document_type"), doc="The type of the document."
    )
    # Not from HasMarking: this column is older, and SQLite cannot add a default to an existing column.
    marking: Mapped[Marking] = mapped_column(
        enum_column(Marking, "marking"), default=Marking.AMBER, doc="The TLP marking: how far the object may be shared."
    )
    status: Mapped[DocumentStatus] = mapped_column(
        enum_column(DocumentStatus, "status"), default=DocumentStatus.DRAFT, doc="The status of the document."
    )
    language: Mapped[str | None] = mapped_column(text(2), doc="The language, as an ISO 639-1 code.")
    keywords: Mapped[list[str]] = mapped_column(JSON, default=list, doc="Keywords for searching.")
    issue_date: Mapped[dt.date | None] = mapped_column(doc="The date of issue.")
    issue_date_precision: Mapped[DatePrecision | None] = mapped_column(
        enum_column(DatePrecision, "issue_date_precision"), doc="The precision of `issueDate`."
    )
    expires_on: Mapped[dt.date | None] = mapped_column(doc="The last day on which the document is valid.")
    url: Mapped[str | None] = mapped_column(ADDRESS, doc="The public URL.")
    publisher: Mapped[str | None] = mapped_column(LINE, doc="The publisher.")
    group_id: Mapped[str | None] = mapped_column(KEY, reference_to("expert_groups"))
    superseded_by_id: Mapped[str | None] = mapped_column(KEY, reference_to("documents"), index=True)

    group: Mapped[ExpertGroup | None] = relationship(
        back_populates="documents", doc="The expert group that owns the document."
    )
    shared_with: Mapped[list[ExpertGroup]] = relationship(
        secondary=document_shares,
        back_populates="shared_documents",
        doc="The other expert groups that the document is shared with.",
    )
    versions: Mapped[list[DocumentVersion]] = relationship(
        back_populates="document", cascade="all, delete-orphan", doc="The versions of the document."
    )
    released_version: Mapped[DocumentVersion | None] = relationship(
        primaryjoin=lambda: and_(DocumentVersion.document_id == Document.id, is_in_force(DocumentVersion)),
        viewonly=True,
        info={ONLY: is_in_force},
        doc="The version that the document means since it became FINAL: the one that was released last; null before "
        "that, and for a document without files.",
    )
    current_version: Mapped[DocumentVersion | None] = relationship(
        primaryjoin=lambda: and_(DocumentVersion.document_id == Document.id, is_current(DocumentVersion)),
        viewonly=True,
        info={ONLY: is_current},
        doc="The version to download: the last one that is available and not withdrawn; since the document is FINAL, "
        "the last one that was released. Null for a document that is expired, SUPERSEDED or WITHDRAWN.",
    )
    superseded_by: Mapped[Document | None] = relationship(
        remote_side="Document.id", doc="The later document that replaces this document."
    )
    meetings: Mapped[list[Meeting]] = relationship(
        secondary="meeting_documents",
        back_populates="documents",
        doc="The meetings that the document was prepared for or reports on.",
    )
    minutes_of: Mapped[list[Minutes]] = relationship(
        back_populates="document", doc="The meeting of which the document is the minutes, and their approval."
    )
    action_items: Mapped[list[ActionItem]] = action_items_of()
    links: Mapped[list[DocumentLink]] = relationship(
        back_populates="document", cascade="all, delete-orphan", doc="The objects that the document is about."
    )
    comment_threads: Mapped[list[CommentThread]] = comment_threads_of("document")
    review_requests: Mapped[list[ReviewRequest]] = relationship(
        back_populates="document", doc="The requests to review versions of the document."
    )

    @hybrid_property
    def is_expired(self) -> bool:
        """Whether the last day on which the document is valid is before today (UTC)."""
        return self.expires_on is not None and self.expires_on < now().date()

    @is_expired.inplace.expression
    @classmethod
    def _is_expired(cls) -> Any:
        return and_(cls.expires_on.is_not(None), cls.expires_on < func.current_date())

    __table_args__ = (
        CheckConstraint("length(language) = 2", name="language"),
        CheckConstraint("expires_on >= issue_date", name="expires_on"),
        *sort_indexes("reference", "title", "document_type", "marking", "status", "language", "issue_date"),
        *sort_indexes("expires_on", "publisher", "url", "created_at", "updated_at"),
        *sort_indexes("reference", within="group_id"),
    )
