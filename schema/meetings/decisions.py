"""Decisions, their targets and votes in the contract."""

from __future__ import annotations

from typing import TYPE_CHECKING

import models
from models import DecisionKind, DecisionMethod, DecisionOutcome, VoteChoice
from schema.builder.entity_types import Connection, entity_type
from schema.entity import Entity

if TYPE_CHECKING:
    from schema.documents.document_links import DocumentLink
    from schema.meetings.action_items import ActionItem
    from schema.meetings.meetings import Meeting
    from schema.people.expert_groups import ExpertGroup
    from schema.people.participants import Participant
    from schema.planning.roadmaps import Roadmap
    from schema.procurement.procurements import Procurement
    from schema.sources.sources import Source


@entity_type(models.Decision, root="decisions", description="The decisions, agreements and announcements of meetings.")
class Decision(Entity):
    """A decision."""

    reference: str
    meeting: Meeting
    ordinal: int
    kind: DecisionKind
    text: str
    outcome: DecisionOutcome
    method: DecisionMethod | None
    revokes: Decision | None
    revoked_by: Connection[Decision]
    targets: Connection[DecisionTarget]
    votes: Connection[Vote]
    action_items: Connection[ActionItem]
    document_links: Connection[DocumentLink]
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
