"""Declares the queries and commands of purchase orders."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models import DeliveryStatus, ProcurementStatus, PurchaseOrder, PurchaseOrderStatus, Qualifier
from models.base import now
from models.money import MAX_MINOR, Money
from models.order_amounts.bound_money import EXCHANGE
from models.order_amounts.exchange import MAX_RATE, MIN_RATE
from models.orders.order_ends import accepted_quantities, accepted_value, ends_early
from models.orders.purchase_orders import BINDING_STATUSES, ENDED_STATUSES
from resolvers.commands.errors import INPUT, Violation
from resolvers.commands.rules.lists import lists_are_not_empty
from resolvers.commands.rules.quantities import quantities_of_lines_fit_unit
from resolvers.commands.spec import MutationSpec, register_mutation_spec
from resolvers.core.naming import api_name
from resolvers.funding.allocations import why_not_backed
from resolvers.orders.order_lines import (
    LINE,
    needs_are_not_given_up,
    needs_are_of_the_procurement,
    sums_of_lines,
    units_agree,
    value_is_the_sum,
)
from resolvers.procurement.awards import framework_of, order_fits_award, order_fits_framework
from resolvers.query.spec import QuerySpec, register_query_spec

if TYPE_CHECKING:
    from collections.abc import Iterator

    from resolvers.commands.unit_of_work import UnitOfWork

#: The statuses of procurements in which orders can be placed: a supplier is chosen, and not everything has arrived.
OPEN_TO_ORDERS = frozenset({ProcurementStatus.AWARDED, ProcurementStatus.ORDERED, ProcurementStatus.DELIVERING})

register_query_spec(
    QuerySpec(
        PurchaseOrder,
        filterable=(
            "id",
            "number",
            "title",
            "award",
            "supplier",
            "status",
            "ordered_on",
            "expected_on",
            "value",
            "counts_in_sums",
            "left_out_of_sums",
            "owed",
            "bound",
            "funded_in",
            "ended_on",
            "delivered_share",
            "procurement",
            "lines",
            "amendment_count",
            "amendments",
            "deliveries",
            "created_at",
            "updated_at",
        ),
        sortable=(
            "number",
            "title",
            "ordered_on",
            "expected_on",
            "value",
            "owed",
            "bound",
            "ended_on",
            "delivered_share",
            "created_at",
            "updated_at",
        ),
        groupable=("status", "award", "supplier", "procurement", "counts_in_sums", "left_out_of_sums"),
        summable={"value": "value", "owed": "owed", "bound": "bound"},
    )
)


def _is_still_bought(unit: UnitOfWork, row: PurchaseOrder) -> Iterator[Violation]:
    """A procurement that has ended gets no new orders, and none is reopened in it."""
    status, reopens = row.procurement.status, unit.input.get("to") is PurchaseOrderStatus.DRAFT
    if ("id" not in unit.input or reopens) and row.procurement.is_ended(status):
        advice = "Reopen it first." if row.procurement.transitions[status] else "Choose a procurement in progress."
        message = f"The procurement is {status.name} and accepts no more orders. {advice}"
        yield Violation((*INPUT, "to" if reopens else "procurementId"), "ended", message)


def _can_be_placed(unit: UnitOfWork, row: PurchaseOrder) -> Iterator[Violation]:
    """A placed order has a supplier, an awarded procurement, lines with quantities, a value and allocated money."""
    if unit.input.get("to") is not PurchaseOrderStatus.PLACED:
        return
    to = (*INPUT, "to")
    if row.procurement.status not in OPEN_TO_ORDERS:
        message = f"The procurement is {row.procurement.status.name}. An order can be placed only after it is AWARDED."
        yield Violation(to, "awarded", message)
    if not row.lines or any(line.quantity is None for line in row.lines):
        message = "A line or its quantity is missing. Enter all lines, each with its quantity."
        yield Violation(to, "lines", message)
    if row.value_minor is None:
        message = "The value of the order is unknown. Set the unit price of each line, or the value."
        yield Violation(to, "value", message)
    if not unit.seen(row.supplier) and not unit.seen(framework_of(row.procurement)):
        message = "The order has no supplier. Set supplierId before you place it."
        yield Violation(to, "supplier", message)
    if row.value_minor is not None and (why := why_not_backed(unit, row.procurement, row.paying_currency())):
        yield Violation(to, "orders_sum", f"{why} Allocate more, {_other_money(unit, row)}or reduce the order.")


def _other_money(unit: UnitOfWork, row: PurchaseOrder) -> str:
    """Return the advice to pay from money in another currency, if the viewer sees such money of the procurement."""
    money = [each for each in row.procurement.allocations if each.amount_minor]
    hidden = unit.not_visible(money)
    seen = {each.amount_currency for each in money if each not in hidden} - {row.value_currency}
    if row.funded_in or not seen:
        return ""
    return f"pay from its money in {' or '.join(sorted(seen))} with fundedIn and an exchange rate, "


def _keeps_its_terms(unit: UnitOfWork, row: PurchaseOrder) -> Iterator[Violation]:
    """A placed order has a day that is not in the future nor after its expected day, and never loses its supplier."""
    placed = unit.input.get("to") is PurchaseOrderStatus.PLACED
    if row.status not in BINDING_STATUSES or not (placed or "to" not in unit.input):
        return
    if "supplier_id" in unit.input and row.supplier is None:
        message = f"The order is {row.status.name}, so it has a supplier. Choose another one, or cancel the order."
        yield Violation((*INPUT, "supplierId"), "supplier", message)
    day, today = row.ordered_on or (now().date() if placed else None), now().date()
    if day and day > today:
        message = f"{day} is in the future. Place the order on that day, or correct orderedOn."
        yield Violation((*INPUT, "orderedOn"), "future", message)


def _arrives_after_it_is_ordered(unit: UnitOfWork, row: PurchaseOrder) -> Iterator[Violation]:
    """The expected day is not before the day of the order."""
    placed = unit.input.get("to") is PurchaseOrderStatus.PLACED
    day = row.ordered_on or (now().date() if placed else None)
    if day and row.expected_on and row.expected_on < day:
        message = f"The order is of {day} and is expected on {row.expected_on}, which is earlier. Correct one of them."
        yield Violation((*INPUT, "expectedOn"), "period", message)


def add_up_lines(_unit: UnitOfWork, row: PurchaseOrder) -> None:
    """Set the value of the order to the sum of its lines."""
    for minor, currency in sums_of_lines(row):
        row.value_minor, row.value_currency, row.value_qualifier = minor, currency, Qualifier.EXACT


def _exchange_is_stated(_unit: UnitOfWork, row: PurchaseOrder) -> Iterator[Violation]:
    """An order states the currency of its money, the rate, its day and its source, or none of them."""
    missing = [api_name(name) for name in EXCHANGE if getattr(row, name) is None]
    if 0 < len(missing) < len(EXCHANGE):
        message = (
            f"Money in another currency has a currency, an exchange rate, its day and its source. State also "
            f"{' and '.join(missing)}, or set {', '.join(map(api_name, EXCHANGE))} to null."
        )
        yield Violation((*INPUT, missing[0]), "exchange_rate", message)


def exchange_rate_fits(unit: UnitOfWork, row: PurchaseOrder) -> Iterator[Violation]:
    """A rate is in its range, between two currencies, not of the future, and its result can be stored."""
    rate, day = row.exchange_rate, row.exchange_rate_on
    if rate is not None and not MIN_RATE <= rate <= MAX_RATE:
        message = (
            f"The exchange rate is {rate:f}. State how many units of the order's currency one unit of fundedIn is "
            f"worth, from {MIN_RATE:f} to {MAX_RATE}."
        )
        yield Violation((*INPUT, "exchangeRate"), "exchange_rate", message)
    elif rate is not None:
        yield from _converts(row)
    if "exchange_rate_on" in unit.input and day and day > now().date():
        message = f"The exchange rate is of {day}, which is in the future. State the day on which it was published."
        yield Violation((*INPUT, "exchangeRateOn"), "future", message)


def _converts(row: PurchaseOrder) -> Iterator[Violation]:
    """The currencies differ, and the converted value can be stored."""
    own = Money(row.value_minor or 0, row.value_currency or "")
    # The value becomes the sum of the lines only after the rules have judged them.
    value = sums[0] if len(sums := sums_of_lines(row)) == 1 else own
    if value.currency == row.funded_in:
        message = f"The order is in {value.currency}, as its money is. Omit {', '.join(map(api_name, EXCHANGE))}."
        yield Violation((*INPUT, "fundedIn"), "funded_in", message)
    elif value.currency and row.in_money(*value) > MAX_MINOR:
        most = Money(MAX_MINOR, row.funded_in or "")
        message = f"At this exchange rate, the value is more than {most}, which cannot be stored. Correct the rate."
        yield Violation((*INPUT, "exchangeRate"), "exchange_rate", message)


def _can_end(unit: UnitOfWork, row: PurchaseOrder) -> Iterator[Violation]:
    """Yield the violations of an end of an order: unexamined goods, accepted goods, and a wrong settled amount."""
    to = unit.input.get("to")
    for name in ("ended_on", "settled") if to and to not in ENDED_STATUSES else ():
        if to and unit.input.get(name) is not None:
            yield Violation((*INPUT, api_name(name)), "ended", f"An order that becomes {to.name} has no end. Omit it.")
    if to not in ENDED_STATUSES:
        return
    at = (*INPUT, "to")
    if any(delivery.status is DeliveryStatus.RECEIVED for delivery in row.deliveries):
        yield Violation(at, "examined", "A delivery is received and not examined. Accept or reject it first.")
    if to is PurchaseOrderStatus.CANCELLED and any(accepted_quantities(row).values()):
        yield Violation(at, "accepted", "Goods of the order are accepted. Confirm the order, then terminate it.")
    if row.ended_on and row.ended_on > now().date():
        yield Violation((*INPUT, "endedOn"), "future", "The day is in the future. End the order on that day.")
    if row.ended_on and row.ordered_on and row.ended_on < row.ordered_on:
        yield Violation((*INPUT, "endedOn"), "period", "The order ends before it was placed. Correct the date.")
    yield from _settled_amount_fits(row)


def _settled_amount_fits(row: PurchaseOrder) -> Iterator[Violation]:
    at = (*INPUT, "settled")
    if row.settled_minor is not None:
        currency_fits = row.settled_currency == row.value_currency
        if row.status is PurchaseOrderStatus.CANCELLED:
            yield Violation(at, "settled", "A cancelled order owes nothing. Omit the settled amount.")
        elif not currency_fits or row.settled_minor > (row.value_minor or 0):
            value = "unknown" if row.value_minor is None else Money(row.value_minor, row.value_currency or "")
            message = f"The value of the order is {value}. The settled amount must not exceed it, in the same currency."
            yield Violation(at, "settled", message)
    elif ends_early(row) and row.value_minor is not None and accepted_value(row) is None:
        message = "Some lines have no price, or are neither goods nor services. State the settled amount."
        yield Violation(at, "settled", message)


def _settle(unit: UnitOfWork, row: PurchaseOrder) -> None:
    """Write the day of placing; the day, the reason and the settled amount of an end; clear all when it is reopened."""
    to = unit.input.get("to")
    if to is PurchaseOrderStatus.PLACED:
        row.ordered_on = row.ordered_on or now().date()
    elif to in ENDED_STATUSES:
        row.ended_on = row.ended_on or now().date()
        row.end_reason = unit.reason
        if row.settled_minor is None and ends_early(row) and row.value_minor is not None:
            row.settled_minor, row.settled_currency = accepted_value(row), row.value_currency
    elif to is PurchaseOrderStatus.DRAFT:
        row.ended_on = row.end_reason = row.settled_minor = row.settled_currency = None
        row.ordered_on = row.ordered_on_precision = None


register_mutation_spec(
    MutationSpec(
        PurchaseOrder,
        create_only=("procurement",),
        fields=(
            "number",
            "title",
            "award",
            "supplier",
            "ordered_on",
            "ordered_on_precision",
            "expected_on",
            "value",
            "value_qualifier",
            *EXCHANGE,
            "note",
        ),
        auto_named=("number",),
        name_prefix="PO",
        children={"lines": LINE},
        reasoned_statuses=frozenset(
            {
                PurchaseOrderStatus.CANCELLED,
                PurchaseOrderStatus.TERMINATED,
                # What is missing will not come.
                (PurchaseOrderStatus.PARTIALLY_DELIVERED, PurchaseOrderStatus.CLOSED),
            }
        ),
        reasoned_fields=dict.fromkeys(BINDING_STATUSES, ("supplier", "award", "ordered_on")),
        transition_fields=("ended_on", "settled"),
        locked_fields=dict.fromkeys(
            (*BINDING_STATUSES, *ENDED_STATUSES), ("lines", "value", "value_qualifier", "expected_on", *EXCHANGE)
        ),
        lock_also=("procurement", "procurement.framework", "award", "lines.need"),
        validators=(
            lists_are_not_empty("lines"),
            quantities_of_lines_fit_unit("quantity"),
            _is_still_bought,
            value_is_the_sum,
            needs_are_of_the_procurement,
            needs_are_not_given_up,
            units_agree,
            order_fits_award,
            order_fits_framework,
            _exchange_is_stated,
            exchange_rate_fits,
            _can_be_placed,
            _keeps_its_terms,
            _arrives_after_it_is_ordered,
            _can_end,
        ),
        before_flush=(add_up_lines, _settle),
    )
)
