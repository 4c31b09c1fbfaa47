"""The units and the amount that an order line counts for: the one place that decides it by the status of the order.

A draft and a cancelled order count for nothing. An order that is in progress or delivered counts with what it ordered.
One that has ended counts with the units that were accepted and not returned, because the rest will not come. Its lines
cost their amounts if it owes its whole value. Otherwise they cost the accepted units at their prices, and never more
than it owes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import BigInteger, and_, case, func, literal, null, or_, type_coerce

from models.derived.rows import total
from models.order_amounts.line_amounts import cost_of_units
from models.orders.deliveries import COUNTED_STATUSES
from models.orders.order_lines import DELIVERABLE_KINDS
from models.orders.purchase_orders import BINDING_STATUSES, ENDED_STATUSES
from models.units import have_same_unit

if TYPE_CHECKING:
    from models.derived.rows import RowAlias


class Count(NamedTuple):
    """What an order line counts for, as SQL.

    Attributes:
        binds: The condition that the order binds.
        quantity: The number of units.
        costs: The condition that the line is part of the cost of the order.
        amount: Its part of the cost in minor units, without VAT; null if it is unknown.
        currency: The currency of the amount.
    """

    binds: Any
    quantity: Any
    costs: Any
    amount: Any
    currency: Any


def counted(line: RowAlias, order: RowAlias) -> Count:
    """Return what a line of an order counts for. Only the lines of orders that have ended read their deliveries."""
    has_ended, owed = order.status.in_(ENDED_STATUSES), order.owed_minor
    owes_less = and_(has_ended, or_(owed.is_(None), owed < order.value_minor))
    return Count(
        binds=order.status.in_(BINDING_STATUSES),
        quantity=case((has_ended, _accepted(line)), else_=type_coerce(line.quantity, BigInteger)),
        costs=case((owes_less, _remains(line)), else_=~line.is_cancelled),
        amount=case((owes_less, _cost(line, order)), else_=line.amount_minor),
        currency=line.unit_price_currency,
    )


def of_ended_order(delivery: RowAlias) -> Any:
    """Return the condition that a delivery is of an order that has ended, so that it can no longer be received."""
    order = delivery.related("purchase_order")
    return order.exists(where=order.status.in_(ENDED_STATUSES))


def _accepted(line: RowAlias, price: Any = None) -> Any:
    """Return the number of accepted units of an order line, less returns and gifts; with a price, what they cost."""
    arrived = line.related("delivery_lines")
    is_counted = arrived.join("delivery").status.in_(COUNTED_STATUSES)
    own = and_(is_counted, ~arrived.gift, have_same_unit(arrived, line))
    units = total(arrived.accepted - arrived.returned)
    return arrived.scalar(units if price is None else cost_of_units(units, price), where=own)


def _remains(line: RowAlias) -> Any:
    """Return the condition that a line of an order that owes less than its value has a part of the cost."""
    return and_(line.kind.in_(DELIVERABLE_KINDS), _accepted(line) != 0)


def _cost(line: RowAlias, order: RowAlias) -> Any:
    """Return what the accepted units of a line cost in an order that owes less than its value."""
    other, own = order.related("lines"), _accepted(line, line.unit_price_minor)
    of_all = other.scalar(total(_accepted(other, other.unit_price_minor)), where=_remains(other))
    lines = order.related("lines")
    return case(
        (order.owed_minor.is_(None), own),
        (order.owed_minor == 0, literal(0)),
        (line.unit_price_currency != order.owed_currency, null()),
        (of_all <= order.owed_minor, own),
        # It is the only one, so it costs what the order owes. Of several, the part of each is unknown.
        (lines.scalar(func.count(), where=_remains(lines)) == 1, order.owed_minor),
    )
