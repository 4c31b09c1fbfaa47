"""Comment threads: what people write about a document, a need or a procurement, until it is resolved."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Entity, link_table, reference_to, sort_indexes
from models.drafts import SET_BY_SERVER
from models.meetings.targets import exactly_one
from models.search.searched import Searched
from models.types import CODE, KEY, PARAGRAPH, UtcDateTime

if TYPE_CHECKING:
    from models.administration.accounts import Account
    from models.documents.documents import Document
    from models.planning.capability_needs import CapabilityNeed
    from models.procurement.procurements import Procurement

#: The relations to the object that a thread is about; exactly one of them is set.
COMMENTED = ("document", "need", "procurement")

comment_mentions = link_table("comment_mentions", "comment_id=comments", "account_id=accounts")


class CommentThread(Entity):
    """A thread of comments on a document, a capability need or a procurement."""

    __tablename__ = "comment_threads"
    natural_key = ("reference",)
    owned_through = COMMENTED
    exactly_one_of = COMMENTED

    reference: Mapped[str] = mapped_column(CODE, unique=True, doc="The reference of the thread, such as `THR-001`.")
    resolved_at: Mapped[dt.datetime | None] = mapped_column(
        UtcDateTime, info=SET_BY_SERVER, doc="When the thread was resolved; null while it is open."
    )
    document_id: Mapped[str | None] = mapped_column(KEY, reference_to("documents"))
    need_id: Mapped[str | None] = mapped_column(KEY, reference_to("capability_needs"))
    procurement_id: Mapped[str | None] = mapped_column(KEY, reference_to("procurements"))
    opened_by_id: Mapped[str | None] = mapped_column(KEY, reference_to("accounts"))
    resolved_by_id: Mapped[str | None] = mapped_column(KEY, reference_to("accounts"))

    document: Mapped[Document | None] = relationship(
        back_populates="comment_threads", doc="The document, if the thread is about it."
    )
    need: Mapped[CapabilityNeed | None] = relationship(
        back_populates="comment_threads", doc="The capability need, if the thread is about it."
    )
    procurement: Mapped[Procurement | None] = relationship(
        back_populates="comment_threads", doc="The procurement, if the thread is about it."
    )
    opened_by: Mapped[Account | None] = relationship(
        foreign_keys=[opened_by_id], doc="The account that opened the thread."
    )
    resolved_by: Mapped[Account | None] = relationship(
        foreign_keys=[resolved_by_id], doc="The account that resolved the thread; null while it is open."
    )
    comments: Mapped[list[Comment]] = relationship(
        back_populates="thread", cascade="all, delete-orphan", doc="The comments of the thread."
    )

    @hybrid_property
    def is_resolved(self) -> bool:
        """Whether the thread is resolved."""
        return self.resolved_at is not None

    @is_resolved.inplace.expression
    @classmethod
    def _is_resolved(cls) -> Any:
        return cls.resolved_at.is_not(None)

    __table_args__ = (
        CheckConstraint(exactly_one(*COMMENTED), name="one_target"),
        CheckConstraint("resolved_by_id IS NULL OR resolved_at IS NOT NULL", name="resolved"),
        *sort_indexes("reference", "resolved_at", "created_at", "updated_at"),
        *(
            index
            for name in (*COMMENTED, "opened_by", "resolved_by")
            for index in sort_indexes("created_at", within=f"{name}_id")
        ),
    )


class Comment(Entity):
    """A comment in a thread."""

    __tablename__ = "comments"
    natural_key = ("thread", "ordinal")
    searched = Searched("", "", ("content",))
    parent_relation = "thread"

    thread_id: Mapped[str] = mapped_column(KEY, reference_to("comment_threads", ondelete="CASCADE"))
    ordinal: Mapped[int] = mapped_column(doc="The position in the thread, from 1.")
    content: Mapped[str | None] = mapped_column(PARAGRAPH, doc="The text; null if the comment is withdrawn.")
    edited_at: Mapped[dt.datetime | None] = mapped_column(
        UtcDateTime, info=SET_BY_SERVER, doc="When the author last edited the comment; null if it was not edited."
    )
    withdrawn_at: Mapped[dt.datetime | None] = mapped_column(
        UtcDateTime, info=SET_BY_SERVER, doc="When the comment was withdrawn; null if it was not withdrawn."
    )
    withdrawal_reason: Mapped[str | None] = mapped_column(
        PARAGRAPH, info=SET_BY_SERVER, doc="The reason why the comment was withdrawn."
    )
    author_id: Mapped[str | None] = mapped_column(KEY, reference_to("accounts"))
    withdrawn_by_id: Mapped[str | None] = mapped_column(KEY, reference_to("accounts"))

    thread: Mapped[CommentThread] = relationship(back_populates="comments", doc="The thread.")
    author: Mapped[Account | None] = relationship(foreign_keys=[author_id], doc="The account that wrote the comment.")
    withdrawn_by: Mapped[Account | None] = relationship(
        foreign_keys=[withdrawn_by_id], doc="The account that withdrew the comment."
    )
    mentions: Mapped[list[Account]] = relationship(
        secondary=comment_mentions,
        doc="The accounts that the comment is for; each of them saw the object then.",
    )

    __table_args__ = (
        UniqueConstraint("thread_id", "ordinal"),
        CheckConstraint("ordinal > 0", name="ordinal"),
        CheckConstraint("(withdrawn_at IS NULL) = (content IS NOT NULL)", name="withdrawn"),
        CheckConstraint("(withdrawn_at IS NULL) = (withdrawal_reason IS NULL)", name="withdrawal_reason"),
        CheckConstraint("withdrawn_by_id IS NULL OR withdrawn_at IS NOT NULL", name="withdrawn_by"),
        *sort_indexes("ordinal", "edited_at", "withdrawn_at", "created_at", "updated_at"),
        *sort_indexes("ordinal", within="thread_id"),
        *sort_indexes("created_at", within="author_id"),
        *sort_indexes("created_at", within="withdrawn_by_id"),
    )


def comment_threads_of(relation: str) -> Any:
    """Return the relation from an object to the threads about it, of which `relation` is the other side."""
    return relationship("CommentThread", back_populates=relation, doc="The comment threads about this object.")
