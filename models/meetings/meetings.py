"""Meetings, with their agendas and attendances."""

from __future__ import annotations

import datetime as dt
from enum import Enum, unique
from typing import TYPE_CHECKING, Any

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Entity, link_table, reference_to, sort_indexes
from models.markings import HasMarking
from models.meetings.targets import OWNERS, exactly_one
from models.people.participants import VOTING_ROLES, CoalitionRole
from models.precision import DatePrecision
from models.search.searched import Searched
from models.sources.sources import Sourced
from models.sql_functions import year_of
from models.status_transitions import HasStatus
from models.types import ADDRESS, CODE, KEY, LINE, PARAGRAPH, UtcDateTime, enum_column

if TYPE_CHECKING:
    from models.administration.accounts import Account
    from models.documents.document_links import DocumentLink
    from models.documents.documents import Document
    from models.meetings.action_items import ActionItem
    from models.meetings.attendees import Attendee
    from models.meetings.decisions import Decision
    from models.meetings.minutes import Minutes
    from models.people.expert_groups import ExpertGroup
    from models.people.participants import Participant
    from models.sources.published_figures import PublishedFigure


@unique
class MeetingBody(Enum):
    """The body that met."""

    STEERING_GROUP = "The coalition's Steering Group."
    EXPERT_GROUP = "One of the expert groups."
    UDCG = "The Ukraine Defense Contact Group."
    OTHER = "Any other meeting, signing or visit."


@unique
class MeetingStatus(Enum):
    """The status of a meeting."""

    PLANNED = "Expected to take place."
    HELD = "Took place."
    POSTPONED = "Did not take place; a new date is to be set."
    CANCELLED = "Does not take place."


MEETING_TRANSITIONS = {
    MeetingStatus.PLANNED: frozenset({MeetingStatus.HELD, MeetingStatus.POSTPONED, MeetingStatus.CANCELLED}),
    MeetingStatus.HELD: frozenset({MeetingStatus.PLANNED}),
    MeetingStatus.POSTPONED: frozenset({MeetingStatus.PLANNED, MeetingStatus.CANCELLED}),
    MeetingStatus.CANCELLED: frozenset({MeetingStatus.PLANNED}),
}

meeting_documents = link_table("meeting_documents", "meeting_id=meetings", "document_id=documents")


class Meeting(HasStatus, HasMarking, Sourced, Entity):
    """A meeting of the Steering Group, an expert group, the Contact Group or another body."""

    __tablename__ = "meetings"
    natural_key = ("reference",)
    searched = Searched("reference", "title", ("place", "note"))
    owned_through = "group"
    transitions = MEETING_TRANSITIONS
    reopens = frozenset({(MeetingStatus.HELD, MeetingStatus.PLANNED), (MeetingStatus.CANCELLED, MeetingStatus.PLANNED)})

    reference: Mapped[str] = mapped_column(CODE, unique=True, doc="The reference in the register, such as `SG-2`.")
    status: Mapped[MeetingStatus] = mapped_column(
        enum_column(MeetingStatus, "status"),
        # The record has meetings that took place; the server default covers the rows that are there.
        default=MeetingStatus.HELD,
        server_default=MeetingStatus.HELD.name,
        doc="The status of the meeting; unless stated otherwise, `HELD`, or `PLANNED` if it is in the future.",
    )
    body: Mapped[MeetingBody] = mapped_column(enum_column(MeetingBody, "body"), doc="The body that met.")
    number: Mapped[int | None] = mapped_column(
        doc="The number of the meeting of that body; null if no source states it."
    )
    title: Mapped[str] = mapped_column(LINE, doc="The title.")
    held_on: Mapped[dt.date | None] = mapped_column(doc="The date of the meeting.")
    held_on_precision: Mapped[DatePrecision | None] = mapped_column(
        enum_column(DatePrecision, "held_on_precision"), doc="The precision of `heldOn`."
    )
    starts_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime, doc="The start of the meeting.")
    ends_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime, doc="The end of the meeting.")
    time_zone: Mapped[str | None] = mapped_column(
        CODE, doc="The time zone at the place of the meeting, from the IANA database, such as `Europe/Tallinn`."
    )
    place: Mapped[str | None] = mapped_column(LINE, doc="The place of the meeting.")
    link: Mapped[str | None] = mapped_column(ADDRESS, doc="The address at which to join the meeting online.")
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
    minutes: Mapped[list[Minutes]] = relationship(
        back_populates="meeting",
        cascade="all, delete-orphan",
        doc="The minutes of the meeting: a draft or the approved ones, and those that these correct.",
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

    @property
    def days(self) -> tuple[dt.date, dt.date] | None:
        """The first and the last day of the meeting; None if it has no date, or does not take place."""
        return meeting_days(self.status, self.held_on, self.ends_at)

    @classmethod
    def is_ended(cls, status: Enum) -> bool:
        """Return whether a meeting with this status can no longer change; a held one still gets its minutes."""
        return status is MeetingStatus.CANCELLED

    __table_args__ = (
        CheckConstraint("number >= 1", name="number"),
        CheckConstraint("ends_at >= starts_at", name="ends_at"),
        CheckConstraint("group_id IS NULL OR body = 'EXPERT_GROUP'", name="group_of_an_expert_group"),
        *sort_indexes("reference", "status", "body", "number", "title", "marking", "held_on", "starts_at", "place"),
        *sort_indexes("created_at", "updated_at"),
        *sort_indexes("held_on", within="host_id"),
        *sort_indexes("held_on", within="group_id"),
    )


def meeting_days(
    status: MeetingStatus, held_on: dt.date | None, ends_at: dt.datetime | None
) -> tuple[dt.date, dt.date] | None:
    """Return the first day of a meeting, and its last (UTC); None if it has no date, or does not take place."""
    if held_on is None or status not in {MeetingStatus.PLANNED, MeetingStatus.HELD}:
        return None
    return held_on, max(held_on, ends_at.date() if ends_at else held_on)


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
    owner_participant_id: Mapped[str | None] = mapped_column(KEY, reference_to("participants"))
    owner_group_id: Mapped[str | None] = mapped_column(KEY, reference_to("expert_groups"))
    owner_account_id: Mapped[str | None] = mapped_column(KEY, reference_to("accounts"))

    meeting: Mapped[Meeting] = relationship(back_populates="agenda", foreign_keys=[meeting_id], doc="The meeting.")
    action_item: Mapped[ActionItem | None] = relationship(
        back_populates="agenda_items", doc="The action item to discuss."
    )
    carried_over_from: Mapped[Meeting | None] = relationship(
        foreign_keys=[carried_over_from_id], doc="The meeting that left the action item open."
    )
    owner_participant: Mapped[Participant | None] = relationship(
        doc="The participant that presents the item, if it is the owner."
    )
    owner_group: Mapped[ExpertGroup | None] = relationship(
        doc="The expert group that presents the item, if it is the owner."
    )
    owner_account: Mapped[Account | None] = relationship(doc="The person who presents the item, if it is the owner.")
    document_links: Mapped[list[DocumentLink]] = relationship(
        back_populates="agenda_item",
        cascade="save-update, merge, delete",
        doc="The links of the documents about this object.",
    )

    __table_args__ = (
        UniqueConstraint("meeting_id", "ordinal"),
        UniqueConstraint("action_item_id", "meeting_id"),
        CheckConstraint("carried_over_from_id IS NULL OR action_item_id IS NOT NULL", name="carried_over_from"),
        CheckConstraint(exactly_one(*OWNERS).replace("= 1", "<= 1"), name="one_owner"),
        *sort_indexes("ordinal", "title", "created_at", "updated_at"),
        *sort_indexes("ordinal", within="meeting_id"),
        *(index for name in OWNERS for index in sort_indexes("ordinal", within=f"{name}_id")),
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
        doc="The role in which the participant attended; null if it is not known. If it is omitted, it is the role of "
        "the participant in the coalition on the day of the meeting, once the meeting is HELD.",
    )

    meeting: Mapped[Meeting] = relationship(back_populates="attendances", doc="The meeting.")
    participant: Mapped[Participant] = relationship(back_populates="attendances", doc="The participant that attended.")
    attendees: Mapped[list[Attendee]] = relationship(
        back_populates="attendance",
        cascade="all, delete-orphan",
        doc="The known persons who attended for the participant.",
    )

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
