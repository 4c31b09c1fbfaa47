"""Roadmaps and their lines in the contract."""

from __future__ import annotations

from typing import TYPE_CHECKING

import models
from models import Marking, RoadmapStatus
from schema.builder.entity_types import Connection, Transitions, entity_type
from schema.builder.money import Money
from schema.builder.scalars import Quantity
from schema.entity import Entity

if TYPE_CHECKING:
    from schema.documents.document_links import DocumentLink
    from schema.meetings.action_items import ActionItem
    from schema.meetings.decisions import Decision
    from schema.people.participants import Participant
    from schema.planning.capability_needs import CapabilityNeed
    from schema.planning.clashes import Clash
    from schema.sources.sources import Source


@entity_type(models.Roadmap, root="roadmaps", description="The acquisition plans of the coalition.")
class Roadmap(Entity):
    """A roadmap."""

    reference: str
    title: str
    horizon: str
    first_year: int | None
    last_year: int | None
    status: RoadmapStatus
    available_transitions: list[RoadmapStatus]
    transitions: Transitions
    is_in_force: bool
    marking: Marking
    note: str | None
    endorsed_by: Decision | None
    supersedes: Roadmap | None
    successors: Connection[Roadmap]
    lines: Connection[RoadmapLine]
    action_items: Connection[ActionItem]
    document_links: Connection[DocumentLink]
    clashes: Connection[Clash]
    sources: list[Source]


@entity_type(models.RoadmapLine)
class RoadmapLine(Entity):
    """A line of a roadmap."""

    roadmap: Roadmap
    ordinal: int
    need: CapabilityNeed
    year: int
    quarter: int | None
    quantity: Quantity | None
    unit: str | None
    planned_amount: Money | None
    lead_participant: Participant | None
