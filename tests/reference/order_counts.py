"""The units and the cost of order lines once more, in plain Python over the loaded rows that a viewer sees.

They are written from `docs/decisions/planning-figures.md`, and share nothing with `models/orders/order_counts.py`.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

ENDED = {"CLOSED", "TERMINATED"}
COUNTED = {"ACCEPTED", "PARTIALLY_ACCEPTED"}
GOODS = {"GOODS", "SERVICE"}
NOTHING = Decimal(0)


def remaining(lines: Iterable[Any]) -> Decimal:
    """Return the accepted units of delivery lines that were not returned."""
    return sum((line.accepted - line.returned for line in lines if line.accepted is not None), NOTHING)


def units_of(line: Any) -> Decimal:
    """Return the units that a line of a binding order counts for."""
    if line.purchase_order.status.name not in ENDED:
        return line.quantity or NOTHING
    return accepted_units(line)


def accepted_units(line: Any) -> Decimal:
    """Return the units of an order line that were accepted for it, in its unit."""
    own = [each for each in line.delivery_lines if each.unit == line.unit and not each.gift]
    return remaining(each for each in own if each.delivery.status.name in COUNTED)


def owed_by(order: Any) -> int | None:
    """Return what a binding order owes; None if its value is unknown."""
    owed: int | None = order.value_minor if order.settled_minor is None else order.settled_minor
    return owed


def lines_with_cost(order: Any) -> dict[str, tuple[int | None, str | None]]:
    """Return the lines that are part of the cost of a binding order, by key: the amount of each, and its currency."""
    owed = owed_by(order)
    if order.status.name not in ENDED or (owed is not None and owed == order.value_minor):
        found = [line for line in order.lines if line.quantity != 0]
        return {line.id: (line.amount_minor, line.unit_price_currency) for line in found}
    left = [line for line in order.lines if line.kind.name in GOODS and accepted_units(line)]
    costs = {line.id: cost_of_accepted(line) for line in left}
    too_much = owed is not None and sum(cost or 0 for cost in costs.values()) > owed
    for line in left:
        if owed == 0:
            costs[line.id] = 0
        elif owed is not None and line.unit_price_currency != order.value_currency:
            costs[line.id] = None
        elif too_much:
            costs[line.id] = owed if len(left) == 1 else None
    return {line.id: (costs[line.id], line.unit_price_currency) for line in left}


def cost_of_accepted(line: Any) -> int | None:
    """Return what the accepted units of a line cost, rounded half to even; None without a price."""
    price = line.unit_price_minor
    return None if price is None else round(Fraction(accepted_units(line)) * Fraction(price))
