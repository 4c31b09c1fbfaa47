"""Declares the queries of amendments, and the command that amends a placed order, with its rules."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from sqlalchemy import inspect

from models import OrderAmendment, OrderAmendmentLine, OrderLine, PurchaseOrder, PurchaseOrderStatus
from models.base import now
from models.order_amounts.vat import MAX_RATE
from models.orders.order_amendments import RATE, Terms
from models.orders.order_ends import expected_quantities
from models.orders.purchase_orders import AMENDABLE_STATUSES
from resolvers.access.permissions import Action
from resolvers.commands.assignment import assign_input
from resolvers.commands.broken_rules import RuleCheck
from resolvers.commands.command import EXPECTED_VERSION, Command, command, id_of
from resolvers.commands.errors import INPUT, ValidationError, Violation
from resolvers.commands.input_fields import InputField, fields_to_create, fields_to_update
from resolvers.commands.marking_changes import require_reason
from resolvers.commands.rules.quantities import NOT_NEGATIVE, in_units, quantity_fits_unit
from resolvers.commands.spec import InputSpec, MutationSpec, mutation_spec_of
from resolvers.commands.standard_changes import check_version, find_and_lock, validate_and_flush
from resolvers.core.attributes import Kind
from resolvers.core.naming import api_name
from resolvers.funding.allocations import why_not_backed
from resolvers.orders.order_lines import AMENDED_LINES, LINE, sums_of_lines
from resolvers.orders.purchase_orders import add_up_lines, exchange_rate_fits
from resolvers.procurement.awards import ceiling_violations, framework_of
from resolvers.query.spec import QuerySpec, register_query_spec

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from resolvers.commands.spec import Rule
    from resolvers.commands.unit_of_work import UnitOfWork

register_query_spec(
    QuerySpec(
        OrderAmendment,
        filterable=("id", "number", "amended_on", "purchase_order", "lines", "created_at", "updated_at"),
        sortable=("number", "amended_on", "created_at", "updated_at"),
        groupable=("purchase_order",),
    )
)

register_query_spec(
    QuerySpec(
        OrderAmendmentLine,
        filterable=("id", "ordinal", "amendment", "order_line", "created_at", "updated_at"),
        sortable=("ordinal", "created_at", "updated_at"),
    )
)


def amend(unit: UnitOfWork, values: Mapping[str, Any]) -> PurchaseOrder:
    """Amend a placed order, and enter the amendment. Raises CommandError."""
    row: PurchaseOrder = find_and_lock(unit, AMENDMENT, values)
    unit.require(Action.UPDATE, row)
    check_version(row, values["expected_version"])
    _check_amendable(row)
    require_reason(unit, "the order is amended")
    # A line and the value of its order agree only once both are written.
    with unit.session.no_autoflush:
        rules, before = RuleCheck.before(unit, AMENDMENT, row), Terms.of(row)
        _assign(unit, row, values)
        find_and_lock(unit, AMENDMENT, values)
        spec = replace(
            AMENDMENT,
            validators=(*AMENDMENT.validators, *(partial(rule, before) for rule in COMPARED)),
            after_flush=(partial(_enter, before),),
        )
        validate_and_flush(
            unit, spec, row, rules.after(map(api_name, values), [name for name in ("value",) if name in values])
        )
    return row


def _check_amendable(row: PurchaseOrder) -> None:
    if row.status not in AMENDABLE_STATUSES:
        is_draft = row.status is PurchaseOrderStatus.DRAFT
        advice = "Change it with updatePurchaseOrder." if is_draft else "It can no longer change."
        code = "amendable"
        raise ValidationError.at(code, f"The order is {row.status.name}. {advice}", "id")


def _assign(unit: UnitOfWork, row: PurchaseOrder, values: Mapping[str, Any]) -> None:
    lines = {line.id: line for line in row.lines}
    given = values.get("lines", ())
    named = [item["order_line_id"] for item in given]
    for place, item in enumerate(given):
        line, at = lines.get(item["order_line_id"]), ("lines", str(place), "orderLineId")
        if line is None:
            code, message = "reference", "The order has no line with this id. Choose a line of the order."
            raise ValidationError.at(code, message, *at)
        if line.id in named[:place]:
            code, message = "twice", "The list has this line twice. Send each line once, with all its changes."
            raise ValidationError.at(code, message, *at)
        assign_input(unit, CHANGED_LINE, line, item)
    last = max((line.ordinal for line in row.lines), default=0)
    for place, item in enumerate(values.get("new_lines", ())):
        line = OrderLine(ordinal=last + 1 + place)
        row.lines.append(line)
        assign_input(unit, LINE, line, {key: item[key] for key in item if key != "id"}, "new_lines", str(place))
    row.amendment_count += 1
    assign_input(unit, InputSpec(PurchaseOrder, AMENDMENT.fields), row, values)
    if "value" not in values:
        add_up_lines(unit, row)


def _enter(before: Terms, unit: UnitOfWork, row: PurchaseOrder) -> None:
    """Enter the amendment; the database compares the value of the order with its lines again."""
    row.amendments.append(before.amendment(row, unit.input["amended_on"], unit.reason))


def _in_the_input(rule: Rule) -> Rule:
    """Return a rule of order lines whose violations have the places of the lines in the input of an amendment."""

    def placed(unit: UnitOfWork, row: PurchaseOrder) -> Iterator[Violation]:
        for broken in rule(unit, row):
            yield replace(broken, path=_place(unit, row, broken.path))

    return placed


def _place(unit: UnitOfWork, row: PurchaseOrder, path: tuple[str, ...]) -> tuple[str, ...]:
    if path[1:2] != ("lines",):
        return path
    if len(path) < len((*INPUT, "lines", "0")):
        return path if "lines" in unit.input else (*INPUT, "newLines")
    line = row.lines[int(path[2])]
    new = [each for each in row.lines if not inspect(each).persistent]
    if line in new:
        return (*INPUT, "newLines", str(new.index(line)), *path[3:])
    named = [item["order_line_id"] for item in unit.input.get("lines", ())]
    return (*INPUT, "lines", str(named.index(line.id)), *path[3:]) if line.id in named else (*INPUT, "lines")


def _quantities_fit(unit: UnitOfWork, row: PurchaseOrder) -> Iterator[Violation]:
    for place, line in enumerate(row.lines):
        for broken in quantity_fits_unit("quantity")(unit, line):
            yield replace(broken, path=(*INPUT, "lines", str(place), *broken.path[1:]))


def _is_dated(_before: Terms, unit: UnitOfWork, row: PurchaseOrder) -> Iterator[Violation]:
    """An amendment is made after the order and the amendments before it; goods are expected after the order."""
    day, at = unit.input["amended_on"], (*INPUT, "amendedOn")
    earlier = max((each.amended_on for each in row.amendments), default=None)
    if day > now().date():
        yield Violation(at, "future", "The day is in the future. Enter the amendment when it is made.")
    elif row.ordered_on and day < row.ordered_on:
        yield Violation(at, "period", f"The order is of {row.ordered_on}. Enter that day or a later one.")
    elif earlier and day < earlier:
        yield Violation(at, "period", f"The last amendment is of {earlier}. Enter that day or a later one.")
    if row.expected_on and row.ordered_on and row.expected_on < row.ordered_on:
        message = f"The order is of {row.ordered_on}. Goods cannot be expected before it. Correct the date."
        yield Violation((*INPUT, "expectedOn"), "period", message)


def _changes_something(before: Terms, _unit: UnitOfWork, row: PurchaseOrder) -> Iterator[Violation]:
    if Terms.of(row) == before and all(inspect(line).persistent for line in row.lines):
        message = "The amendment changes nothing. Send another quantity, price or expected date, or a new line."
        yield Violation(INPUT, "nothing", message)


def _keeps_its_currency(before: Terms, unit: UnitOfWork, row: PurchaseOrder) -> Iterator[Violation]:
    sums = sums_of_lines(row)
    currency = sums[0].currency if len(sums) == 1 and "value" not in unit.input else row.value_currency
    if before.value[1] and currency != before.value[1]:
        message = (
            f"The order is in {before.value[1]}. An amendment keeps the currency. Send amounts in {before.value[1]}."
        )
        yield Violation((*INPUT, "value" if "value" in unit.input else "lines"), "amendment_currency", message)


def _leaves_what_came(before: Terms, unit: UnitOfWork, row: PurchaseOrder) -> Iterator[Violation]:
    """A line keeps at least the units that are accepted or expected."""
    expected = expected_quantities(row)
    hidden = unit.not_visible([each for each in row.deliveries if inspect(each).persistent])
    seen = expected_quantities(row, but=hidden)
    for place, line in enumerate(row.lines):
        if before.lines.get(line.id, (line.quantity,))[0] == line.quantity or line.quantity is None:
            continue
        if line.quantity < expected[line.id]:
            units = in_units(seen[line.id]) if seen[line.id] > line.quantity else "More units"
            message = (
                f"{units} of this line must stay for its deliveries. Order at least as many, or cancel a delivery."
            )
            yield Violation((*INPUT, "lines", str(place), "quantity"), "received_sum", message)


def _is_still_backed(before: Terms, unit: UnitOfWork, row: PurchaseOrder) -> Iterator[Violation]:
    """An order that binds more than before must be backed, and one that owes more must fit its framework agreement."""
    if row.bound_amount() > before.bound and (why := why_not_backed(unit, row.procurement, row.paying_currency())):
        yield Violation(INPUT, "orders_sum", f"{why} Allocate more, or reduce the amendment.")
    more = row.owed_amount() - before.owed
    if more > 0 and (agreed := framework_of(row.procurement)):
        yield from ceiling_violations(unit, agreed, INPUT, more, "this amendment adds")


def _leaves_what_came_in_the_input(before: Terms, unit: UnitOfWork, row: PurchaseOrder) -> Iterator[Violation]:
    yield from _in_the_input(partial(_leaves_what_came, before))(unit, row)


def _rate_is_stated_anew(_before: Terms, unit: UnitOfWork, row: PurchaseOrder) -> Iterator[Violation]:
    """An order that has an exchange rate gets another one together with its day and its source."""
    given = [name for name in RATE if name in unit.input]
    if given and row.funded_in is None:
        message = f"The order is in the currency of its money and has no exchange rate. Omit {api_name(given[0])}."
        yield Violation((*INPUT, api_name(given[0])), "funded_in", message)
    elif given and len(given) < len(RATE):
        message = f"A new exchange rate has a day and a source. Send {', '.join(map(api_name, RATE))}."
        yield Violation((*INPUT, api_name(given[0])), "exchange_rate", message)


#: The rules that compare an order with what it said before.
COMPARED = (
    _is_dated,
    _changes_something,
    _keeps_its_currency,
    _rate_is_stated_anew,
    _leaves_what_came_in_the_input,
    _is_still_backed,
)

CHANGED_LINE = InputSpec(
    OrderLine, ("quantity", "unit_price", "vat_rate"), ranges={"quantity": NOT_NEGATIVE, "vat_rate": (0, MAX_RATE)}
)

AMENDMENT = MutationSpec(
    PurchaseOrder,
    fields=("expected_on", "value", *RATE),
    lock_also=("procurement", "procurement.framework", "lines.need"),
    validators=tuple(map(_in_the_input, (_quantities_fit, *AMENDED_LINES, exchange_rate_fits))),
)

_CHANGES = {field.name: replace(field, nullable=False) for field in fields_to_create(CHANGED_LINE)}
_ORDER_LINE = InputField(
    "order_line_id", Kind.REFERENCE, "The line to change.", required=True, nullable=False, target=OrderLine
)
_NEW_LINES = {field.name: field for field in fields_to_update(mutation_spec_of(PurchaseOrder))}["lines"]
_OWN = {field.name: replace(field, nullable=False) for field in fields_to_update(AMENDMENT)}
_RATE_DOC = _OWN["exchange_rate"].doc
FIELDS = (
    InputField("amended_on", Kind.DATE, "The day of the amendment.", required=True, nullable=False),
    replace(_OWN["expected_on"], doc="The new expected date of arrival."),
    replace(_OWN["value"], doc="The new value, only if it is not the sum of the lines."),
    replace(_OWN["exchange_rate"], doc=f"The new exchange rate, with its day and its source. {_RATE_DOC}"),
    replace(_OWN["exchange_rate_on"], doc="The day of the new exchange rate."),
    replace(_OWN["exchange_rate_source"], doc="The source of the new exchange rate."),
    InputField(
        "lines",
        Kind.COLLECTION,
        "The changed lines; the others stay. A quantity of 0 cancels a line: nothing is owed for it.",
        nullable=False,
        target=OrderAmendmentLine,
        item_fields=(_ORDER_LINE, *_CHANGES.values()),
    ),
    replace(_NEW_LINES, name="new_lines", doc="New lines, behind the others, such as a credit. Omit their ids."),
)

command(
    Command(
        "amend_purchase_order",
        PurchaseOrder,
        "Amend a placed purchase order, with a reason: quantities, unit prices, VAT rates, the exchange rate, the "
        "expected date, new lines. The amendment is numbered and never changes. Every sum is checked again, and the "
        "statuses of the order, its procurement and its needs follow. A quantity cannot fall below the accepted and "
        "expected units. A quantity of 0 cancels a line.",
        (id_of(PurchaseOrder), EXPECTED_VERSION, *FIELDS),
        amend,
    )
)
