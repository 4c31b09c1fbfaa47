"""Order lines with rejected units that are not replaced."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import and_

from models.clash_kinds.declaration import ClashSeverity, clash
from models.derived.rows import total
from models.planning.coverage import EXAMINED_STATUSES
from models.purchase_orders import OPEN_STATUSES, OrderLine

if TYPE_CHECKING:
    from models.derived.rows import QueriedRow


@clash(ClashSeverity.MEDIUM, OrderLine, resolution="Have the units replaced, or close the order short.")
def rejected_not_replaced(line: QueriedRow) -> Any:
    """Units of the open order line were rejected, and fewer units are accepted than ordered."""
    arrived = line.related("delivery_lines")
    examined = arrived.join("delivery").status.in_(EXAMINED_STATUSES)
    found = arrived.figures(examined, rejected=total(arrived.rejected), accepted=total(arrived.accepted))
    is_open = line.join("purchase_order").status.in_(OPEN_STATUSES)
    return and_(is_open, found.rejected > 0, found.accepted < line.quantity)
