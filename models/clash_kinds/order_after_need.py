"""Orders that are expected after their need."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import and_

from models.clash_kinds.declaration import ClashSeverity, clash
from models.orders.order_lines import OrderLine
from models.orders.purchase_orders import OPEN_STATUSES

if TYPE_CHECKING:
    from models.derived.rows import QueriedRow


@clash(ClashSeverity.HIGH, OrderLine, resolution="Speed up the order, or correct the date of the need.")
def order_after_need(line: QueriedRow) -> Any:
    """The open order is expected after the date by which the need must be met."""
    order, need = line.join("purchase_order"), line.related("need")
    return and_(order.status.in_(OPEN_STATUSES), need.exists(where=need.needed_by < order.expected_on))
