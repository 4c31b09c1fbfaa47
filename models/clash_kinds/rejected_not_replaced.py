"""Order lines with rejected or returned units that are not replaced."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import and_

from models.clash_kinds.declaration import ClashSeverity, clash
from models.derived.rows import total
from models.figures.coverage import EXAMINED_STATUSES
from models.orders.order_lines import OrderLine
from models.orders.purchase_orders import OPEN_STATUSES

if TYPE_CHECKING:
    from models.derived.rows import QueriedRow


@clash(ClashSeverity.MEDIUM, OrderLine, resolution="Have the units replaced, or end the order with a reason.")
def rejected_not_replaced(line: QueriedRow) -> Any:
    """Units of the open order line were rejected or returned, and fewer units remain accepted than ordered."""
    arrived = line.related("delivery_lines")
    examined = and_(arrived.join("delivery").status.in_(EXAMINED_STATUSES), ~arrived.gift)
    rejected, accepted = arrived.rejected + arrived.returned, arrived.accepted - arrived.returned
    found = arrived.figures(rejected=total(rejected, examined), accepted=total(accepted, examined))
    is_open = line.join("purchase_order").status.in_(OPEN_STATUSES)
    return and_(is_open, found.rejected > 0, found.accepted < line.quantity)
