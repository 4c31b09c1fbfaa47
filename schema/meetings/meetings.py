"""Meetings, agendas and attendances in the contract."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import models
from models import CoalitionRole, DatePrecision, Marking, MeetingBody, MeetingStatus
from schema.builder.entity_types import Connection, Transitions, entity_type
from schema.entity import Entity

if TYPE_CHECKING:
    from schema.administration.accounts import Account
    from schema.documents.document_links import DocumentLink
    from schema.documents.documents import Document
    from schema.meetings.action_items import ActionItem
    from schema.meetings.attendees import Attendee
    from schema.meetings.decisions import Decision
    from schema.meetings.minutes import Minutes
    from schema.people.expert_groups import ExpertGroup
    from schema.people.participants import Participant
    from schema.sources.published_figures import PublishedFigure
    from schema.sources.sources import Source


@entity_type(
    models.Meeting,
    root="meetings",
    description="The meetings of the Steering Group, the expert groups and the Contact Group.",
)
class Meeting(Entity):
    """A meeting."""

    reference: str
    status: MeetingStatus
    available_transitions: list[MeetingStatus]
    transitions: Transitions
    body: MeetingBody
    number: int | None
    title: str
    marking: Marking
    held_on: dt.date | None
    held_on_precision: DatePrecision | None
    held_year: int | None
    starts_at: dt.datetime | None
    ends_at: dt.datetime | None
    time_zone: str | None
    place: str | None
    link: str | None
    note: str | None
    host: Participant | None
    group: ExpertGroup | None
    agenda: Connection[AgendaItem]
    attendances: Connection[Attendance]
    decisions: Connection[Decision]
    action_items: Connection[ActionItem]
    documents: Connection[Document]
    minutes: Connection[Minutes]
    published_figures: Connection[PublishedFigure]
    sources: list[Source]


@entity_type(models.AgendaItem)
class AgendaItem(Entity):
    """An item of an agenda."""

    meeting: Meeting
    ordinal: int
    title: str
    action_item: ActionItem | None
    carried_over_from: Meeting | None
    owner_participant: Participant | None
    owner_group: ExpertGroup | None
    owner_account: Account | None
    document_links: Connection[DocumentLink]


@entity_type(models.Attendance)
class Attendance(Entity):
    """An attendance."""

    meeting: Meeting
    participant: Participant
    capacity: CoalitionRole | None
    may_vote: bool | None
    attendees: Connection[Attendee]
