"""Orders that are expected after the roadmap in force plans their need."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, func

from models.clash_kinds.declaration import IN_NEW_ROADMAP, ClashSeverity, clash
from models.figures.in_force import day_number, last_day_number
from models.figures.planned import is_in_force
from models.orders.order_lines import OrderLine
from models.orders.purchase_orders import OPEN_STATUSES

if TYPE_CHECKING:
    from models.derived.rows import QueriedRow


@clash(ClashSeverity.MEDIUM, OrderLine, resolution=f"Speed up the order, or plan a later quarter {IN_NEW_ROADMAP}.")
def order_after_line(row: QueriedRow) -> Any:
    """The open order is expected after the last line of the roadmap in force for its need and planned year."""
    order = row.join("purchase_order")
    planned = row.related("need").join("roadmap_lines")
    same_year = planned.year == order.join("procurement").planned_year
    last = planned.figures(and_(same_year, is_in_force(planned, row)), day=func.max(last_day_number(planned))).day
    return and_(order.status.in_(OPEN_STATUSES), day_number(order.expected_on) > last)
