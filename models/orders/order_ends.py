"""The accepted and expected quantities of a purchase order, and the amount that it owes for them if it ends early."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from models.orders.deliveries import COUNTED_STATUSES
from models.orders.order_lines import DELIVERABLE_KINDS, amount_of
from models.orders.purchase_orders import PurchaseOrderStatus

if TYPE_CHECKING:
    from collections.abc import Collection

    from models.orders.deliveries import Delivery
    from models.orders.purchase_orders import PurchaseOrder


def accepted_quantities(row: PurchaseOrder) -> dict[str, Decimal]:
    """Return the accepted quantity of each line, less returns and gifts, in its unit and by its key."""
    accepted = {line.id: Decimal(0) for line in row.lines}
    units = {line.id: line.unit for line in row.lines}
    for delivery in row.deliveries:
        for line in delivery.lines if delivery.status in COUNTED_STATUSES else ():
            if line.order_line_id in accepted and line.unit == units[line.order_line_id] and not line.gift:
                accepted[line.order_line_id] += line.remaining
    return accepted


def expected_quantities(row: PurchaseOrder, but: Collection[Delivery] = ()) -> dict[str, Decimal]:
    """Return the accepted and the expected quantity of each line, by its key: the least that must stay ordered.

    Args:
        row: The order.
        but: Deliveries that do not count.
    """
    found = {line.id: Decimal(0) for line in row.lines}
    for delivery in row.deliveries:
        for line in delivery.lines if delivery not in but else ():
            if line.order_line_id in found and not line.gift:
                found[line.order_line_id] += line.used()
    return found


def ends_early(row: PurchaseOrder) -> bool:
    """Return whether an order ends although not all of its goods and services are accepted."""
    if row.status is not PurchaseOrderStatus.CLOSED:
        return row.status is PurchaseOrderStatus.TERMINATED
    accepted = accepted_quantities(row)
    expected = [line for line in row.lines if line.kind in DELIVERABLE_KINDS]
    return any(line.quantity is None or accepted[line.id] < line.quantity for line in expected)


def accepted_value(row: PurchaseOrder) -> int | None:
    """Return the value of the accepted goods and services in minor units; None if the lines do not define it."""
    accepted, total = accepted_quantities(row), 0
    for line in row.lines:
        if line.is_cancelled:
            continue
        if line.unit_price_minor is None or line.kind not in DELIVERABLE_KINDS:
            return None
        total += amount_of(line.kind, accepted[line.id], line.unit_price_minor)
    # Each part is rounded by itself, so that their sum can exceed the value by a minor unit.
    return min(total, row.value_minor or 0)
