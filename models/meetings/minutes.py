"""Minutes of meetings: documents that a later meeting, or the chair, approves."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Entity, reference_to, sort_indexes
from models.types import KEY

if TYPE_CHECKING:
    from models.documents.documents import Document
    from models.meetings.decisions import Decision
    from models.meetings.meetings import Meeting


class Minutes(Entity):
    """A document that is the minutes of a meeting: a draft until it is approved."""

    __tablename__ = "minutes"
    natural_key = ("meeting", "document")
    parent_relation = "meeting"

    meeting_id: Mapped[str] = mapped_column(KEY, reference_to("meetings", ondelete="CASCADE"))
    document_id: Mapped[str] = mapped_column(KEY, reference_to("documents"))
    approved_on: Mapped[dt.date | None] = mapped_column(
        doc="The date on which the minutes were approved; null for a draft."
    )
    approved_by_id: Mapped[str | None] = mapped_column(KEY, reference_to("decisions"), index=True)

    meeting: Mapped[Meeting] = relationship(back_populates="minutes", doc="The meeting.")
    document: Mapped[Document] = relationship(back_populates="minutes_of", doc="The document with the minutes.")
    approved_by: Mapped[Decision | None] = relationship(
        doc="The decision of a later meeting that approved the minutes; null if the chair approved them."
    )

    __table_args__ = (
        UniqueConstraint("document_id"),
        UniqueConstraint("meeting_id", "document_id"),
        CheckConstraint("approved_by_id IS NULL OR approved_on IS NOT NULL", name="approved_by"),
        *sort_indexes("approved_on", "created_at", "updated_at"),
        *sort_indexes("created_at", within="meeting_id"),
    )
