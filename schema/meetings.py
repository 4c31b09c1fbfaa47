"""Meetings, agendas, attendances and decisions in the contract."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import models
from models import CoalitionRole, DatePrecision, DecisionKind, Marking, MeetingBody, VoteChoice
from schema.builder.entity_types import Connection, entity_type
from schema.entity import Entity

if TYPE_CHECKING:
    from schema.action_items import ActionItem
    from schema.documents import Document
    from schema.expert_groups import ExpertGroup
    from schema.participants import Participant
    from schema.procurements import Procurement
    from schema.published_figures import PublishedFigure
    from schema.roadmaps import Roadmap
    from schema.sources import Source


@entity_type(
    models.Meeting,
    root="meetings",
    description="The meetings of the Steering Group, the expert groups and the Contact Group.",
)
class Meeting(Entity):
    """A meeting."""

    reference: str
    body: MeetingBody
    number: int | None
    title: str
    marking: Marking
    held_on: dt.date | None
    held_on_precision: DatePrecision | None
    held_year: int | None
    place: str | None
    note: str | None
    host: Participant | None
    group: ExpertGroup | None
    agenda: Connection[AgendaItem]
    attendances: Connection[Attendance]
    decisions: Connection[Decision]
    action_items: Connection[ActionItem]
    documents: Connection[Document]
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


@entity_type(models.Attendance)
class Attendance(Entity):
    """An attendance."""

    meeting: Meeting
    participant: Participant
    capacity: CoalitionRole | None
    may_vote: bool | None


@entity_type(models.Decision, root="decisions", description="The decisions, agreements and announcements of meetings.")
class Decision(Entity):
    """A decision."""

    reference: str
    meeting: Meeting
    ordinal: int
    kind: DecisionKind
    text: str
    targets: Connection[DecisionTarget]
    votes: Connection[Vote]
    action_items: Connection[ActionItem]
    sources: list[Source]


@entity_type(models.Vote)
class Vote(Entity):
    """A vote."""

    decision: Decision
    participant: Participant
    choice: VoteChoice


@entity_type(models.DecisionTarget)
class DecisionTarget(Entity):
    """A target of a decision."""

    decision: Decision
    ordinal: int
    expert_group: ExpertGroup | None
    procurement: Procurement | None
    roadmap: Roadmap | None
    participant: Participant | None
