"""The rows that the figures of a need add up or leave out once more, in plain Python over the loaded rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from tests.reference.order_counts import COUNTED, GOODS, NOTHING, lines_with_cost, units_of
from tests.reference.planning import ARRIVED, EXAMINED, FIRM, NOT_PLACED, attributed, of_ended_order

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator


class Row(NamedTuple):
    """A row that a figure adds up, or the reason for which it is left out."""

    object: Any
    number: Any
    reason: str | None
    currency: str | None = None


def first(*reasons: tuple[bool, str]) -> str | None:
    """Return the first reason that holds."""
    return next((reason for holds, reason in reasons if holds), None)


def required(need: Any, _in_force: Any) -> Iterator[Row]:
    """Yield the need with its quantity."""
    yield Row(need, need.quantity, first((need.quantity is None, "QUANTITY_UNKNOWN")))


def planned(need: Any, in_force: Any) -> Iterator[Row]:
    """Yield the roadmap lines with their quantities."""
    for line in need.roadmap_lines:
        reason = first(
            (line.roadmap is not in_force, "NOT_IN_FORCE"),
            (line.quantity is None, "QUANTITY_UNKNOWN"),
            (line.unit != need.unit, "OTHER_UNIT"),
        )
        yield Row(line, line.quantity, reason)


def ordered(need: Any, _in_force: Any) -> Iterator[Row]:
    """Yield the order lines with what they count for."""
    for line in need.order_lines:
        order = line.purchase_order
        ended = order.status.name in {"CLOSED", "TERMINATED"}
        quantity = units_of(line) if ended or line.quantity is not None else None
        reason = first(
            (order.status.name in NOT_PLACED, "ORDER_NOT_PLACED"),
            (line.kind.name not in GOODS, "NOT_GOODS"),
            (quantity is None, "QUANTITY_UNKNOWN"),
            (line.unit != need.unit, "OTHER_UNIT"),
        )
        yield Row(line, quantity, reason)


def delivered(need: Any, name: str, *reasons: Callable[[Any], tuple[bool, str]]) -> Iterator[Row]:
    """Yield the delivery lines with an attribute of theirs."""
    for line in need.delivery_lines:
        found = [each(line) for each in reasons]
        yield Row(line, getattr(line, name), first(*found, (line.unit != need.unit, "OTHER_UNIT")))


def status_outside(statuses: set[str], reason: str) -> Callable[[Any], tuple[bool, str]]:
    """Return the reason of a delivery line whose delivery has none of the statuses."""
    return lambda line: (line.delivery.status.name not in statuses, reason)


def accepted(need: Any, *reasons: Callable[[Any], tuple[bool, str]], of: Iterable[Any]) -> Iterator[Row]:
    """Yield delivery lines with their accepted units that were not returned."""
    for line in of:
        found = [each(line) for each in (*reasons, status_outside(COUNTED, "NOT_ACCEPTED"))]
        left = line.quantity
        if line.delivery.status.name in COUNTED:
            left = None if line.accepted is None else line.accepted - line.returned
        yield Row(line, left, first(*found, (line.unit != need.unit, "OTHER_UNIT")))


def all_accepted(need: Any, _in_force: Any) -> Iterator[Row]:
    """Yield all delivery lines with their accepted units."""
    return accepted(need, of=need.delivery_lines)


def in_kind_units(need: Any, _in_force: Any) -> Iterator[Row]:
    """Yield the delivery lines with their units in kind."""
    return accepted(need, lambda line: (line.order_line is not None, "ORDERED"), of=need.delivery_lines)


def gifts(need: Any, _in_force: Any) -> Iterator[Row]:
    """Yield the delivery lines of gifts beyond an order."""
    return accepted(need, of=[line for line in need.delivery_lines if line.gift and line.order_line is not None])


def money(need: Any, row: Any, minor: int | None, currency: str | None, *reasons: tuple[bool, str]) -> Row:
    """Return a row of money of a need."""
    other = currency != need.estimated_cost_currency
    reason = first(*reasons, (minor is None, "AMOUNT_UNKNOWN"), (other, "OTHER_CURRENCY"))
    return Row(row, minor, reason, currency)


def estimate(need: Any, _in_force: Any) -> Iterator[Row]:
    """Yield the need with its estimated cost."""
    yield money(need, need, need.estimated_cost_minor, need.estimated_cost_currency)


def planned_money(need: Any, in_force: Any) -> Iterator[Row]:
    """Yield the roadmap lines with their amounts."""
    for line in need.roadmap_lines:
        outside = (line.roadmap is not in_force, "NOT_IN_FORCE")
        yield money(need, line, line.planned_amount_minor, line.planned_amount_currency, outside)


def given(statuses: set[str], reason: str) -> Callable[[Any, Any], Iterator[Row]]:
    """Return what yields the allocations to the procurements of a need."""

    def rows(need: Any, _in_force: Any) -> Iterator[Row]:
        for procurement in need.procurements:
            shared = procurement.needs != [need]
            for each in procurement.allocations:
                reasons = (
                    (each.contribution.status.name not in statuses, reason),
                    (shared and each.need not in {None, need}, "FOR_ANOTHER_NEED"),
                    (shared and each.need is None, "SHARED"),
                )
                yield money(need, each, each.amount_minor, each.amount_currency, *reasons)

    return rows


def bought(need: Any, _in_force: Any) -> Iterator[Row]:
    """Yield the procurements with what the order lines cost beyond the money that names the need."""
    for procurement in need.procurements:
        firm = [each for each in procurement.allocations if each.contribution.status.name in FIRM]
        if procurement.needs != [need]:
            for currency in {each.amount_currency for each in firm}:
                named = [each.amount_minor for each in firm if each.need is need and each.amount_currency == currency]
                beyond = attributed(procurement, need, currency) - sum(named)
                yield money(need, procurement, beyond, currency)


def ordered_money(need: Any, _in_force: Any) -> Iterator[Row]:
    """Yield the order lines with their costs."""
    for line in need.order_lines:
        costs = lines_with_cost(line.purchase_order)
        minor, _ = costs.get(line.id, (line.amount_minor, None))
        goods = line.kind.name in GOODS
        yield money(
            need,
            line,
            minor,
            line.unit_price_currency,
            (line.purchase_order.status.name in NOT_PLACED, "ORDER_NOT_PLACED"),
            (line.id not in costs, "NOT_IN_COST"),
            (goods and line.unit != need.unit, "OTHER_UNIT"),
        )


def in_kind_money(need: Any, _in_force: Any) -> Iterator[Row]:
    """Yield the deliveries with their values."""
    for delivery in {line.delivery.id: line.delivery for line in need.delivery_lines}.values():
        yield money(
            need,
            delivery,
            delivery.value_minor,
            delivery.value_currency,
            (delivery.purchase_order is not None, "ORDERED"),
            (delivery.status.name not in COUNTED, "NOT_ACCEPTED"),
            (any(line.need is not need for line in delivery.lines), "FOR_ANOTHER_NEED"),
        )


def less(rows: Any) -> Any:
    """Return what yields the same rows, subtracted."""

    def negative(subject: Any, in_force: Any) -> Iterator[Row]:
        for row in rows(subject, in_force):
            yield row._replace(number=None if row.number is None else -row.number)

    return negative


def lifted(*sources: Any) -> tuple[Any, ...]:
    """Return sources, and what yields the row that lifts their sum to 0."""

    def rest(subject: Any, in_force: Any) -> Iterator[Row]:
        counted = [row for rows in sources for row in rows(subject, in_force) if not row.reason]
        left = sum((row.number or 0 for row in counted), NOTHING)
        currency = next((row.currency for row in counted), None)
        is_known = all(row.number is not None for row in sources[0](subject, in_force))
        if is_known and left < 0:
            yield Row(subject, int(-left) if currency else -left, None, currency)

    return (*sources, rest)


in_transit_units = lambda need, _: delivered(  # noqa: E731
    need,
    "quantity",
    status_outside({"IN_TRANSIT"}, "NOT_IN_TRANSIT"),
    lambda line: (of_ended_order(line.delivery), "ORDER_ENDED"),
)
FIRM_MONEY, PLEDGES = given(FIRM, "NOT_FIRM"), given({"PLEDGED"}, "NOT_PLEDGED")

#: The rows of each figure of a need.
NEED_SOURCES: dict[str, tuple[Any, ...]] = {
    "quantity": (required,),
    "planned_quantity": (planned,),
    "ordered_quantity": (ordered,),
    "in_transit_quantity": (in_transit_units,),
    "received_quantity": (lambda need, _: delivered(need, "quantity", status_outside(ARRIVED, "NOT_RECEIVED")),),
    "accepted_quantity": (all_accepted,),
    "rejected_quantity": (lambda need, _: delivered(need, "rejected", status_outside(EXAMINED, "NOT_INSPECTED")),),
    "in_kind_quantity": (in_kind_units,),
    "outstanding_quantity": lifted(required, less(all_accepted)),
    "not_yet_secured_quantity": lifted(required, less(ordered), less(in_kind_units), less(gifts)),
    "estimated_cost": (estimate,),
    "planned_amount": (planned_money,),
    "pledged_amount": (PLEDGES,),
    "funded_amount": (FIRM_MONEY, bought),
    "ordered_amount": (ordered_money,),
    "in_kind_amount": (in_kind_money,),
    "unmet_amount": lifted(estimate, less(FIRM_MONEY), less(bought)),
    "unmet_amount_after_in_kind": lifted(estimate, less(FIRM_MONEY), less(bought), less(in_kind_money)),
}
