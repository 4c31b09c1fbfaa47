"""Awards in the contract."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import models
from models import AwardStatus
from schema.builder.entity_types import Connection, Transitions, entity_type
from schema.builder.money import Money
from schema.entity import Entity

if TYPE_CHECKING:
    from schema.orders.purchase_orders import PurchaseOrder
    from schema.procurement.procurement_items import ProcurementItem
    from schema.procurement.procurements import Procurement
    from schema.procurement.suppliers import Supplier
    from schema.sources.sources import Source


@entity_type(models.Award, root="awards", description="The awards of the procurements to suppliers.")
class Award(Entity):
    """An award."""

    number: str
    title: str | None
    procurement: Procurement
    status: AwardStatus
    available_transitions: list[AwardStatus]
    transitions: Transitions
    awarded_on: dt.date | None
    value: Money | None
    suppliers: Connection[Supplier]
    items: Connection[ProcurementItem]
    purchase_orders: Connection[PurchaseOrder]
    sources: list[Source]
