"""Procurements in the contract."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import models
from models import DatePrecision, Marking, ProcurementCategory, ProcurementMethod, ProcurementStatus, Qualifier
from schema.entities import Connection, Entity, represents
from schema.money import Money
from schema.scalars import CpvCode

if TYPE_CHECKING:
    from schema.capability_needs import CapabilityNeed
    from schema.contributions import Allocation
    from schema.expert_groups import ExpertGroup
    from schema.participants import Participant
    from schema.purchase_orders import PurchaseOrder
    from schema.sources import Source


@represents(models.Procurement)
class Procurement(Entity):
    """A procurement."""

    ocid: str | None
    reference: str
    title: str
    description: str | None
    status: ProcurementStatus
    available_transitions: list[ProcurementStatus]
    marking: Marking
    method: ProcurementMethod | None
    category: ProcurementCategory | None
    cpv_code: CpvCode | None
    estimated_value: Money | None
    estimated_value_qualifier: Qualifier
    allocated_funds: list[Money]
    ordered_value: list[Money]
    is_overdue: bool
    planned_year: int | None
    approved_on: dt.date | None
    approved_on_precision: DatePrecision | None
    group: ExpertGroup | None
    procuring_entity: Participant | None
    lead_participant: Participant | None
    needs: Connection[CapabilityNeed]
    funders: Connection[Participant]
    allocations: Connection[Allocation]
    purchase_orders: Connection[PurchaseOrder]
    sources: list[Source]
