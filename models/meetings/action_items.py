"""Action items: the next steps that a meeting agrees on, each with an owner and a due date."""

from __future__ import annotations

import datetime as dt
from enum import Enum, unique
from typing import TYPE_CHECKING, Any

from sqlalchemy import CheckConstraint, Computed, UniqueConstraint, and_, func
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Entity, now, reference_to, sort_indexes
from models.markings import HasMarking
from models.meetings.targets import OWNERS, HasTarget, exactly_one, target_constraints
from models.planning.capability_needs import PRIORITY_RANK, Priority
from models.search.searched import Searched
from models.status_transitions import HasStatus
from models.types import CODE, KEY, PARAGRAPH, enum_column

if TYPE_CHECKING:
    from models.administration.accounts import Account
    from models.meetings.decisions import Decision
    from models.meetings.meetings import AgendaItem, Meeting
    from models.people.expert_groups import ExpertGroup
    from models.people.participants import Participant


@unique
class ActionItemStatus(Enum):
    """The status of an action item."""

    OPEN = "Agreed, not started."
    IN_PROGRESS = "Work has started."
    DONE = "Done."
    CANCELLED = "No longer needed."


ACTION_ITEM_TRANSITIONS = {
    ActionItemStatus.OPEN: frozenset({ActionItemStatus.IN_PROGRESS, ActionItemStatus.CANCELLED}),
    ActionItemStatus.IN_PROGRESS: frozenset({ActionItemStatus.DONE, ActionItemStatus.CANCELLED}),
    ActionItemStatus.DONE: frozenset({ActionItemStatus.OPEN}),
    ActionItemStatus.CANCELLED: frozenset({ActionItemStatus.OPEN}),
}

#: The action items that still need work.
OPEN_ACTION_ITEMS = (ActionItemStatus.OPEN, ActionItemStatus.IN_PROGRESS)


class ActionItem(HasStatus, HasMarking, Entity):
    """A next step: the work that a participant, an expert group or a person must do by a date."""

    __tablename__ = "action_items"
    natural_key = ("reference",)
    searched = Searched("reference", "", ("text", "outcome"))
    owned_through = "group"
    transitions = ACTION_ITEM_TRANSITIONS
    reopens = frozenset(
        {(ActionItemStatus.DONE, ActionItemStatus.OPEN), (ActionItemStatus.CANCELLED, ActionItemStatus.OPEN)}
    )

    reference: Mapped[str] = mapped_column(CODE, unique=True, doc="The reference in the register, such as `ACT-001`.")
    text: Mapped[str] = mapped_column(PARAGRAPH, doc="The work to do.")
    status: Mapped[ActionItemStatus] = mapped_column(
        enum_column(ActionItemStatus, "status"), default=ActionItemStatus.OPEN, doc="The status of the action item."
    )
    priority: Mapped[Priority | None] = mapped_column(
        enum_column(Priority, "priority"), doc="The urgency; null if none was agreed."
    )
    priority_rank: Mapped[int | None] = mapped_column(
        Computed(PRIORITY_RANK, persisted=True), doc="The priority as a number; 1 is the most urgent."
    )
    due_on: Mapped[dt.date | None] = mapped_column(doc="The date by which the work must be done; null if none is set.")
    done_on: Mapped[dt.date | None] = mapped_column(doc="The date on which the work was done; null until it is `DONE`.")
    outcome: Mapped[str | None] = mapped_column(PARAGRAPH, doc="The result of the work, or the reason to cancel it.")
    meeting_id: Mapped[str | None] = mapped_column(KEY, reference_to("meetings"))
    decision_id: Mapped[str | None] = mapped_column(KEY, reference_to("decisions"))
    group_id: Mapped[str | None] = mapped_column(KEY, reference_to("expert_groups"))
    owner_participant_id: Mapped[str | None] = mapped_column(KEY, reference_to("participants"))
    owner_group_id: Mapped[str | None] = mapped_column(KEY, reference_to("expert_groups"))
    owner_account_id: Mapped[str | None] = mapped_column(KEY, reference_to("accounts"))

    meeting: Mapped[Meeting | None] = relationship(
        back_populates="action_items", doc="The meeting that agreed on the action item."
    )
    decision: Mapped[Decision | None] = relationship(
        back_populates="action_items", doc="The decision that the action item follows from."
    )
    group: Mapped[ExpertGroup | None] = relationship(
        foreign_keys=[group_id],
        back_populates="action_items",
        doc="The expert group that monitors the action item; null for the leads.",
    )
    owner_participant: Mapped[Participant | None] = relationship(
        back_populates="action_items", doc="The participant that must do the work, if it is the owner."
    )
    owner_group: Mapped[ExpertGroup | None] = relationship(
        foreign_keys=[owner_group_id],
        back_populates="owned_action_items",
        doc="The expert group that must do the work, if it is the owner.",
    )
    owner_account: Mapped[Account | None] = relationship(doc="The person who must do the work, if it is the owner.")
    targets: Mapped[list[ActionItemTarget]] = relationship(
        back_populates="action_item",
        cascade="all, delete-orphan",
        doc="The objects that the action item refers to.",
    )
    agenda_items: Mapped[list[AgendaItem]] = relationship(
        back_populates="action_item", doc="The agenda items of later meetings that list the action item."
    )

    @hybrid_property
    def is_overdue(self) -> bool:
        """Whether the work is not finished and its due date is before today (UTC)."""
        return self.status in OPEN_ACTION_ITEMS and self.due_on is not None and self.due_on < now().date()

    @is_overdue.inplace.expression
    @classmethod
    def _is_overdue(cls) -> Any:
        return and_(cls.status.in_(OPEN_ACTION_ITEMS), cls.due_on.is_not(None), cls.due_on < func.current_date())

    @classmethod
    def is_ended(cls, status: Enum) -> bool:
        """Return False: a finished action item still gets its outcome; its other fields are locked."""
        del status
        return False

    __table_args__ = (
        CheckConstraint(exactly_one(*OWNERS), name="one_owner"),
        CheckConstraint("(status = 'DONE') = (done_on IS NOT NULL)", name="done_on"),
        *sort_indexes("reference", "status", "marking", "priority", "priority_rank", "due_on", "done_on"),
        *sort_indexes("created_at", "updated_at"),
        *(
            index
            for name in ("meeting", "decision", "group", *OWNERS)
            for index in sort_indexes("reference", within=f"{name}_id")
        ),
    )


class ActionItemTarget(HasTarget, Entity):
    """An object that an action item refers to; exactly one of the references is set."""

    __tablename__ = "action_item_targets"
    natural_key = ("action_item", "ordinal")
    parent_relation = "action_item"

    action_item_id: Mapped[str] = mapped_column(KEY, reference_to("action_items", ondelete="CASCADE"))
    ordinal: Mapped[int] = mapped_column(doc="The position among the targets of the action item, from 1.")

    action_item: Mapped[ActionItem] = relationship(back_populates="targets", doc="The action item.")

    __table_args__ = (
        UniqueConstraint("action_item_id", "ordinal"),
        *target_constraints("action_item"),
        *sort_indexes("ordinal", "created_at", "updated_at"),
        *sort_indexes("ordinal", within="action_item_id"),
    )
