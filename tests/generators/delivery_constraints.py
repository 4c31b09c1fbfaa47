"""How random deliveries, their lines and their returns obey the constraints of their tables."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import models
from models.orders.deliveries import FAILED_STATUSES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from models import Base
    from tests.generators.values import Values

Row = dict[str, Any]


def delivery(row: Row, _rows: Mapping[type[Base], Sequence[Row]], values: Values) -> bool:
    """Remove one of a delivery's two origins, and its end unless it failed; return that it can join the others."""
    row[values.choice(("purchase_order_id", "contribution_id"))] = None
    if row["status"] not in FAILED_STATUSES:
        row["ended_on"] = None
    return True


def delivery_line(row: Row, rows: Mapping[type[Base], Sequence[Row]], values: Values) -> bool:
    """Keep a line within its order line; it is examined in full or not at all. Its first return is all of them."""
    ordered = next((other for other in rows[models.OrderLine] if other["id"] == row["order_line_id"]), None)
    if ordered and row["need_id"]:
        row["need_id"] = ordered["need_id"]
    # Only units of the need's own unit count towards it.
    need = next((other for other in rows[models.CapabilityNeed] if other["id"] == row["need_id"]), None)
    if need and values.chance(0.6):
        row["unit"] = need["unit"]
    if ordered and ordered["quantity"] is not None and row["quantity"]:
        row["quantity"] = max(min(row["quantity"], ordered["quantity"] - _used(ordered, rows)), 0)
    row["returned"] = Decimal(0)
    if row["quantity"] is None or row["accepted"] is None:
        row |= {"accepted": None, "rejected": None}
    else:
        row["accepted"] = Decimal(values.random.randint(0, int(row["quantity"])))
        row["rejected"] = row["quantity"] - row["accepted"]
        row["returned"] = Decimal(values.random.randint(0, int(row["accepted"])))
    return True


def _used(ordered: Row, rows: Mapping[type[Base], Sequence[Row]]) -> Decimal:
    """Return how much of an order line has arrived or is expected."""
    lines = [other for other in rows[models.DeliveryLine] if other["order_line_id"] == ordered["id"]]
    return sum((line["quantity"] or Decimal(0) for line in lines), Decimal(0))


def delivery_return(row: Row, rows: Mapping[type[Base], Sequence[Row]], _values: Values) -> bool:
    """Number an entry; the only one of a line is its whole returned quantity."""
    line = next(other for other in rows[models.DeliveryLine] if other["id"] == row["delivery_line_id"])
    row |= {"number": 1, "corrects": None, "quantity": line["returned"]}
    taken = any(other["delivery_line_id"] == line["id"] for other in rows[models.DeliveryReturn])
    return bool(line["returned"]) and not taken
