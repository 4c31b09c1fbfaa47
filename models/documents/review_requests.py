"""Review requests: who is to review a version of a document, by when, and with which result."""

from __future__ import annotations

import datetime as dt
from enum import Enum, unique
from typing import TYPE_CHECKING, Any

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, and_, func, or_, text
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates

from models.base import Entity, now, reference_to, sort_indexes
from models.derived.values import derived
from models.documents.document_versions import DocumentVersion, VersionState
from models.drafts import SET_BY_SERVER
from models.meetings.targets import exactly_one
from models.status_transitions import HasStatus
from models.types import CODE, KEY, PARAGRAPH, SHA256, UtcDateTime, enum_column

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement

    from models.administration.accounts import Account
    from models.derived.rows import RowAlias
    from models.documents.documents import Document
    from models.people.expert_groups import ExpertGroup


@unique
class ReviewStatus(Enum):
    """The status of a review request."""

    REQUESTED = "The reviewer has not answered yet."
    ACCEPTED = "The reviewer reviews the version."
    DECLINED = "The reviewer does not review the version."
    DONE = "The review is written."
    CANCELLED = "The review is no longer needed."


@unique
class ReviewResult(Enum):
    """The result of a review."""

    READY = "The document is ready."
    READY_WITH_ISSUES = "The document is ready; the text names small issues."
    NOT_READY = "The document is not ready; the text says why."


REVIEW_TRANSITIONS = {
    ReviewStatus.REQUESTED: frozenset({ReviewStatus.ACCEPTED, ReviewStatus.DECLINED, ReviewStatus.CANCELLED}),
    ReviewStatus.ACCEPTED: frozenset({ReviewStatus.DECLINED, ReviewStatus.DONE, ReviewStatus.CANCELLED}),
    ReviewStatus.DECLINED: frozenset({ReviewStatus.REQUESTED, ReviewStatus.CANCELLED}),
    ReviewStatus.DONE: frozenset[ReviewStatus](),
    ReviewStatus.CANCELLED: frozenset[ReviewStatus](),
}

#: The requests whose review is still to be written.
OPEN_REVIEWS = (ReviewStatus.REQUESTED, ReviewStatus.ACCEPTED)

#: The results with which a document can become FINAL.
READY_RESULTS = (ReviewResult.READY, ReviewResult.READY_WITH_ISSUES)

#: The relations to the reviewer; exactly one of them is set.
REVIEWERS = ("reviewer_account", "reviewer_group")

NOT_CANCELLED = text("status <> 'CANCELLED'")


class ReviewRequest(HasStatus, Entity):
    """A request to a person or an expert group to review a version of a document."""

    __tablename__ = "review_requests"
    natural_key = ("reference",)
    owned_through = "document"
    transitions = REVIEW_TRANSITIONS
    automatic_statuses = frozenset({ReviewStatus.DONE})

    reference: Mapped[str] = mapped_column(CODE, unique=True, doc="The reference in the register, such as `REV-001`.")
    status: Mapped[ReviewStatus] = mapped_column(
        enum_column(ReviewStatus, "status"), default=ReviewStatus.REQUESTED, doc="The status of the review request."
    )
    result: Mapped[ReviewResult | None] = mapped_column(
        enum_column(ReviewResult, "result"), doc="The result of the review; null until it is `DONE`."
    )
    text: Mapped[str | None] = mapped_column(
        PARAGRAPH, doc="The text of the review; a review always has one unless its result is `READY`."
    )
    due_on: Mapped[dt.date | None] = mapped_column(doc="The date by which the review is needed; null if none is set.")
    note: Mapped[str | None] = mapped_column(PARAGRAPH, doc="What the reviewer should look at.")
    reason: Mapped[str | None] = mapped_column(
        PARAGRAPH, info=SET_BY_SERVER, doc="The reason why the request is `DECLINED` or `CANCELLED`; else null."
    )
    done_at: Mapped[dt.datetime | None] = mapped_column(
        UtcDateTime, info=SET_BY_SERVER, doc="When the review was written; null until it is `DONE`."
    )
    sha256: Mapped[str] = mapped_column(
        SHA256, info=SET_BY_SERVER, doc="The SHA-256 hash of the file that the review is about, in hexadecimal."
    )
    document_id: Mapped[str] = mapped_column(KEY, reference_to("documents"))
    document_version_id: Mapped[str] = mapped_column(KEY, reference_to("document_versions"))
    reviewer_account_id: Mapped[str | None] = mapped_column(KEY, reference_to("accounts"))
    reviewer_group_id: Mapped[str | None] = mapped_column(KEY, reference_to("expert_groups"))
    requested_by_id: Mapped[str | None] = mapped_column(KEY, reference_to("accounts"))

    document: Mapped[Document] = relationship(back_populates="review_requests", doc="The document.")
    document_version: Mapped[DocumentVersion] = relationship(
        foreign_keys=[document_version_id],
        back_populates="review_requests",
        doc="The version of the document that the review is about.",
    )
    reviewer_account: Mapped[Account | None] = relationship(
        foreign_keys=[reviewer_account_id], doc="The person who reviews the version, if the reviewer is a person."
    )
    reviewer_group: Mapped[ExpertGroup | None] = relationship(
        doc="The expert group that reviews the version, if the reviewer is a group."
    )
    requested_by: Mapped[Account | None] = relationship(
        foreign_keys=[requested_by_id], doc="The account that requested the review."
    )

    @validates("document_version")
    def _bind_to_file(self, _name: str, version: DocumentVersion) -> DocumentVersion:
        self.document, self.document_id, self.sha256 = version.document, version.document_id, version.sha256
        return version

    @hybrid_property
    def is_overdue(self) -> bool:
        """Whether the review is not written and its due date is before today (UTC)."""
        return self.status in OPEN_REVIEWS and self.due_on is not None and self.due_on < now().date()

    @is_overdue.inplace.expression
    @classmethod
    def _is_overdue(cls) -> Any:
        return and_(cls.status.in_(OPEN_REVIEWS), cls.due_on.is_not(None), cls.due_on < func.current_date())

    @derived
    def is_stale(self) -> bool:
        """Whether the review is not written, and its version is withdrawn or a newer one is available."""
        is_gone = self.document_version.state is VersionState.WITHDRAWN or self.newer_version() is not None
        return self.status in OPEN_REVIEWS and is_gone

    @is_stale.expression
    @staticmethod
    def _is_stale(request: RowAlias) -> Any:
        version = request.related("document_version")
        newer = version.join("document").join("versions")
        is_gone = or_(
            version.exists(where=version.state == VersionState.WITHDRAWN),
            newer.exists(where=_replaces(newer, version)),
        )
        return and_(request.status.in_(OPEN_REVIEWS), is_gone)

    def newer_version(self) -> DocumentVersion | None:
        """Return the newest version that replaces the reviewed one; None if that is the current one.

        A draft beside a fixed document replaces only drafts: other readers do not see it.
        """
        version = self.document_version
        newer = [
            each
            for each in self.document.versions
            if each.state is VersionState.AVAILABLE
            and (each.draft_since is None or version.draft_since is not None)
            and _place(each) > _place(version)
        ]
        return max(newer, key=_place, default=None)

    __table_args__ = (
        # The file of a version cannot change while a review is about it.
        ForeignKeyConstraint(
            ["document_version_id", "document_id", "sha256"],
            ["document_versions.id", "document_versions.document_id", "document_versions.sha256"],
            name="fk_review_requests_file",
        ),
        CheckConstraint(exactly_one(*REVIEWERS), name="one_reviewer"),
        CheckConstraint("(status = 'DONE') = (result IS NOT NULL)", name="result_when_done"),
        CheckConstraint("(status = 'DONE') = (done_at IS NOT NULL)", name="done_at"),
        CheckConstraint("text IS NULL OR status = 'DONE'", name="text_of_review"),
        CheckConstraint("result IS NULL OR result = 'READY' OR text IS NOT NULL", name="text_of_issues"),
        CheckConstraint("(status IN ('DECLINED', 'CANCELLED')) = (reason IS NOT NULL)", name="reason"),
        *(
            Index(
                f"uq_review_requests_{reviewer}",
                "document_version_id",
                f"{reviewer}_id",
                unique=True,
                postgresql_where=NOT_CANCELLED,
                sqlite_where=NOT_CANCELLED,
            )
            for reviewer in REVIEWERS
        ),
        *sort_indexes("reference", "status", "result", "due_on", "done_at", "created_at", "updated_at"),
        *(
            index
            for name in ("document", "document_version", *REVIEWERS, "requested_by")
            for index in sort_indexes("reference", within=f"{name}_id")
        ),
    )


def _place(version: DocumentVersion) -> tuple[dt.datetime, str]:
    return version.created_at, version.id


def _replaces(newer: Any, version: Any) -> ColumnElement[bool]:
    """Return the SQL condition of `newer_version`."""
    later = or_(
        newer.created_at > version.created_at, and_(newer.created_at == version.created_at, newer.id > version.id)
    )
    shown = or_(newer.draft_since.is_(None), version.draft_since.is_not(None))
    return and_(newer.state == VersionState.AVAILABLE, shown, later)
