"""Lines of purchase orders in the contract."""

from __future__ import annotations

from typing import TYPE_CHECKING

import models
from models import OrderLineKind
from schema.builder.entity_types import Connection, entity_type
from schema.builder.money import Money
from schema.builder.scalars import CpvCode, Quantity
from schema.entity import Entity

if TYPE_CHECKING:
    from schema.orders.delivery_lines import DeliveryLine
    from schema.orders.order_amendments import OrderAmendmentLine
    from schema.orders.purchase_orders import PurchaseOrder
    from schema.planning.capability_needs import CapabilityNeed


@entity_type(models.OrderLine)
class OrderLine(Entity):
    """A line of a purchase order."""

    purchase_order: PurchaseOrder
    ordinal: int
    kind: OrderLineKind
    description: str
    cpv_code: CpvCode | None
    quantity: Quantity | None
    unit: str | None
    unit_price: Money | None
    amount: Money | None
    vat_rate: Quantity | None
    vat: Money | None
    gross_amount: Money | None
    need: CapabilityNeed | None
    delivery_lines: Connection[DeliveryLine]
    amendments: Connection[OrderAmendmentLine]
