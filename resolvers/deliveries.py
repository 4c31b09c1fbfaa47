"""How deliveries and their lines may be read and written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models import ContributionKind, ContributionStatus, Delivery, DeliveryLine, DeliveryStatus, PurchaseOrderStatus
from models.deliveries import COUNTED_STATUSES
from resolvers import capability_needs, purchase_orders
from resolvers.commands.errors import INPUT, Violation
from resolvers.commands.spec import ChildSpec, MutationSpec, register_mutation_spec
from resolvers.query.spec import QuerySpec, register_query_spec

if TYPE_CHECKING:
    from collections.abc import Iterator

    from resolvers.commands.unit_of_work import UnitOfWork

NOT_RECEIVED = frozenset({DeliveryStatus.SCHEDULED, DeliveryStatus.IN_TRANSIT})
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
            "purchase_order",
            "contribution",
            "funders",
            "lines",
            "created_at",
            "updated_at",
        ),
        sortable=("reference", "title", "planned_on", "received_on", "value", "created_at", "updated_at"),
        groupable=("marking", "status", "received_year", "recipient"),
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
    """Goods come from an order that was placed, or are handed over in kind."""
    if "id" in unit.input:
        return
    order, gift = row.purchase_order, row.contribution
    if (order is None) == (gift is None):
        message = "Name the order it fulfils, or the contribution in kind it hands over: one of them."
        yield Violation(INPUT, "one_origin", message)
    elif order and order.status is PurchaseOrderStatus.DRAFT:
        yield Violation((*INPUT, "purchaseOrderId"), "placed", "The order is a DRAFT: place it first.")
    elif gift and (gift.kind is not ContributionKind.IN_KIND or gift.status is ContributionStatus.CANCELLED):
        message = "Only a contribution in kind that is not taken back is handed over; money buys by an order."
        yield Violation((*INPUT, "contributionId"), "in_kind", message)


def _lines_fit(unit: UnitOfWork, row: Delivery) -> Iterator[Violation]:
    """Each line is of the delivery's own order, counts towards that line's need, and is examined in full or not."""
    for place, line in enumerate(row.lines):
        at = (*INPUT, "lines", str(place))
        ordered = line.order_line
        if (ordered and ordered.purchase_order_id) != row.purchase_order_id:
            yield Violation((*at, "orderLineId"), "order_line", "Name a line of the order that the delivery is of.")
        elif ordered and line.need_id and line.need_id != ordered.need_id:
            message = "It counts towards the need of its order line: leave the need out."
            yield Violation((*at, "needId"), "order_line_need", message)
        elif not ordered:
            yield from capability_needs.taken_up(unit, line, "need", (*at, "needId"))
        if line.accepted is None and line.rejected is None:
            continue
        if row.status in NOT_RECEIVED:
            message = "It is examined once it is RECEIVED: leave accepted and rejected out until then."
            yield Violation((*at, "accepted"), "arrived", message)
        elif None in {line.quantity, line.accepted, line.rejected} or _examined(line) != line.quantity:
            message = "Accepted and rejected units are the quantity together: give all three."
            yield Violation((*at, "accepted"), "examined_in_full", message)


def _examined(line: DeliveryLine) -> int:
    return (line.accepted or 0) + (line.rejected or 0)


def _status_agrees(unit: UnitOfWork, row: Delivery) -> Iterator[Violation]:
    """What is said of a delivery as a whole is what its lines say."""
    to = unit.input.get("to")
    if to not in EXAMINED:
        return
    at = (*INPUT, "to")
    if not row.lines or any(line.quantity is None for line in row.lines):
        yield Violation(at, "lines", "Give its lines first, each with the quantity that was received.")
        return
    accepted, rejected = any(line.accepted for line in row.lines), any(line.rejected for line in row.lines)
    unseen = any(line.accepted is None for line in row.lines)
    if (to is DeliveryStatus.ACCEPTED and rejected) or (to is DeliveryStatus.REJECTED and accepted):
        message = "Its lines say otherwise: ACCEPTED is all of it, REJECTED none, PARTIALLY_ACCEPTED some."
        yield Violation(at, "examined", message)
    if to is DeliveryStatus.PARTIALLY_ACCEPTED and (unseen or not accepted or not rejected):
        message = "Say of each line how many units are accepted and rejected: some of each make PARTIALLY_ACCEPTED."
        yield Violation(at, "examined", message)


def _count_towards_needs(_unit: UnitOfWork, row: Delivery) -> None:
    """What is of an order line counts towards the need of that line."""
    for line in row.lines:
        if line.order_line and line.need_id is None:
            line.need, line.need_id = line.order_line.need, line.order_line.need_id


def _examine_the_rest(_unit: UnitOfWork, row: Delivery) -> None:
    """What is accepted or rejected as a whole is so in every line of which nothing was said."""
    for line in row.lines if row.status in EXAMINED else ():
        if line.accepted is None and line.quantity is not None:
            turned_down = row.status is DeliveryStatus.REJECTED
            line.accepted, line.rejected = (0, line.quantity) if turned_down else (line.quantity, 0)


def _follow(unit: UnitOfWork, row: Delivery) -> None:
    """Orders, procurements and needs stand where what is accepted leads them."""
    if row.status not in EXAMINED:
        return
    if row.purchase_order:
        purchase_orders.follow_deliveries(unit, row.purchase_order)
    for need in {line.need for line in row.lines if line.need}:
        capability_needs.follow_deliveries(unit, need)


LINE = ChildSpec(
    DeliveryLine,
    fields=("description", "quantity", "quantity_qualifier", "unit", "accepted", "rejected", "order_line", "need"),
    back="delivery",
    ranges={"quantity": (0, None), "accepted": (0, None), "rejected": (0, None)},
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
            "lines.need",
            "lines.order_line.need",
            "purchase_order.procurement",
            "purchase_order",
        ),
        validators=(_has_one_origin, _lines_fit, _status_agrees),
        before_flush=(_count_towards_needs, _examine_the_rest),
        after_flush=(_follow,),
    )
)
