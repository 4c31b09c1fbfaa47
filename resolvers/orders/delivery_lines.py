"""Declares the queries of delivery lines, and the rules of the lines that a delivery is written with."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from sqlalchemy import inspect

from models import Delivery, DeliveryLine, DeliveryStatus, PurchaseOrderStatus
from resolvers.audit.recorder import is_changed
from resolvers.commands.errors import INPUT, Violation
from resolvers.commands.rules.quantities import NOT_NEGATIVE, in_units, shown
from resolvers.commands.spec import ChildSpec
from resolvers.planning import capability_needs
from resolvers.query.spec import QuerySpec, register_query_spec

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from resolvers.commands.errors import Path
    from resolvers.commands.unit_of_work import UnitOfWork

#: Deliveries whose lines have no accepted or rejected units.
NOT_RECEIVED = frozenset(
    {DeliveryStatus.SCHEDULED, DeliveryStatus.IN_TRANSIT, DeliveryStatus.CANCELLED, DeliveryStatus.LOST}
)

register_query_spec(
    QuerySpec(
        DeliveryLine,
        filterable=(
            "id",
            "ordinal",
            "description",
            "quantity",
            "accepted",
            "rejected",
            "returned",
            "gift",
            "delivery",
            "order_line",
            "need",
            "replaces",
            "replaced_by",
            "returns",
            "created_at",
            "updated_at",
        ),
        sortable=("ordinal", "description", "quantity", "accepted", "returned", "created_at", "updated_at"),
        groupable=("need", "gift"),
    )
)


def lines_fit(unit: UnitOfWork, row: Delivery) -> Iterator[Violation]:
    """Each line must refer to the delivery's order and to the need of its order line, and be examined fully or not."""
    for place, line in enumerate(row.lines):
        at = (*INPUT, "lines", str(place))
        yield from _serves_the_order(unit, row, line, at)
        if row.status in NOT_RECEIVED and (line.accepted, line.rejected) != (None, None):
            message = "The delivery is not RECEIVED yet. Omit accepted and rejected until then."
            yield Violation((*at, "accepted"), "arrived", message)
        else:
            yield from _is_examined_in_full(row, line, at)


def _serves_the_order(unit: UnitOfWork, row: Delivery, line: DeliveryLine, at: Path) -> Iterator[Violation]:
    """A line of an order's delivery must be for a line of that order, and for the need of that line."""
    ordered, order = line.order_line, row.purchase_order
    if order and order.status is PurchaseOrderStatus.DRAFT:
        # The order is the fault, whatever its lines are.
        return
    if order and not ordered:
        message = "The order line is missing. Set the line of the order that these units fulfil."
        yield Violation((*at, "orderLineId"), "order_line", message)
    elif ordered and ordered.purchase_order_id != row.purchase_order_id:
        message = "The order line does not belong to the order of this delivery. Choose a line of that order."
        yield Violation((*at, "orderLineId"), "order_line", message)
    elif ordered and line.need_id and line.need_id != ordered.need_id:
        message = "The need is not that of the order line. Omit needId; the need of the order line is used."
        yield Violation((*at, "needId"), "order_line_need", message)
    elif not ordered:
        yield from capability_needs.need_is_linked_by_writer(unit, line, "need", (*at, "needId"))


def _is_examined_in_full(_owner: Delivery, line: DeliveryLine, at: Path) -> Iterator[Violation]:
    """The accepted and the rejected units of a line must be all that arrived."""
    if line.accepted is None and line.rejected is None:
        return
    if line.quantity is None or line.accepted is None or line.rejected is None:
        message = "Set quantity, accepted and rejected together: the sum of accepted and rejected must equal quantity."
        yield Violation((*at, "accepted"), "examined_in_full", message)
    elif line.accepted + line.rejected != line.quantity:
        accepted, rejected, both, arrived = (
            shown(each) for each in (line.accepted, line.rejected, line.accepted + line.rejected, line.quantity)
        )
        message = (
            f"{accepted} accepted and {rejected} rejected units are {both}, but {arrived} arrived. The sum of accepted "
            "and rejected must equal quantity. Correct them, or quantity."
        )
        yield Violation((*at, "accepted"), "examined_in_full", message)


def gifts_exceed_an_order(_unit: UnitOfWork, row: Delivery) -> Iterator[Violation]:
    """Only a line of an order's delivery can be a gift beyond the order."""
    for place, line in enumerate(row.lines if row.purchase_order is None else ()):
        if line.gift:
            message = "A delivery without an order has no units beyond the order. Omit gift."
            yield Violation((*INPUT, "lines", str(place), "gift"), "gift", message)


def orders_are_not_exceeded(unit: UnitOfWork, row: Delivery) -> Iterator[Violation]:
    """Of an order line, no more units are accepted or expected than were ordered; the database holds it for races."""
    for place, line in enumerate(row.lines):
        ordered = line.order_line
        if ordered is None or ordered.quantity is None or any(each.order_line is ordered for each in row.lines[:place]):
            continue
        own = _sum_used(each for each in row.lines if each.order_line is ordered)
        # A line that the change removes has no delivery any more.
        others = [each for each in ordered.delivery_lines if each.delivery not in {row, None}]
        left = max(ordered.quantity - _sum_used(others), Decimal(0))
        if own > left:
            hidden = unit.not_visible([*{each.delivery for each in others if inspect(each.delivery).persistent}])
            of_them = in_units(ordered.quantity, "ordered ")
            free = "fewer" if hidden else f"at most {shown(left)}"
            message = (
                f"Of the {of_them} {free} can still be accepted or expected, not {shown(own)}. Reduce the quantity, or "
                "enter the rest as a gift."
            )
            if not left and not hidden:
                message = (
                    f"All of the {of_them} are accepted or expected. Enter these units as a gift, or end a delivery "
                    "that does not arrive: CANCELLED or LOST."
                )
            yield Violation((*INPUT, "lines", str(place), "quantity"), "received_sum", message)


def _sum_used(lines: Iterable[DeliveryLine]) -> Decimal:
    return sum((line.used() for line in lines if not line.gift), Decimal(0))


def replacements_fit(unit: UnitOfWork, row: Delivery) -> Iterator[Violation]:
    """A line replaces units of a line for the same order line or need that were rejected, returned or lost."""
    summed = set[DeliveryLine]()
    for place, line in enumerate(row.lines):
        replaced, at = line.replaces, (*INPUT, "lines", str(place), "replacesId")
        # What is lacking can become less later: only a new number or another line is judged.
        changed = not inspect(line).persistent or is_changed(line, "replacesId") or is_changed(line, "quantity")
        if replaced is None or not changed:
            continue
        if replaced.delivery_id == row.id or _serves(replaced) != _serves(line):
            message = "The replaced line must be of another delivery, for the same order line or the same need."
            yield Violation(at, "replaces", message)
        elif replaced not in summed and (too_many := _too_many_replace(unit, row, replaced)):
            summed.add(replaced)
            yield Violation(at, "replaces", f"{too_many} Correct the quantity or choose another line.")


def _too_many_replace(unit: UnitOfWork, row: Delivery, replaced: DeliveryLine) -> str | None:
    """Return why the lines that replace a line are more than it lacks."""
    lacking = replaced.lacking()
    own = sum((each.quantity or Decimal(0) for each in row.lines if each.replaces is replaced), Decimal(0))
    others = [each for each in replaced.replaced_by if each.delivery not in {row, None}]
    before = sum((each.used() for each in others), Decimal(0))
    if own + before <= lacking:
        return None
    if unit.not_visible([*{each.delivery for each in others}]):
        return "Fewer units of that line are still to be replaced."
    replacing = f", and other lines replace {shown(before)} of them" if before else ""
    verb = "was" if lacking == 1 else "were"
    return f"Only {in_units(lacking)} of that line {verb} rejected, returned or lost{replacing}."


def _serves(line: DeliveryLine) -> object:
    return line.order_line or line.need


def units_agree(_unit: UnitOfWork, row: Delivery) -> Iterator[Violation]:
    """A line has the unit of the order line that it fulfils, or of the need that it counts towards."""
    for place, line in enumerate(row.lines):
        other = line.order_line or line.need
        if other:
            noun = "order line" if line.order_line else "need"
            yield from capability_needs.unit_violations(line, other, noun, (*INPUT, "lines", str(place)))


def _count_towards_need(line: DeliveryLine) -> None:
    """Set the need and the unit of a line without them: those of its order line."""
    ordered = line.order_line
    if ordered and line.need_id is None:
        line.need, line.need_id = ordered.need, ordered.need_id
    other = ordered or line.need
    if other and line.unit is None:
        line.unit = other.unit


def _line_stays(row: DeliveryLine) -> str | None:
    if row.accepted is None:
        return None
    return f"Line {row.ordinal} was examined: it stays. To correct it, send its id and other numbers."


LINE = ChildSpec(
    DeliveryLine,
    fields=(
        "description",
        "quantity",
        "quantity_qualifier",
        "unit",
        "accepted",
        "rejected",
        "gift",
        "order_line",
        "need",
        "replaces",
    ),
    back="delivery",
    stays=_line_stays,
    checked=_is_examined_in_full,
    filled_in=(_count_towards_need,),
    ranges={"quantity": NOT_NEGATIVE, "accepted": NOT_NEGATIVE, "rejected": NOT_NEGATIVE},
)
