"""Capability areas and needs in the contract."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING

import models
from models import DatePrecision, Marking, NeedStatus, Priority, SumExclusion
from schema.builder.entity_types import Connection, Explained, Transitions, entity_type
from schema.builder.money import Money
from schema.builder.scalars import CpvCode, Quantity
from schema.entity import Entity

if TYPE_CHECKING:
    from schema.documents.comment_threads import CommentThread
    from schema.documents.document_links import DocumentLink
    from schema.funding.allocations import Allocation
    from schema.funding.contributions import Contribution
    from schema.meetings.action_items import ActionItem
    from schema.orders.delivery_lines import DeliveryLine
    from schema.people.expert_groups import ExpertGroup
    from schema.people.participants import Participant
    from schema.planning.clashes import Clash
    from schema.planning.coverages import Coverage
    from schema.planning.roadmaps import RoadmapLine
    from schema.procurement.procurements import Procurement
    from schema.sources.sources import Source


@entity_type(
    models.CapabilityArea, root="capability_areas", description="The capability areas that were named in public."
)
class CapabilityArea(Entity):
    """A capability area."""

    code: str
    name: str
    description: str | None
    named_on: dt.date | None
    named_on_precision: DatePrecision | None
    needs: Connection[CapabilityNeed]
    earmarked_contributions: Connection[Contribution]
    coverages: Connection[Coverage]
    sources: list[Source]


@entity_type(models.CapabilityNeed, root="capability_needs", description="The capability needs, with their fulfilment.")
class CapabilityNeed(Entity):
    """A capability need."""

    reference: str
    title: str
    gap_statement: str | None
    status: NeedStatus
    available_transitions: list[NeedStatus]
    transitions: Transitions
    visible_since: dt.datetime | None
    marking: Marking
    priority: Priority | None
    priority_rank: int | None
    quantity: Quantity | None
    unit: str | None
    accepted_quantity: Quantity
    outstanding_quantity: Quantity | None
    fulfilment: Decimal | None
    planned_quantity: Quantity
    ordered_quantity: Quantity
    in_transit_quantity: Quantity
    received_quantity: Quantity
    rejected_quantity: Quantity
    in_kind_quantity: Quantity
    not_yet_secured_quantity: Quantity | None
    planned_amount: Money | None
    pledged_amount: Money | None
    funded_amount: Money | None
    funded_in_other_currencies: list[Money]
    funding_is_lower_bound: bool
    ordered_amount: Money | None
    ordered_in_other_currencies: list[Money]
    ordered_lines_without_price: int
    in_kind_amount: Money | None
    unmet_amount: Money | None
    unmet_amount_after_in_kind: Money | None
    funded_share: Decimal | None
    covered_share: Decimal | None
    cpv_code: CpvCode | None
    estimated_cost: Money | None
    counts_in_sums: bool
    left_out_of_sums: SumExclusion | None
    needed_by: dt.date | None
    area: CapabilityArea
    group: ExpertGroup | None
    requested_by: Participant | None
    procurements: Connection[Procurement]
    roadmap_lines: Connection[RoadmapLine]
    delivery_lines: Connection[DeliveryLine]
    allocations: Connection[Allocation]
    earmarked_contributions: Connection[Contribution]
    action_items: Connection[ActionItem]
    document_links: Connection[DocumentLink]
    comment_threads: Connection[CommentThread]
    clashes: Connection[Clash]
    explain: Explained
    sources: list[Source]
