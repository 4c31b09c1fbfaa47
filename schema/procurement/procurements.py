"""Procurements in the contract."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING

import models
from models import (
    DatePrecision,
    Marking,
    Priority,
    ProcurementCategory,
    ProcurementMethod,
    ProcurementStatus,
    Qualifier,
    SumExclusion,
)
from schema.builder.entity_types import Connection, Explained, Transitions, entity_type
from schema.builder.money import Money
from schema.builder.scalars import CpvCode
from schema.entity import Entity

if TYPE_CHECKING:
    from schema.documents.comment_threads import CommentThread
    from schema.documents.document_links import DocumentLink
    from schema.funding.allocations import Allocation
    from schema.meetings.action_items import ActionItem
    from schema.meetings.decisions import Decision
    from schema.orders.purchase_orders import PurchaseOrder
    from schema.people.expert_groups import ExpertGroup
    from schema.people.participants import Participant
    from schema.planning.capability_needs import CapabilityNeed
    from schema.planning.clashes import Clash
    from schema.procurement.awards import Award
    from schema.procurement.procurement_items import ProcurementItem
    from schema.sources.sources import Source


@entity_type(models.Procurement, root="procurements", description="The procurements of the coalition.")
class Procurement(Entity):
    """A procurement."""

    ocid: str | None
    reference: str
    title: str
    description: str | None
    status: ProcurementStatus
    available_transitions: list[ProcurementStatus]
    transitions: Transitions
    marking: Marking
    method: ProcurementMethod | None
    category: ProcurementCategory | None
    method_rationale: str | None
    tender_starts_on: dt.date | None
    tender_ends_on: dt.date | None
    number_of_tenderers: int | None
    priority: Priority | None
    priority_rank: int | None
    decided_priority: Priority | None
    priority_decision: Decision | None
    has_framework_agreement: bool
    ceiling: Money | None
    called_off: Money | None
    remaining: Money | None
    framework_starts_on: dt.date | None
    framework_ends_on: dt.date | None
    framework: Procurement | None
    call_offs: Connection[Procurement]
    cpv_code: CpvCode | None
    estimated_value: Money | None
    estimated_value_qualifier: Qualifier
    counts_in_sums: bool
    left_out_of_sums: SumExclusion | None
    allocated_funds: list[Money]
    funded_amount: Money | None
    pledged_amount: Money | None
    unmet_amount: Money | None
    funded_share: Decimal | None
    shared_funds: list[Money]
    ordered_value: list[Money]
    owed_value: list[Money]
    bound_funds: list[Money]
    is_overdue: bool
    planned_year: int | None
    approved_on: dt.date | None
    approved_on_precision: DatePrecision | None
    group: ExpertGroup | None
    procuring_entity: Participant | None
    lead_participant: Participant | None
    needs: Connection[CapabilityNeed]
    items: Connection[ProcurementItem]
    awards: Connection[Award]
    funders: Connection[Participant]
    allocations: Connection[Allocation]
    purchase_orders: Connection[PurchaseOrder]
    action_items: Connection[ActionItem]
    document_links: Connection[DocumentLink]
    comment_threads: Connection[CommentThread]
    clashes: Connection[Clash]
    explain: Explained
    sources: list[Source]
