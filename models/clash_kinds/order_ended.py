"""Deliveries on the way whose order has ended."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import and_

from models.clash_kinds.declaration import ClashSeverity, clash
from models.orders.deliveries import ON_THE_WAY, Delivery
from models.orders.order_counts import of_ended_order

if TYPE_CHECKING:
    from models.derived.rows import QueriedRow


@clash(
    ClashSeverity.HIGH,
    Delivery,
    resolution="Make the delivery CANCELLED, or LOST if it is in transit. To receive the goods, order them again.",
)
def order_ended(row: QueriedRow) -> Any:
    """The delivery is SCHEDULED or IN_TRANSIT, and its order has ended, so that it can no longer be received."""
    return and_(row.status.in_(ON_THE_WAY), of_ended_order(row))
