"""The rows of the quantities of a need."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, and_, case, func, literal, type_coerce

from models.explained.declaration import Figure, LeftOutReason, Part, added, not_below_zero, not_stated, subtracted
from models.figures.coverage import EXAMINED_STATUSES, RECEIVED_STATUSES
from models.figures.planned import is_in_force
from models.orders.deliveries import COUNTED_STATUSES, DeliveryStatus
from models.orders.order_counts import counted, of_ended_order
from models.orders.order_lines import DELIVERABLE_KINDS
from models.planning.capability_needs import CapabilityNeed
from models.units import have_same_unit

if TYPE_CHECKING:
    from models.derived.rows import QueriedRow


def required(need: QueriedRow) -> Part:
    """Units that the need requires."""
    unknown = (need.quantity.is_(None), LeftOutReason.QUANTITY_UNKNOWN)
    return Part("need", need, quantity=need.quantity, left_out=(unknown,))


def planned(need: QueriedRow) -> Part:
    """Units that a line of the roadmap in force plans."""
    line = need.join("roadmap_lines")
    return Part(
        "roadmap_line",
        line,
        quantity=line.quantity,
        left_out=(
            not_in_force(line, need),
            (line.quantity.is_(None), LeftOutReason.QUANTITY_UNKNOWN),
            (~have_same_unit(line, need), LeftOutReason.OTHER_UNIT),
        ),
    )


def ordered(need: QueriedRow) -> Part:
    """Units that a line of a placed order orders; of an order that has ended, those that were accepted."""
    line = need.join("order_lines")
    count = counted(line, line.join("purchase_order"))
    # The line of an order that does not bind shows the units that would count.
    quantity = case((count.binds, count.quantity), else_=type_coerce(line.quantity, BigInteger))
    return Part(
        "order_line",
        line,
        quantity=quantity,
        left_out=(
            (~count.binds, LeftOutReason.ORDER_NOT_PLACED),
            (line.kind.not_in(DELIVERABLE_KINDS), LeftOutReason.NOT_GOODS),
            (quantity.is_(None), LeftOutReason.QUANTITY_UNKNOWN),
            (~have_same_unit(line, need), LeftOutReason.OTHER_UNIT),
        ),
    )


def in_transit(need: QueriedRow) -> Part:
    """Units of a delivery that is in transit."""
    line = need.join("delivery_lines")
    delivery = line.join("delivery")
    is_ended = (of_ended_order(delivery), LeftOutReason.ORDER_ENDED)
    not_yet = (delivery.status != DeliveryStatus.IN_TRANSIT, LeftOutReason.NOT_IN_TRANSIT)
    return _delivered(line, need, line.quantity, not_yet, is_ended)


def received(need: QueriedRow) -> Part:
    """Units of a delivery that is received, whether it is inspected or not."""
    line = need.join("delivery_lines")
    not_yet = (line.join("delivery").status.not_in(RECEIVED_STATUSES), LeftOutReason.NOT_RECEIVED)
    return _delivered(line, need, line.quantity, not_yet)


def rejected(need: QueriedRow) -> Part:
    """Units that were rejected."""
    line = need.join("delivery_lines")
    not_yet = (line.join("delivery").status.not_in(EXAMINED_STATUSES), LeftOutReason.NOT_INSPECTED)
    return _delivered(line, need, line.rejected, not_yet)


def accepted(need: QueriedRow) -> Part:
    """Units that were accepted and not returned."""
    line = need.join("delivery_lines")
    return _accepted(line, need)


def given_in_kind(need: QueriedRow) -> Part:
    """Units that were accepted without a purchase order and not returned."""
    line = need.join("delivery_lines")
    is_ordered = (line.related("order_line").exists(), LeftOutReason.ORDERED)
    return _accepted(line, need, is_ordered)


def given_beyond_orders(need: QueriedRow) -> Part:
    """Units that the supplier gave beyond the order, accepted and not returned."""
    line = need.join("delivery_lines")
    is_gift = and_(line.gift, line.related("order_line").exists())
    return _accepted(line, need, where=is_gift)


def _accepted(line: QueriedRow, need: QueriedRow, *left_out: tuple[Any, LeftOutReason], where: Any = None) -> Part:
    is_counted = line.join("delivery").status.in_(COUNTED_STATUSES)
    # A line that is not accepted yet shows the units that would count.
    left = type_coerce(line.accepted - line.returned, BigInteger)
    quantity = case((is_counted, left), else_=type_coerce(line.quantity, BigInteger))
    return _delivered(line, need, quantity, *left_out, (~is_counted, LeftOutReason.NOT_ACCEPTED), where=where)


def _delivered(
    line: QueriedRow, need: QueriedRow, quantity: Any, *left_out: tuple[Any, LeftOutReason], where: Any = None
) -> Part:
    other_unit = (~have_same_unit(line, need), LeftOutReason.OTHER_UNIT)
    return Part("delivery_line", line, quantity=quantity, left_out=(*left_out, other_unit), where=where)


def not_in_force(line: QueriedRow, need: QueriedRow) -> tuple[Any, LeftOutReason]:
    """Return the condition that a line is not of the roadmap in force, also if none is in force, with the reason."""
    return func.coalesce(~is_in_force(line, need), literal(value=True)), LeftOutReason.NOT_IN_FORCE


def _outstanding(need: QueriedRow) -> Any:
    return need.quantity - need.accepted_quantity


def _not_yet_secured(need: QueriedRow) -> Any:
    line = need.related("delivery_lines")
    is_gift = and_(line.gift, line.related("order_line").exists(), have_same_unit(line, need))
    is_accepted = line.join("delivery").status.in_(COUNTED_STATUSES)
    gifts = line.filtered_sum(line.accepted - line.returned, and_(is_accepted, is_gift))
    return need.quantity - need.ordered_quantity - need.in_kind_quantity - gifts


FIGURES = (
    Figure(CapabilityNeed, "quantity", (added(required),)),
    Figure(CapabilityNeed, "planned_quantity", (added(planned),)),
    Figure(CapabilityNeed, "ordered_quantity", (added(ordered),)),
    Figure(CapabilityNeed, "in_transit_quantity", (added(in_transit),)),
    Figure(CapabilityNeed, "received_quantity", (added(received),)),
    Figure(CapabilityNeed, "accepted_quantity", (added(accepted),)),
    Figure(CapabilityNeed, "rejected_quantity", (added(rejected),)),
    Figure(CapabilityNeed, "in_kind_quantity", (added(given_in_kind),)),
    Figure(
        CapabilityNeed,
        "outstanding_quantity",
        (added(required), subtracted(accepted), not_below_zero("need", _outstanding)),
        not_stated("quantity"),
    ),
    Figure(
        CapabilityNeed,
        "not_yet_secured_quantity",
        (
            added(required),
            subtracted(ordered),
            subtracted(given_in_kind),
            subtracted(given_beyond_orders),
            not_below_zero("need", _not_yet_secured),
        ),
        not_stated("quantity"),
    ),
)
