"""Declares the queries of returns, and the command that enters one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from models import DeliveryReturn
from models.base import now
from models.orders.deliveries import COUNTED_STATUSES
from models.units import fits_unit
from resolvers.commands.command import Command, command
from resolvers.commands.errors import INPUT, Violation
from resolvers.commands.input_fields import fields_to_create
from resolvers.commands.rules.corrections import corrections_fit
from resolvers.commands.rules.quantities import in_units, shown
from resolvers.commands.spec import MutationSpec
from resolvers.commands.standard_changes import create
from resolvers.query.spec import QuerySpec, register_query_spec

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from models import Entity
    from resolvers.commands.unit_of_work import UnitOfWork

register_query_spec(
    QuerySpec(
        DeliveryReturn,
        filterable=("id", "number", "quantity", "returned_on", "delivery_line", "created_at", "updated_at"),
        sortable=("returned_on", "number", "quantity", "created_at", "updated_at"),
    )
)


def _was_accepted(_unit: UnitOfWork, row: DeliveryReturn) -> Iterator[Violation]:
    """Goods of an accepted delivery are returned, in the unit of their line."""
    delivery = row.delivery_line.delivery
    if delivery.status not in COUNTED_STATUSES:
        message = f"The delivery is {delivery.status.name}. Only accepted goods are returned."
        yield Violation((*INPUT, "deliveryLineId"), "accepted", message)
    if not fits_unit(row.quantity, row.delivery_line.unit):
        message = "The units of this line are whole. Enter a whole number."
        yield Violation((*INPUT, "quantity"), "whole", message)


def _within_bounds(_unit: UnitOfWork, row: DeliveryReturn) -> Iterator[Violation]:
    """The returned sum is never more than the accepted quantity."""
    line, at = row.delivery_line, (*INPUT, "quantity")
    if not row.quantity:
        yield Violation(at, "nothing", "The quantity must not be 0. Enter the returned units.")
    elif row.quantity > line.remaining:
        message = (
            f"Only {in_units(line.remaining)} can be returned: what is accepted and not returned. Reduce the quantity."
            if line.remaining > 0
            else "All accepted units of this line are returned. Choose another line, or correct an earlier return."
        )
        yield Violation(at, "returns_sum", message)


def _names_what_it_corrects(_unit: UnitOfWork, row: DeliveryReturn) -> Iterator[Violation]:
    """A correction names an earlier entry, and every entry has a reason."""
    if row.corrects is None and row.quantity < 0:
        message = "A negative quantity corrects an earlier return. Name its number."
        yield Violation((*INPUT, "corrects"), "corrects", message)
    others = [each for each in row.delivery_line.returns if each is not row]
    yield from corrections_fit(row, others, "quantity", "return of the delivery line", shown)


def _order_is_not_exceeded(_unit: UnitOfWork, row: DeliveryReturn) -> Iterator[Violation]:
    """Units whose return is corrected are accepted again; by then, others possibly replaced them."""
    line = row.delivery_line
    ordered = None if line.gift else line.order_line
    if ordered is None or ordered.quantity is None or row.quantity >= 0:
        return
    used = sum((each.used() for each in ordered.delivery_lines if not each.gift), -row.quantity)
    if used > ordered.quantity:
        message = (
            f"With these units, {shown(used)} of {shown(ordered.quantity)} ordered units would be accepted or "
            "expected. Cancel the delivery that replaces them first, or enter its units as a gift."
        )
        yield Violation((*INPUT, "quantity"), "received_sum", message)


def _is_told(unit: UnitOfWork, row: DeliveryReturn) -> Iterator[Violation]:
    """A return has a reason, and a day between the arrival and today."""
    arrived = row.delivery_line.delivery.received_on
    if not unit.reason:
        yield Violation((*INPUT, "reason"), "reason", "The reason is missing. Say why the goods are returned.")
    if row.returned_on > now().date():
        yield Violation((*INPUT, "returnedOn"), "future", "The day is in the future. Enter the return when it is made.")
    elif arrived and row.returned_on < arrived:
        yield Violation((*INPUT, "returnedOn"), "period", "The return is before the arrival. Correct the date.")


def _number(unit: UnitOfWork, row: DeliveryReturn) -> None:
    row.number = 1 + max((each.number for each in row.delivery_line.returns if each is not row), default=0)
    row.reason = unit.reason or ""


def _add_up(_unit: UnitOfWork, row: DeliveryReturn) -> None:
    """Set the returned quantity of the line. The database compares it with the sum of the entries."""
    row.delivery_line.returned += row.quantity


RETURN = MutationSpec(
    DeliveryReturn,
    fields=("delivery_line", "quantity", "returned_on", "corrects"),
    ranges={"corrects": (1, None)},
    lock_also=(
        "delivery_line.need",
        "delivery_line.delivery.contribution",
        "delivery_line.delivery.purchase_order.procurement",
        "delivery_line.delivery.purchase_order",
        "delivery_line.delivery",
        "delivery_line",
    ),
    validators=(_was_accepted, _within_bounds, _names_what_it_corrects, _order_is_not_exceeded, _is_told),
    before_flush=(_number,),
    after_flush=(_add_up,),
)


def _enter(unit: UnitOfWork, values: Mapping[str, Any]) -> Entity:
    return create(unit, RETURN, values)


command(
    Command(
        "create_delivery_return",
        DeliveryReturn,
        "Enter a return of accepted units, with a reason. Entries never change: a later entry with a negative quantity "
        "corrects a mistake. The statuses of the order, its procurement and the need follow.",
        fields_to_create(RETURN),
        _enter,
    )
)
