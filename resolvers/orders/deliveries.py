"""Declares the queries and commands of deliveries and their lines."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from models import ContributionKind, ContributionStatus, Delivery, DeliveryStatus, PurchaseOrderStatus
from models.base import now
from models.orders.deliveries import EXAMINED_STATUSES, FAILED_STATUSES, OPEN_STATUSES
from models.orders.purchase_orders import ENDED_STATUSES
from resolvers.commands.errors import INPUT, Violation
from resolvers.commands.rules.lists import lists_are_not_empty
from resolvers.commands.rules.quantities import quantities_of_lines_fit_unit
from resolvers.commands.spec import MutationSpec, register_mutation_spec
from resolvers.orders import delivery_lines
from resolvers.query.spec import QuerySpec, register_query_spec

if TYPE_CHECKING:
    from collections.abc import Iterator

    from resolvers.commands.unit_of_work import UnitOfWork

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
            "recipient_note",
            "planned_on",
            "received_on",
            "received_year",
            "ended_on",
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
        sortable=("reference", "title", "planned_on", "received_on", "ended_on", "value", "created_at", "updated_at"),
        groupable=("marking", "status", "received_year", "recipient", "counts_in_sums", "left_out_of_sums"),
        summable={"value": "value"},
    )
)


def _has_one_origin(unit: UnitOfWork, row: Delivery) -> Iterator[Violation]:
    """A new delivery must have exactly one origin: an order or a contribution in kind."""
    if "id" not in unit.input and (row.purchase_order is None) == (row.contribution is None):
        message = "A delivery must have one origin. Set either purchaseOrderId or contributionId, not both."
        yield Violation(INPUT, "one_origin", message)


def _can_be_delivered(unit: UnitOfWork, row: Delivery) -> Iterator[Violation]:
    """The origin of a new delivery is an order that is placed and in progress, or a contribution in kind."""
    order, gift = row.purchase_order, row.contribution
    if "id" in unit.input:
        return
    if order and order.status is PurchaseOrderStatus.DRAFT:
        yield Violation((*INPUT, "purchaseOrderId"), "placed", "The order is a DRAFT. Place the order first.")
    elif order and order.status in ENDED_STATUSES:
        message = f"The order is {order.status.name} and takes no more deliveries. Choose an order in progress."
        yield Violation((*INPUT, "purchaseOrderId"), "ended", message)
    elif gift and (gift.kind is not ContributionKind.IN_KIND or gift.status is ContributionStatus.CANCELLED):
        message = "The contribution must be IN_KIND and not CANCELLED. For goods that were bought, set purchaseOrderId."
        yield Violation((*INPUT, "contributionId"), "in_kind", message)


def _arrives_before_the_end(unit: UnitOfWork, row: Delivery) -> Iterator[Violation]:
    """Yield a violation if goods are sent, arrive or are examined again although their origin has ended."""
    order, gift = row.purchase_order, row.contribution
    if unit.input.get("to") not in OPEN_STATUSES:
        return
    advice = "What did not arrive is CANCELLED or LOST."
    if order and order.status in ENDED_STATUSES:
        message = f"The order is {order.status.name} and takes no more deliveries. {advice}"
        yield Violation((*INPUT, "to"), "ended", message)
    elif gift and gift.status is ContributionStatus.CANCELLED:
        message = f"The contribution is CANCELLED and takes no more deliveries. {advice}"
        yield Violation((*INPUT, "to"), "ended", message)


def _ends_when_it_fails(unit: UnitOfWork, row: Delivery) -> Iterator[Violation]:
    """Only a delivery that becomes CANCELLED or LOST has a day of its end."""
    if unit.input.get("ended_on") is not None and row.status not in FAILED_STATUSES:
        message = f"A delivery that becomes {row.status.name} has no end. Omit it."
        yield Violation((*INPUT, "endedOn"), "ended", message)
    elif row.ended_on and "to" in unit.input and row.ended_on > now().date():
        yield Violation((*INPUT, "endedOn"), "future", "The day is in the future. End the delivery on that day.")


def _write_the_days(unit: UnitOfWork, row: Delivery) -> None:
    """Write the day of the arrival, or the day and the reason of the end; clear the end when it is reopened."""
    if "to" not in unit.input:
        return
    if row.status is DeliveryStatus.RECEIVED:
        row.received_on = row.received_on or now().date()
    if row.status in FAILED_STATUSES:
        row.ended_on, row.end_reason = row.ended_on or now().date(), unit.reason
    else:
        row.ended_on = row.end_reason = None


def _is_not_returned(unit: UnitOfWork, row: Delivery) -> Iterator[Violation]:
    """A delivery whose goods were returned is not examined again."""
    if unit.input.get("to") is DeliveryStatus.RECEIVED and any(line.returned for line in row.lines):
        message = "Goods of this delivery were returned, so they were accepted. Correct the return with a later one."
        yield Violation((*INPUT, "to"), "returned", message)


def _examine_again(unit: UnitOfWork, row: Delivery) -> None:
    """Clear accepted and rejected of a delivery that is to be examined once more."""
    for line in row.lines if unit.input.get("to") is DeliveryStatus.RECEIVED else ():
        line.accepted = line.rejected = None


def _status_agrees(unit: UnitOfWork, row: Delivery) -> Iterator[Violation]:
    """The status of an examined delivery must agree with the units of its lines."""
    to = unit.input.get("to")
    if to not in EXAMINED_STATUSES:
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


def _examine_the_rest(_unit: UnitOfWork, row: Delivery) -> None:
    """Set accepted and rejected of the lines that have no values, from the status of the delivery."""
    for line in row.lines if row.status in EXAMINED_STATUSES else ():
        if line.accepted is None and line.quantity is not None:
            turned_down = row.status is DeliveryStatus.REJECTED
            line.accepted, line.rejected = (Decimal(0), line.quantity) if turned_down else (line.quantity, Decimal(0))


register_mutation_spec(
    MutationSpec(
        Delivery,
        create_only=("purchase_order", "contribution"),
        fields=(
            "reference",
            "title",
            "marking",
            "recipient",
            "recipient_note",
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
        children={"lines": delivery_lines.LINE},
        reasoned_statuses=frozenset(FAILED_STATUSES),
        transition_fields=("ended_on",),
        lock_also=(
            "contribution",
            "contribution.deliveries",
            "lines.need",
            "lines.order_line.need",
            "lines.replaces",
            "purchase_order.procurement",
            "purchase_order",
        ),
        owner_rules=(_has_one_origin,),
        validators=(
            quantities_of_lines_fit_unit("quantity", "accepted", "rejected"),
            lists_are_not_empty("lines"),
            _can_be_delivered,
            _arrives_before_the_end,
            _ends_when_it_fails,
            _is_not_returned,
            delivery_lines.lines_fit,
            delivery_lines.gifts_exceed_an_order,
            delivery_lines.orders_are_not_exceeded,
            delivery_lines.replacements_fit,
            delivery_lines.units_agree,
            _status_agrees,
        ),
        before_flush=(
            _write_the_days,
            _examine_again,
            _examine_the_rest,
        ),
    )
)
