"""Declares the queries of order lines, and the rules of the lines that an order is written with."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import replace
from typing import TYPE_CHECKING

from sqlalchemy import inspect
from sqlalchemy.orm import object_session

from models import OrderLine, PurchaseOrderStatus
from models.money import MAX_MINOR, Money, sums_by_currency
from models.order_amounts.line_amounts import amount_fits
from models.order_amounts.vat import MAX_RATE
from models.orders.order_lines import amount_of
from models.orders.purchase_orders import ENDED_STATUSES, OPEN_STATUSES
from resolvers.commands.errors import INPUT, Violation
from resolvers.commands.rules.quantities import POSITIVE
from resolvers.commands.spec import ChildSpec
from resolvers.planning import capability_needs
from resolvers.query.spec import QuerySpec, register_query_spec

if TYPE_CHECKING:
    from collections.abc import Iterator

    from models import PurchaseOrder
    from resolvers.commands.unit_of_work import UnitOfWork

register_query_spec(
    QuerySpec(
        OrderLine,
        filterable=(
            "id",
            "ordinal",
            "kind",
            "description",
            "cpv_code",
            "quantity",
            "unit_price",
            "amount",
            "vat_rate",
            "purchase_order",
            "need",
            "amendments",
            "created_at",
            "updated_at",
        ),
        sortable=("ordinal", "description", "quantity", "unit_price", "amount", "vat_rate", "created_at", "updated_at"),
        groupable=("kind", "cpv_code", "need"),
        summable={"amount": "amount"},
    )
)


def sums_of_lines(row: PurchaseOrder) -> list[Money]:
    """Return the sum of an order's lines for each currency; empty if a quantity or a price is unknown.

    A cancelled line adds nothing, be its price known or not.
    """
    counted = [line for line in row.lines if not line.is_cancelled or line.unit_price_minor is not None]
    known = [
        Money(amount_of(line.kind, line.quantity, line.unit_price_minor), line.unit_price_currency or "")
        for line in counted
        if line.quantity is not None and line.unit_price_minor is not None
    ]
    return sums_by_currency(known) if len(known) == len(counted) else []


def value_is_the_sum(unit: UnitOfWork, row: PurchaseOrder) -> Iterator[Violation]:
    """If all lines are known, the value of an order must be their sum, in one currency."""
    for place, line in enumerate(row.lines):
        if not amount_fits(line.quantity, line.unit_price_minor):
            message = "The quantity times the unit price is too large. Correct one of them."
            yield Violation((*INPUT, "lines", str(place), "unitPrice"), "lines_sum", message)
            return
    sums = sums_of_lines(row)
    if len(sums) > 1:
        message = "The unit prices have different currencies. Use one currency for all lines."
        yield Violation((*INPUT, "lines"), "lines_currency", message)
    elif sums and sums[0].minor > MAX_MINOR:
        message = "The sum of the lines is too large to store. Reduce a quantity or a unit price."
        yield Violation((*INPUT, "lines"), "lines_sum", message)
    elif sums and sums[0].minor < 0:
        less = Money(-sums[0].minor, sums[0].currency)
        message = f"The discounts and credits exceed the other lines by {less}. Correct an amount."
        yield Violation((*INPUT, "lines"), "lines_sum", message)
    elif sums and "value" in unit.input and sums != [Money(row.value_minor or 0, row.value_currency or "")]:
        message = f"The value is not the sum of the lines, which is {sums[0]}. Omit it; the server computes it."
        yield Violation((*INPUT, "value"), "order_value", message)


def _has_need_of(order: PurchaseOrder, line: OrderLine, at: tuple[str, ...]) -> Iterator[Violation]:
    """The need of a line is one of the procurement of its order, unless the order has ended."""
    if line.need and line.need not in order.procurement.needs and order.status not in ENDED_STATUSES:
        message = (
            "The need is not one of the needs of the procurement. Choose one of them, or add it to needIds of the "
            "procurement."
        )
        yield Violation((*at, "needId"), "need", message)


def needs_are_of_the_procurement(unit: UnitOfWork, row: PurchaseOrder) -> Iterator[Violation]:
    """The needs of the lines are those of the procurement, also when the order is reopened."""
    for place, line in enumerate(row.lines):
        for broken in _has_need_of(row, line, (*INPUT, "lines", str(place))):
            reopens = unit.input.get("to") is PurchaseOrderStatus.DRAFT
            yield replace(broken, path=(*INPUT, "to")) if reopens else broken


def needs_are_not_given_up(unit: UnitOfWork, row: PurchaseOrder) -> Iterator[Violation]:
    """Nothing is ordered for a need that is REJECTED or WITHDRAWN, be it by a new line of a placed order."""
    if unit.input.get("to") is PurchaseOrderStatus.PLACED:
        needs = [line.need for line in row.lines if line.need]
        yield from capability_needs.given_up_violations(unit, needs, (*INPUT, "to"))
    for place, line in enumerate(row.lines if row.status in OPEN_STATUSES and "to" not in unit.input else ()):
        if line.need and not inspect(line).persistent:
            yield from capability_needs.given_up_violations(unit, [line.need], (*INPUT, "lines", str(place), "needId"))


def units_agree(_unit: UnitOfWork, row: PurchaseOrder) -> Iterator[Violation]:
    """A line for a need has the need's unit."""
    for place, line in enumerate(row.lines):
        if line.need:
            yield from capability_needs.unit_violations(line, line.need, "need", (*INPUT, "lines", str(place)))


#: The rules of the lines of an order that is amended.
AMENDED_LINES = (value_is_the_sum, needs_are_of_the_procurement, needs_are_not_given_up, units_agree)


def _line_stays(row: OrderLine) -> str | None:
    return f"Line {row.ordinal} was amended: it stays. Send it back with its id." if row.amendments else None


def _need_is_bought(owner: PurchaseOrder, row: OrderLine, path: tuple[str, ...]) -> Iterator[Violation]:
    """Judge the need of a line before the line is written, where the database would refuse it."""
    session = object_session(owner)
    with session.no_autoflush if session else nullcontext():
        yield from _has_need_of(owner, row, path) if owner.procurement else ()


LINE = ChildSpec(
    OrderLine,
    fields=("kind", "description", "cpv_code", "quantity", "unit", "unit_price", "vat_rate", "need"),
    back="purchase_order",
    stays=_line_stays,
    checked=_need_is_bought,
    ranges={"quantity": POSITIVE, "vat_rate": (0, MAX_RATE)},
    filled_in=(capability_needs.take_unit,),
)
