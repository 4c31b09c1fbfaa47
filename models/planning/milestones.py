"""Milestones: what an expert group wants to have reached by a date."""

from __future__ import annotations

import datetime as dt
from enum import Enum, unique
from typing import TYPE_CHECKING, Any

from sqlalchemy import CheckConstraint, and_, func
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Entity, now, reference_to, sort_indexes
from models.drafts import SET_BY_SERVER
from models.markings import HasMarking
from models.status_transitions import HasStatus
from models.types import CODE, KEY, LINE, PARAGRAPH, enum_column

if TYPE_CHECKING:
    from models.people.expert_groups import ExpertGroup


@unique
class MilestoneStatus(Enum):
    """The status of a milestone."""

    OPEN = "Still to be reached."
    REACHED = "Reached."
    DROPPED = "Given up; it is not to be reached."


MILESTONE_TRANSITIONS = {
    MilestoneStatus.OPEN: frozenset({MilestoneStatus.REACHED, MilestoneStatus.DROPPED}),
    MilestoneStatus.REACHED: frozenset({MilestoneStatus.OPEN}),
    MilestoneStatus.DROPPED: frozenset({MilestoneStatus.OPEN}),
}


class Milestone(HasStatus, HasMarking, Entity):
    """A milestone: a result that an expert group wants to reach by a date."""

    __tablename__ = "milestones"
    natural_key = ("reference",)
    owned_through = "group"
    transitions = MILESTONE_TRANSITIONS
    reopens = frozenset(
        {(MilestoneStatus.REACHED, MilestoneStatus.OPEN), (MilestoneStatus.DROPPED, MilestoneStatus.OPEN)}
    )

    reference: Mapped[str] = mapped_column(CODE, unique=True, doc="The reference in the register, such as `MS-001`.")
    title: Mapped[str] = mapped_column(LINE, doc="The title: the result to reach.")
    description: Mapped[str | None] = mapped_column(PARAGRAPH, doc="How to see that the milestone is reached.")
    status: Mapped[MilestoneStatus] = mapped_column(
        enum_column(MilestoneStatus, "status"), default=MilestoneStatus.OPEN, doc="The status of the milestone."
    )
    due_on: Mapped[dt.date] = mapped_column(doc="The last day on which the milestone is reached in time.")
    ended_on: Mapped[dt.date | None] = mapped_column(
        doc="The day on which the milestone was reached or dropped; null while it is `OPEN`."
    )
    drop_reason: Mapped[str | None] = mapped_column(
        PARAGRAPH, info=SET_BY_SERVER, doc="The reason why the milestone was dropped; null unless it is `DROPPED`."
    )
    group_id: Mapped[str | None] = mapped_column(KEY, reference_to("expert_groups"))

    group: Mapped[ExpertGroup | None] = relationship(
        back_populates="milestones", doc="The expert group that works towards the milestone; null for the leads."
    )

    @hybrid_property
    def is_overdue(self) -> bool:
        """Whether the milestone is `OPEN` and its due date is before today (UTC)."""
        return self.status is MilestoneStatus.OPEN and self.due_on < now().date()

    @is_overdue.inplace.expression
    @classmethod
    def _is_overdue(cls) -> Any:
        return and_(cls.status == MilestoneStatus.OPEN, cls.due_on < func.current_date())

    __table_args__ = (
        CheckConstraint("(status IN ('REACHED', 'DROPPED')) = (ended_on IS NOT NULL)", name="ended_on"),
        CheckConstraint("drop_reason IS NULL OR status = 'DROPPED'", name="drop_reason"),
        *sort_indexes("reference", "title", "status", "marking", "due_on", "ended_on", "created_at", "updated_at"),
        *sort_indexes("due_on", within="group_id"),
    )
