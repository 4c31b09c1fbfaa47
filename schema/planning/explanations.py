"""The rows of explanations in the contract."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import models
from models.explained.declaration import LeftOutReason
from schema.builder.entity_types import entity_type
from schema.builder.money import Money
from schema.builder.scalars import Quantity

if TYPE_CHECKING:
    from schema.funding.allocations import Allocation
    from schema.funding.contributions import Contribution
    from schema.funding.disbursements import Disbursement
    from schema.orders.deliveries import Delivery
    from schema.orders.delivery_lines import DeliveryLine
    from schema.orders.order_lines import OrderLine
    from schema.orders.purchase_orders import PurchaseOrder
    from schema.planning.capability_needs import CapabilityNeed
    from schema.planning.roadmaps import RoadmapLine
    from schema.procurement.procurements import Procurement


#: It has no base in common with the entities that are stored.
_MODEL: Any = models.ExplanationRow


@entity_type(_MODEL)
class ExplanationRow:
    """A row of an explanation."""

    counts: bool
    reason: LeftOutReason | None
    message: str
    rank: int
    quantity: Quantity | None
    amount: Money | None
    need: CapabilityNeed | None
    contribution: Contribution | None
    procurement: Procurement | None
    allocation: Allocation | None
    disbursement: Disbursement | None
    roadmap_line: RoadmapLine | None
    purchase_order: PurchaseOrder | None
    order_line: OrderLine | None
    delivery: Delivery | None
    delivery_line: DeliveryLine | None
