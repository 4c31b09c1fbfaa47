"""Meetings, with their agendas, attendances, decisions and votes."""

from __future__ import annotations

import datetime as dt
from enum import Enum, unique
from typing import TYPE_CHECKING, Any

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Entity, link_table, reference_to, sort_indexes
from models.markings import HasMarking
from models.participants import VOTING_ROLES, CoalitionRole
from models.precision import DatePrecision
from models.sources import Sourced
from models.sql_functions import year_of
from models.types import CODE, KEY, LINE, PARAGRAPH, enum_column

if TYPE_CHECKING:
    from models.action_items import ActionItem
    from models.documents import Document
    from models.expert_groups import ExpertGroup
    from models.participants import Participant
    from models.procurements import Procurement
    from models.published_figures import PublishedFigure
    from models.roadmaps import Roadmap


@unique
class MeetingBody(Enum):
    """The body that met."""

    STEERING_GROUP = "The coalition's Steering Group."
    EXPERT_GROUP = "One of the expert groups."
    UDCG = "The Ukraine Defense Contact Group."
    OTHER = "Any other meeting, signing or visit."


meeting_documents = link_table("meeting_documents", "meeting_id=meetings", "document_id=documents")


class Meeting(HasMarking, Sourced, Entity):
    """A meeting of the Steering Group, an expert group, the Contact Group or another body."""

    __tablename__ = "meetings"
    natural_key = ("reference",)
    owned_through = "group"

    reference: Mapped[str] = mapped_column(CODE, unique=True, doc="The reference in the register, such as `SG-2`.")
    body: Mapped[MeetingBody] = mapped_column(enum_column(MeetingBody, "body"), doc="The body that met.")
    number: Mapped[int | None] = mapped_column(
        doc="The number of the meeting of that body; null if no source states it."
    )
    title: Mapped[str] = mapped_column(LINE, doc="The title.")
    held_on: Mapped[dt.date | None] = mapped_column(doc="The date of the meeting.")
    held_on_precision: Mapped[DatePrecision | None] = mapped_column(
        enum_column(DatePrecision, "held_on_precision"), doc="The precision of `heldOn`."
    )
    place: Mapped[str | None] = mapped_column(LINE, doc="The place of the meeting.")
    note: Mapped[str | None] = mapped_column(PARAGRAPH, doc="Caveats to read before you cite the meeting.")
    host_id: Mapped[str | None] = mapped_column(KEY, reference_to("participants"))
    group_id: Mapped[str | None] = mapped_column(KEY, reference_to("expert_groups"))

    host: Mapped[Participant | None] = relationship(doc="The participant that hosted the meeting.")
    group: Mapped[ExpertGroup | None] = relationship(back_populates="meetings", doc="The expert group that met.")
    agenda: Mapped[list[AgendaItem]] = relationship(
        back_populates="meeting",
        cascade="all, delete-orphan",
        foreign_keys="AgendaItem.meeting_id",
        doc="The items of the agenda.",
    )
    attendances: Mapped[list[Attendance]] = relationship(
        back_populates="meeting", cascade="all, delete-orphan", doc="The known attendances."
    )
    decisions: Mapped[list[Decision]] = relationship(
        back_populates="meeting", cascade="all, delete-orphan", doc="The decisions and announcements of the meeting."
    )
    action_items: Mapped[list[ActionItem]] = relationship(
        back_populates="meeting", doc="The action items that the meeting agreed on."
    )
    documents: Mapped[list[Document]] = relationship(
        secondary=meeting_documents,
        back_populates="meetings",
        doc="The documents for the meeting, and public releases about it.",
    )
    published_figures: Mapped[list[PublishedFigure]] = relationship(
        back_populates="meeting", doc="The figures published about the meeting, including figures that disagree."
    )

    @hybrid_property
    def held_year(self) -> int | None:
        """Year of the meeting."""
        return self.held_on.year if self.held_on else None

    @held_year.inplace.expression
    @classmethod
    def _held_year(cls) -> Any:
        return year_of(cls.held_on)

    __table_args__ = (
        CheckConstraint("number >= 1", name="number"),
        CheckConstraint("group_id IS NULL OR body = 'EXPERT_GROUP'", name="group_of_an_expert_group"),
        *sort_indexes("reference", "body", "number", "title", "marking", "held_on", "place"),
        *sort_indexes("created_at", "updated_at"),
        *sort_indexes("held_on", within="host_id"),
        *sort_indexes("held_on", within="group_id"),
    )


class AgendaItem(Entity):
    """An item on the agenda of a meeting."""

    __tablename__ = "agenda_items"
    natural_key = ("meeting", "ordinal")
    parent_relation = "meeting"

    meeting_id: Mapped[str] = mapped_column(KEY, reference_to("meetings", ondelete="CASCADE"))
    ordinal: Mapped[int] = mapped_column(doc="The position on the agenda, from 1.")
    title: Mapped[str] = mapped_column(LINE, doc="The subject.")
    action_item_id: Mapped[str | None] = mapped_column(KEY, reference_to("action_items"))
    carried_over_from_id: Mapped[str | None] = mapped_column(KEY, reference_to("meetings"), index=True)

    meeting: Mapped[Meeting] = relationship(back_populates="agenda", foreign_keys=[meeting_id], doc="The meeting.")
    action_item: Mapped[ActionItem | None] = relationship(
        back_populates="agenda_items", doc="The action item to discuss."
    )
    carried_over_from: Mapped[Meeting | None] = relationship(
        foreign_keys=[carried_over_from_id], doc="The meeting that left the action item open."
    )

    __table_args__ = (
        UniqueConstraint("meeting_id", "ordinal"),
        UniqueConstraint("action_item_id", "meeting_id"),
        CheckConstraint("carried_over_from_id IS NULL OR action_item_id IS NOT NULL", name="carried_over_from"),
        *sort_indexes("ordinal", "title", "created_at", "updated_at"),
        *sort_indexes("ordinal", within="meeting_id"),
    )


class Attendance(Entity):
    """The attendance of a participant at a meeting."""

    __tablename__ = "attendances"
    natural_key = ("meeting", "participant")
    parent_relation = "meeting"

    meeting_id: Mapped[str] = mapped_column(KEY, reference_to("meetings", ondelete="CASCADE"))
    participant_id: Mapped[str] = mapped_column(KEY, reference_to("participants"))
    capacity: Mapped[CoalitionRole | None] = mapped_column(
        enum_column(CoalitionRole, "capacity"),
        doc="The role in which the participant attended; null if no source states it.",
    )

    meeting: Mapped[Meeting] = relationship(back_populates="attendances", doc="The meeting.")
    participant: Mapped[Participant] = relationship(back_populates="attendances", doc="The participant that attended.")

    @hybrid_property
    def may_vote(self) -> bool | None:
        """Whether the participant may vote: only as `LEAD` or `PARTICIPANT`; null if the capacity is unknown."""
        return None if self.capacity is None else self.capacity in VOTING_ROLES

    @may_vote.inplace.expression
    @classmethod
    def _may_vote(cls) -> Any:
        return cls.capacity.in_(VOTING_ROLES)

    __table_args__ = (
        UniqueConstraint("meeting_id", "participant_id"),
        *sort_indexes("capacity", "created_at", "updated_at"),
        *sort_indexes("created_at", within="meeting_id"),
        *sort_indexes("created_at", within="participant_id"),
    )


@unique
class DecisionKind(Enum):
    """The subject of a decision."""

    ORGANISATION = "Bodies, roles and working methods."
    AGREEMENT = "An agreement or declaration."
    MEMBERSHIP = "Membership of the coalition."
    ROADMAP = "The roadmap of acquisitions."
    PROCUREMENT = "Procurements and purchase orders."
    FUNDING = "Contributions."
    OTHER = "Any other subject."


class Decision(Sourced, Entity):
    """A decision, agreement or announcement of a meeting."""

    __tablename__ = "decisions"
    natural_key = ("reference",)
    parent_relation = "meeting"

    reference: Mapped[str] = mapped_column(CODE, unique=True, doc="The reference in the register, such as `SG-2/1`.")
    meeting_id: Mapped[str] = mapped_column(KEY, reference_to("meetings", ondelete="CASCADE"))
    ordinal: Mapped[int] = mapped_column(doc="The position among the decisions of the meeting, from 1.")
    kind: Mapped[DecisionKind] = mapped_column(enum_column(DecisionKind, "kind"), doc="The subject.")
    text: Mapped[str] = mapped_column(PARAGRAPH, doc="The text of the decision.")

    meeting: Mapped[Meeting] = relationship(back_populates="decisions", doc="The meeting that made the decision.")
    targets: Mapped[list[DecisionTarget]] = relationship(
        back_populates="decision",
        cascade="all, delete-orphan",
        doc="The objects that the decision created, approved or endorsed.",
    )
    votes: Mapped[list[Vote]] = relationship(
        back_populates="decision", cascade="all, delete-orphan", doc="The known votes on the decision."
    )
    action_items: Mapped[list[ActionItem]] = relationship(
        back_populates="decision", doc="The action items that follow from the decision."
    )

    __table_args__ = (
        UniqueConstraint("meeting_id", "ordinal"),
        *sort_indexes("reference", "ordinal", "kind", "created_at", "updated_at"),
        *sort_indexes("ordinal", within="meeting_id"),
    )


@unique
class VoteChoice(Enum):
    """The choice of a vote."""

    FOR = "For the decision."
    AGAINST = "Against the decision."
    ABSTAIN = "Abstention."


class Vote(Entity):
    """The vote of a participant on a decision; only a `LEAD` or `PARTICIPANT` at the meeting may vote, once."""

    __tablename__ = "votes"
    natural_key = ("decision", "participant")
    parent_relation = "decision"

    decision_id: Mapped[str] = mapped_column(KEY, reference_to("decisions", ondelete="CASCADE"))
    participant_id: Mapped[str] = mapped_column(KEY, reference_to("participants"))
    choice: Mapped[VoteChoice] = mapped_column(enum_column(VoteChoice, "choice"), doc="The choice.")

    decision: Mapped[Decision] = relationship(back_populates="votes", doc="The decision.")
    participant: Mapped[Participant] = relationship(doc="The participant that voted.")

    __table_args__ = (
        UniqueConstraint("decision_id", "participant_id"),
        *sort_indexes("choice", "created_at", "updated_at"),
        *sort_indexes("created_at", within="decision_id"),
        *sort_indexes("created_at", within="participant_id"),
    )


class DecisionTarget(Entity):
    """An object that a decision refers to; exactly one of the references is set."""

    __tablename__ = "decision_targets"
    natural_key = ("decision", "ordinal")
    parent_relation = "decision"

    decision_id: Mapped[str] = mapped_column(KEY, reference_to("decisions", ondelete="CASCADE"))
    ordinal: Mapped[int] = mapped_column(doc="The position among the targets of the decision, from 1.")
    expert_group_id: Mapped[str | None] = mapped_column(KEY, reference_to("expert_groups"), index=True)
    procurement_id: Mapped[str | None] = mapped_column(KEY, reference_to("procurements"), index=True)
    roadmap_id: Mapped[str | None] = mapped_column(KEY, reference_to("roadmaps"), index=True)
    participant_id: Mapped[str | None] = mapped_column(KEY, reference_to("participants"), index=True)

    decision: Mapped[Decision] = relationship(back_populates="targets", doc="The decision.")
    expert_group: Mapped[ExpertGroup | None] = relationship(
        doc="The expert group that the decision created or instructed."
    )
    procurement: Mapped[Procurement | None] = relationship(doc="The procurement that the decision approved or changed.")
    roadmap: Mapped[Roadmap | None] = relationship(doc="The roadmap that the decision prepared or endorsed.")
    participant: Mapped[Participant | None] = relationship(
        doc="The participant that the decision admitted or instructed."
    )

    __table_args__ = (
        UniqueConstraint("decision_id", "ordinal"),
        CheckConstraint(
            " + ".join(
                f"CASE WHEN {name}_id IS NULL THEN 0 ELSE 1 END"
                for name in ("expert_group", "procurement", "roadmap", "participant")
            )
            + " = 1",
            name="one_target",
        ),
        *sort_indexes("ordinal", "created_at", "updated_at"),
        *sort_indexes("ordinal", within="decision_id"),
    )
