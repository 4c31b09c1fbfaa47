"""Open orders and deliveries that are late."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, func

from models.clash_kinds.declaration import ClashSeverity, clash
from models.orders.deliveries import ON_THE_WAY, Delivery
from models.orders.order_counts import of_ended_order
from models.orders.purchase_orders import OPEN_STATUSES, PurchaseOrder

if TYPE_CHECKING:
    from models.derived.rows import QueriedRow

RESOLUTION = "Deliver, or enter a new expected date with its reason."


@clash(ClashSeverity.HIGH, PurchaseOrder, resolution=RESOLUTION)
def order(row: QueriedRow) -> Any:
    """The order is open and was expected before today."""
    return and_(row.status.in_(OPEN_STATUSES), row.expected_on < func.current_date())


@clash(ClashSeverity.HIGH, Delivery, resolution=RESOLUTION)
def delivery(row: QueriedRow) -> Any:
    """The delivery was planned before today and has not arrived, and its order has not ended."""
    return and_(row.status.in_(ON_THE_WAY), row.planned_on < func.current_date(), ~of_ended_order(row))
