"""Open orders and deliveries that are late."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, func

from models.clash_kinds.declaration import ClashSeverity, clash
from models.orders.deliveries import Delivery, DeliveryStatus
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
    """The delivery was planned before today and has not arrived."""
    open_ = (DeliveryStatus.SCHEDULED, DeliveryStatus.IN_TRANSIT)
    return and_(row.status.in_(open_), row.planned_on < func.current_date())
