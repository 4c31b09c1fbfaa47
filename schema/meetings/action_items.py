"""Action items in the contract."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import models
from models import ActionItemStatus, Marking, Priority
from schema.builder.entity_types import Connection, Transitions, entity_type
from schema.entity import Entity

if TYPE_CHECKING:
    from schema.administration.accounts import Account
    from schema.documents.documents import Document
    from schema.funding.contributions import Contribution
    from schema.meetings.decisions import Decision
    from schema.meetings.meetings import AgendaItem, Meeting
    from schema.orders.purchase_orders import PurchaseOrder
    from schema.people.expert_groups import ExpertGroup
    from schema.people.participants import Participant
    from schema.planning.capability_needs import CapabilityNeed
    from schema.planning.roadmaps import Roadmap
    from schema.procurement.procurements import Procurement


@entity_type(
    models.ActionItem, root="action_items", description="The next steps that meetings agreed on, with their owners."
)
class ActionItem(Entity):
    """An action item."""

    reference: str
    text: str
    status: ActionItemStatus
    available_transitions: list[ActionItemStatus]
    transitions: Transitions
    marking: Marking
    priority: Priority | None
    priority_rank: int | None
    due_on: dt.date | None
    is_overdue: bool
    done_on: dt.date | None
    outcome: str | None
    meeting: Meeting | None
    decision: Decision | None
    group: ExpertGroup | None
    owner_participant: Participant | None
    owner_group: ExpertGroup | None
    owner_account: Account | None
    targets: Connection[ActionItemTarget]
    agenda_items: Connection[AgendaItem]


@entity_type(models.ActionItemTarget)
class ActionItemTarget(Entity):
    """A target of an action item."""

    action_item: ActionItem
    ordinal: int
    need: CapabilityNeed | None
    contribution: Contribution | None
    document: Document | None
    purchase_order: PurchaseOrder | None
    procurement: Procurement | None
    roadmap: Roadmap | None
    expert_group: ExpertGroup | None
    participant: Participant | None
