"""Meetings, who attended them and what they decided."""

from __future__ import annotations

import datetime as dt
from enum import Enum, unique
from typing import TYPE_CHECKING, Any

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlalchemy import text as sql
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
    from models.documents import Document
    from models.expert_groups import ExpertGroup
    from models.participants import Participant
    from models.procurements import Procurement
    from models.published_figures import PublishedFigure
    from models.roadmaps import Roadmap


@unique
class MeetingBody(Enum):
    """Which body met."""

    STEERING_GROUP = "The coalition's Steering Group."
    EXPERT_GROUP = "One of the expert groups."
    UDCG = "The Ukraine Defense Contact Group."
    OTHER = "Another meeting, signing or visit."


meeting_documents = link_table("meeting_documents", "meeting_id=meetings", "document_id=documents")


class Meeting(HasMarking, Sourced, Entity):
    """A meeting of the Steering Group, of an expert group, of the Contact Group or another."""

    __tablename__ = "meetings"
    natural_key = ("reference",)

    reference: Mapped[str] = mapped_column(CODE, unique=True, doc="Its name in the register, such as `SG-2`.")
    body: Mapped[MeetingBody] = mapped_column(enum_column(MeetingBody, "body"), doc="Which body met.")
    number: Mapped[int | None] = mapped_column(doc="Which meeting of that body it was; null where no source says.")
    title: Mapped[str] = mapped_column(LINE, doc="What it was, in a line.")
    held_on: Mapped[dt.date | None] = mapped_column(doc="When it was held.")
    held_on_precision: Mapped[DatePrecision | None] = mapped_column(
        enum_column(DatePrecision, "held_on_precision"), doc="How exactly that date is known."
    )
    place: Mapped[str | None] = mapped_column(LINE, doc="Where it was held.")
    note: Mapped[str | None] = mapped_column(PARAGRAPH, doc="What a reader must know before citing it.")
    host_id: Mapped[str | None] = mapped_column(KEY, reference_to("participants"))
    group_id: Mapped[str | None] = mapped_column(KEY, reference_to("expert_groups"))

    host: Mapped[Participant | None] = relationship(doc="Who hosted it.")
    group: Mapped[ExpertGroup | None] = relationship(back_populates="meetings", doc="The expert group that met.")
    agenda: Mapped[list[AgendaItem]] = relationship(
        back_populates="meeting", cascade="all, delete-orphan", doc="What it dealt with."
    )
    attendances: Mapped[list[Attendance]] = relationship(
        back_populates="meeting", cascade="all, delete-orphan", doc="Who is known to have attended."
    )
    decisions: Mapped[list[Decision]] = relationship(
        back_populates="meeting", cascade="all, delete-orphan", doc="What it decided or announced."
    )
    documents: Mapped[list[Document]] = relationship(
        secondary=meeting_documents, back_populates="meetings", doc="Its papers, and public releases on it."
    )
    published_figures: Mapped[list[PublishedFigure]] = relationship(
        back_populates="meeting", doc="The figures published of it; where sources disagree, each of them."
    )

    @hybrid_property
    def held_year(self) -> int | None:
        """Year in which it was held."""
        return self.held_on.year if self.held_on else None

    @held_year.inplace.expression
    @classmethod
    def _held_year(cls) -> Any:
        return year_of(cls.held_on)

    __table_args__ = (
        CheckConstraint("number >= 1", name="number"),
        CheckConstraint("group_id IS NULL OR body = 'EXPERT_GROUP'", name="group_of_an_expert_group"),
        Index(
            "uq_meetings_steering_group_number",
            "number",
            unique=True,
            sqlite_where=sql("body = 'STEERING_GROUP'"),
            postgresql_where=sql("body = 'STEERING_GROUP'"),
        ),
        *sort_indexes("reference", "body", "number", "title", "marking", "held_on", "place"),
        *sort_indexes("created_at", "updated_at"),
        *sort_indexes("held_on", within="host_id"),
        *sort_indexes("held_on", within="group_id"),
    )


class AgendaItem(Entity):
    """One item of a meeting's agenda."""

    __tablename__ = "agenda_items"
    natural_key = ("meeting", "ordinal")
    parent_relation = "meeting"

    meeting_id: Mapped[str] = mapped_column(KEY, reference_to("meetings", ondelete="CASCADE"))
    ordinal: Mapped[int] = mapped_column(doc="Its place on the agenda, from 1.")
    title: Mapped[str] = mapped_column(LINE, doc="What it is about.")

    meeting: Mapped[Meeting] = relationship(back_populates="agenda", doc="The meeting.")

    __table_args__ = (
        UniqueConstraint("meeting_id", "ordinal"),
        *sort_indexes("ordinal", "title", "created_at", "updated_at"),
        *sort_indexes("ordinal", within="meeting_id"),
    )


class Attendance(Entity):
    """A participant's presence at a meeting, in one capacity."""

    __tablename__ = "attendances"
    natural_key = ("meeting", "participant")
    parent_relation = "meeting"

    meeting_id: Mapped[str] = mapped_column(KEY, reference_to("meetings", ondelete="CASCADE"))
    participant_id: Mapped[str] = mapped_column(KEY, reference_to("participants"))
    capacity: Mapped[CoalitionRole | None] = mapped_column(
        enum_column(CoalitionRole, "capacity"), doc="In what role it attended; null where no source says."
    )

    meeting: Mapped[Meeting] = relationship(back_populates="attendances", doc="The meeting.")
    participant: Mapped[Participant] = relationship(back_populates="attendances", doc="Who attended.")

    @hybrid_property
    def may_vote(self) -> bool | None:
        """Whether it has a vote: only leads and participants do; null where its capacity is unknown."""
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
    """What a decision is about."""

    ORGANISATION = "Bodies, roles and ways of working."
    AGREEMENT = "An agreement or declaration."
    MEMBERSHIP = "Who joins."
    ROADMAP = "The roadmap of acquisitions."
    PROCUREMENT = "What is bought or ordered."
    FUNDING = "Contributions."
    OTHER = "Anything else."


class Decision(Sourced, Entity):
    """Something a meeting decided, agreed or announced."""

    __tablename__ = "decisions"
    natural_key = ("reference",)
    parent_relation = "meeting"

    reference: Mapped[str] = mapped_column(CODE, unique=True, doc="Its name in the register, such as `SG-2/1`.")
    meeting_id: Mapped[str] = mapped_column(KEY, reference_to("meetings", ondelete="CASCADE"))
    ordinal: Mapped[int] = mapped_column(doc="Its place among the meeting's decisions, from 1.")
    kind: Mapped[DecisionKind] = mapped_column(enum_column(DecisionKind, "kind"), doc="What it is about.")
    text: Mapped[str] = mapped_column(PARAGRAPH, doc="What was decided.")

    meeting: Mapped[Meeting] = relationship(back_populates="decisions", doc="The meeting that decided it.")
    targets: Mapped[list[DecisionTarget]] = relationship(
        back_populates="decision", cascade="all, delete-orphan", doc="What it created, approved or endorsed."
    )
    votes: Mapped[list[Vote]] = relationship(
        back_populates="decision", cascade="all, delete-orphan", doc="Who voted how on it, where that is known."
    )

    __table_args__ = (
        UniqueConstraint("meeting_id", "ordinal"),
        *sort_indexes("reference", "ordinal", "kind", "created_at", "updated_at"),
        *sort_indexes("ordinal", within="meeting_id"),
    )


@unique
class VoteChoice(Enum):
    """How a participant votes."""

    FOR = "For the decision."
    AGAINST = "Against it."
    ABSTAIN = "Neither for it nor against it."


class Vote(Entity):
    """The vote of a participant on a decision; only leads and participants who attend the meeting vote, once."""

    __tablename__ = "votes"
    natural_key = ("decision", "participant")
    parent_relation = "decision"

    decision_id: Mapped[str] = mapped_column(KEY, reference_to("decisions", ondelete="CASCADE"))
    participant_id: Mapped[str] = mapped_column(KEY, reference_to("participants"))
    choice: Mapped[VoteChoice] = mapped_column(enum_column(VoteChoice, "choice"), doc="How it voted.")

    decision: Mapped[Decision] = relationship(back_populates="votes", doc="The decision.")
    participant: Mapped[Participant] = relationship(doc="Who voted.")

    __table_args__ = (
        UniqueConstraint("decision_id", "participant_id"),
        *sort_indexes("choice", "created_at", "updated_at"),
        *sort_indexes("created_at", within="decision_id"),
        *sort_indexes("created_at", within="participant_id"),
    )


class DecisionTarget(Entity):
    """One thing a decision is about: exactly one of the references is set."""

    __tablename__ = "decision_targets"
    natural_key = ("decision", "ordinal")
    parent_relation = "decision"

    decision_id: Mapped[str] = mapped_column(KEY, reference_to("decisions", ondelete="CASCADE"))
    ordinal: Mapped[int] = mapped_column(doc="Its place among the decision's targets, from 1.")
    expert_group_id: Mapped[str | None] = mapped_column(KEY, reference_to("expert_groups"), index=True)
    procurement_id: Mapped[str | None] = mapped_column(KEY, reference_to("procurements"), index=True)
    roadmap_id: Mapped[str | None] = mapped_column(KEY, reference_to("roadmaps"), index=True)
    participant_id: Mapped[str | None] = mapped_column(KEY, reference_to("participants"), index=True)

    decision: Mapped[Decision] = relationship(back_populates="targets", doc="The decision.")
    expert_group: Mapped[ExpertGroup | None] = relationship(doc="An expert group it created or charged.")
    procurement: Mapped[Procurement | None] = relationship(doc="A procurement it approved or changed.")
    roadmap: Mapped[Roadmap | None] = relationship(doc="A roadmap it worked on or endorsed.")
    participant: Mapped[Participant | None] = relationship(doc="A participant it admitted or charged.")

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
