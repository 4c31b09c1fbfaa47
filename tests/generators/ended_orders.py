"""Orders that ended: closed or terminated, owing a part of their value, with what arrived accepted."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from models import DeliveryStatus, PurchaseOrderStatus

if TYPE_CHECKING:
    from random import Random


def end(order: Any, dice: Random) -> None:
    """End an order, which owes nothing, a part or all of its value; what arrived is accepted, the rest in transit."""
    order.status = dice.choice((PurchaseOrderStatus.CLOSED, PurchaseOrderStatus.TERMINATED))
    if order.status is PurchaseOrderStatus.TERMINATED or dice.random() < 0.7:
        order.settled_minor = dice.choice((0, 5, 5, 300, order.value_minor))
        order.settled_currency = order.value_currency
    for delivery in order.deliveries:
        has_arrived = dice.random() < 0.8
        delivery.status = DeliveryStatus.ACCEPTED if has_arrived else DeliveryStatus.IN_TRANSIT
        for line in delivery.lines:
            line.accepted, line.rejected = (line.quantity, Decimal(0)) if has_arrived else (None, None)
            line.unit = line.order_line.unit if line.order_line else line.unit
