"""Declares the queries and commands of deliveries and their lines."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from models import ContributionKind, ContributionStatus, Delivery, DeliveryLine, DeliveryStatus, PurchaseOrderStatus
from models.deliveries import COUNTED_STATUSES
from resolvers import capability_needs, contributions, purchase_orders
from resolvers.commands.errors import INPUT, Violation
from resolvers.commands.quantity_rules import NOT_NEGATIVE, quantities_of_lines_fit_unit
from resolvers.commands.spec import ChildSpec, MutationSpec, register_mutation_spec
from resolvers.query.spec import QuerySpec, register_query_spec

if TYPE_CHECKING:
    from collections.abc import Iterator

    from resolvers.commands.unit_of_work import UnitOfWork

NOT_RECEIVED = frozenset({DeliveryStatus.SCHEDULED, DeliveryStatus.IN_TRANSIT})
#: Orders for which nothing more arrives.
ENDED_EARLY = frozenset({PurchaseOrderStatus.CANCELLED, PurchaseOrderStatus.TERMINATED})
EXAMINED = frozenset({*COUNTED_STATUSES, DeliveryStatus.REJECTED})

register_query_spec(
    QuerySpec(
        Delivery,
        filterable=(
            "id",
            "reference",
            "title",
            "status",
            "marking",
            "recipient",
            "planned_on",
            "received_on",
            "received_year",
            "value",
            "counts_in_sums",
            "left_out_of_sums",
            "purchase_order",
            "contribution",
            "funders",
            "lines",
            "created_at",
            "updated_at",
        ),
        sortable=("reference", "title", "planned_on", "received_on", "value", "created_at", "updated_at"),
        groupable=("marking", "status", "received_year", "recipient", "counts_in_sums", "left_out_of_sums"),
        summable={"value": "value"},
    )
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
            "delivery",
            "order_line",
            "need",
            "created_at",
            "updated_at",
        ),
        sortable=("ordinal", "description", "quantity", "accepted", "created_at", "updated_at"),
        groupable=("need",),
    )
)


def _has_one_origin(unit: UnitOfWork, row: Delivery) -> Iterator[Violation]:
    """A new delivery must have exactly one origin: a placed order or a contribution in kind."""
    if "id" in unit.input:
        return
    order, gift = row.purchase_order, row.contribution
    if (order is None) == (gift is None):
        message = "A delivery must have one origin. Set either purchaseOrderId or contributionId, not both."
        yield Violation(INPUT, "one_origin", message)
    elif order and order.status is PurchaseOrderStatus.DRAFT:
        yield Violation((*INPUT, "purchaseOrderId"), "placed", "The order is a DRAFT. Place the order first.")
    elif order and order.status in ENDED_EARLY:
        message = f"The order is {order.status.name} and takes no more deliveries."
        yield Violation((*INPUT, "purchaseOrderId"), "ended", message)
    elif gift and (gift.kind is not ContributionKind.IN_KIND or gift.status is ContributionStatus.CANCELLED):
        message = "The contribution must be IN_KIND and not CANCELLED. For goods that were bought, set purchaseOrderId."
        yield Violation((*INPUT, "contributionId"), "in_kind", message)


def _arrives_before_the_end(unit: UnitOfWork, row: Delivery) -> Iterator[Violation]:
    """Yield a violation if goods arrive for an order that was ended early."""
    order = row.purchase_order
    if unit.input.get("to") is DeliveryStatus.RECEIVED and order and order.status in ENDED_EARLY:
        yield Violation((*INPUT, "to"), "ended", f"The order is {order.status.name} and takes no more deliveries.")


def _lines_fit(unit: UnitOfWork, row: Delivery) -> Iterator[Violation]:
    """Each line must refer to the delivery's order and to the need of its order line, and be examined fully or not."""
    for place, line in enumerate(row.lines):
        at = (*INPUT, "lines", str(place))
        ordered = line.order_line
        if (ordered and ordered.purchase_order_id) != row.purchase_order_id:
            message = "The order line does not belong to the order of this delivery. Choose a line of that order."
            yield Violation((*at, "orderLineId"), "order_line", message)
        elif ordered and line.need_id and line.need_id != ordered.need_id:
            message = "The need is not that of the order line. Omit needId; the need of the order line is used."
            yield Violation((*at, "needId"), "order_line_need", message)
        elif not ordered:
            yield from capability_needs.need_is_linked_by_writer(unit, line, "need", (*at, "needId"))
        if line.accepted is None and line.rejected is None:
            continue
        if row.status in NOT_RECEIVED:
            message = "The delivery is not RECEIVED yet. Omit accepted and rejected until then."
            yield Violation((*at, "accepted"), "arrived", message)
        elif None in {line.quantity, line.accepted, line.rejected} or _examined(line) != line.quantity:
            message = "The sum of accepted and rejected must equal quantity. Set all three fields."
            yield Violation((*at, "accepted"), "examined_in_full", message)


def _units_agree(_unit: UnitOfWork, row: Delivery) -> Iterator[Violation]:
    """A line has the unit of the order line that it fulfils, or of the need that it counts towards."""
    for place, line in enumerate(row.lines):
        other = line.order_line or line.need
        if other:
            noun = "order line" if line.order_line else "need"
            yield from capability_needs.unit_violations(line, other, noun, (*INPUT, "lines", str(place)))


def _take_units(_unit: UnitOfWork, row: Delivery) -> None:
    """A line without a unit has the unit of its order line, or of its need."""
    for line in row.lines:
        other = line.order_line or line.need
        if other and line.unit is None:
            line.unit = other.unit


def _examined(line: DeliveryLine) -> Decimal:
    return (line.accepted or Decimal(0)) + (line.rejected or Decimal(0))


def _status_agrees(unit: UnitOfWork, row: Delivery) -> Iterator[Violation]:
    """The status of an examined delivery must agree with the units of its lines."""
    to = unit.input.get("to")
    if to not in EXAMINED:
        return
    at = (*INPUT, "to")
    if not row.lines or any(line.quantity is None for line in row.lines):
        message = "A line or its quantity is missing. Enter all lines with their received quantity first."
        yield Violation(at, "lines", message)
        return
    accepted, rejected = any(line.accepted for line in row.lines), any(line.rejected for line in row.lines)
    unseen = any(line.accepted is None for line in row.lines)
    if (to is DeliveryStatus.ACCEPTED and rejected) or (to is DeliveryStatus.REJECTED and accepted):
        message = (
            "The status contradicts the lines. ACCEPTED means that all units are accepted, REJECTED none, "
            "PARTIALLY_ACCEPTED some."
        )
        yield Violation(at, "examined", message)
    if to is DeliveryStatus.PARTIALLY_ACCEPTED and (unseen or not accepted or not rejected):
        message = (
            "PARTIALLY_ACCEPTED requires accepted and rejected units. Set accepted and rejected of every line, with "
            "some of each."
        )
        yield Violation(at, "examined", message)


def _count_towards_needs(_unit: UnitOfWork, row: Delivery) -> None:
    """Set the need of each line from its order line."""
    for line in row.lines:
        if line.order_line and line.need_id is None:
            line.need, line.need_id = line.order_line.need, line.order_line.need_id


def _examine_the_rest(_unit: UnitOfWork, row: Delivery) -> None:
    """Set accepted and rejected of the lines that have no values, from the status of the delivery."""
    for line in row.lines if row.status in EXAMINED else ():
        if line.accepted is None and line.quantity is not None:
            turned_down = row.status is DeliveryStatus.REJECTED
            line.accepted, line.rejected = (Decimal(0), line.quantity) if turned_down else (line.quantity, Decimal(0))


def _follow(unit: UnitOfWork, row: Delivery) -> None:
    """Update the statuses of the order, its procurement and the needs from the accepted units."""
    if row.status not in EXAMINED:
        return
    if row.purchase_order:
        purchase_orders.follow_deliveries(unit, row.purchase_order)
    if row.contribution:
        contributions.follow_deliveries(unit, row.contribution)
    for need in {line.need for line in row.lines if line.need}:
        capability_needs.follow_deliveries(unit, need)


def _line_stays(row: DeliveryLine) -> str | None:
    if row.accepted is None:
        return None
    return f"Line {row.ordinal} was examined: it stays. To correct it, send its id and other numbers."


LINE = ChildSpec(
    DeliveryLine,
    fields=("description", "quantity", "quantity_qualifier", "unit", "accepted", "rejected", "order_line", "need"),
    back="delivery",
    stays=_line_stays,
    ranges={"quantity": NOT_NEGATIVE, "accepted": NOT_NEGATIVE, "rejected": NOT_NEGATIVE},
)

register_mutation_spec(
    MutationSpec(
        Delivery,
        create_only=("purchase_order", "contribution"),
        fields=(
            "reference",
            "title",
            "marking",
            "recipient",
            "planned_on",
            "received_on",
            "received_on_precision",
            "value",
            "value_qualifier",
            "channel",
            "note",
        ),
        auto_named=("reference",),
        name_prefix="DEL",
        many_to_many={"funders": "funder_ids", "recipients": "recipient_ids"},
        children={"lines": LINE},
        lock_also=(
            "contribution",
            "contribution.deliveries",
            "lines.need",
            "lines.order_line.need",
            "purchase_order.procurement",
            "purchase_order",
        ),
        validators=(
            quantities_of_lines_fit_unit("quantity", "accepted", "rejected"),
            _has_one_origin,
            _arrives_before_the_end,
            _lines_fit,
            _units_agree,
            _status_agrees,
        ),
        before_flush=(_count_towards_needs, _take_units, _examine_the_rest),
        after_flush=(_follow,),
    )
)
