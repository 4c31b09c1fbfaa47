"""Declares the queries and commands of awards."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import inspect

from models import Award, AwardStatus, ProcurementStatus
from models.base import now
from models.money import Money
from models.orders.purchase_orders import AMENDABLE_STATUSES, BINDING_STATUSES
from resolvers.audit.recorder import is_changed
from resolvers.commands.errors import INPUT, Violation
from resolvers.commands.spec import MutationSpec, register_mutation_spec
from resolvers.core.naming import api_name
from resolvers.query.spec import QuerySpec, register_query_spec

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from models import Procurement, PurchaseOrder
    from resolvers.commands.errors import Path
    from resolvers.commands.unit_of_work import UnitOfWork

#: The statuses of procurements in which no supplier can be selected.
WITHOUT_TENDERS = frozenset({ProcurementStatus.PLANNING, ProcurementStatus.UNSUCCESSFUL, ProcurementStatus.CANCELLED})

#: The terms of a framework agreement.
TERMS = ("ceiling", "framework_starts_on", "framework_ends_on")

register_query_spec(
    QuerySpec(
        Award,
        filterable=(
            "id",
            "number",
            "title",
            "status",
            "awarded_on",
            "value",
            "procurement",
            "suppliers",
            "items",
            "purchase_orders",
            "created_at",
            "updated_at",
        ),
        sortable=("number", "title", "awarded_on", "value", "created_at", "updated_at"),
        groupable=("status", "procurement"),
        summable={"value": "value"},
    )
)


def _items_are_of_the_procurement(unit: UnitOfWork, row: Award) -> Iterator[Violation]:
    """The items must be items of the procurement."""
    if any(item.procurement is not row.procurement for item in row.items):
        at = "itemIds" if "item_ids" in unit.input else "procurementId"
        message = "An item is not one of the procurement. Choose items of the procurement, or omit them."
        yield Violation((*INPUT, at), "item", message)


def _can_be_in_force(unit: UnitOfWork, row: Award) -> Iterator[Violation]:
    """An award in force must have a supplier, or a source that names none, and a procurement that is under way."""
    if unit.input.get("to") is not AwardStatus.ACTIVE:
        return
    if not unit.seen(*row.suppliers) and not row.sources:
        message = "The award has no supplier. Enter its suppliers first, or a source if no supplier is published."
        yield Violation((*INPUT, "to"), "suppliers", message)
    if row.procurement.status in WITHOUT_TENDERS:
        message = f"The procurement is {row.procurement.status.name}. Change its status before you award it."
        yield Violation((*INPUT, "to"), "awarded", message)


def _is_not_ordered_under(unit: UnitOfWork, row: Award) -> Iterator[Violation]:
    """An award stays in force while an order under it is in progress."""
    if unit.input.get("to") not in {AwardStatus.CANCELLED, AwardStatus.UNSUCCESSFUL}:
        return
    orders = [each for each in (*row.purchase_orders, *_called_off_from(row)) if each.status in AMENDABLE_STATUSES]
    if orders:
        message = f"{_in_progress(unit, orders)} under this award. End the order, or change its awardId, first."
        yield Violation((*INPUT, "to"), "ordered", message)


def _in_progress(unit: UnitOfWork, orders: Sequence[PurchaseOrder]) -> str:
    """Return which orders are in progress, for the start of a sentence; hidden orders are not named."""
    hidden = {*unit.not_visible(orders)}
    named = sorted(f"{each.number} is {each.status.name}" for each in orders if each not in hidden)
    return ", ".join(named) or "An order is in progress"


def _called_off_from(row: Award) -> list[PurchaseOrder]:
    """Return the call-offs whose supplier is a party to a framework agreement by this award only."""
    agreed = row.procurement
    if not agreed.has_framework_agreement:
        return []
    others = {
        supplier
        for award in agreed.awards
        if award is not row and award.status is AwardStatus.ACTIVE
        for supplier in award.suppliers
    }
    leaving = {*row.suppliers} - others
    return [each for each in agreed.orders_called_off() if each.supplier in leaving and each.award is not row]


def agreement_keeps_its_call_offs(unit: UnitOfWork, row: Procurement) -> Iterator[Violation]:
    """A framework agreement lasts while orders under it are in progress; its terms change with a reason.

    Its period contains the days of these orders. A reason is required because of orders that the viewer sees.
    """
    orders = [each for each in row.orders_called_off() if each.status in AMENDABLE_STATUSES]
    if not row.has_framework_agreement or not orders:
        return
    hidden = {*unit.not_visible(orders)}
    if unit.input.get("to") is ProcurementStatus.CANCELLED:
        message = f"{_in_progress(unit, orders)} under this framework agreement. End the order first."
        yield Violation((*INPUT, "to"), "call_offs", message)
    seen = [each for each in orders if each not in hidden]
    terms = [name for name in map(api_name, TERMS) if is_changed(row, name)]
    if seen and terms and not unit.reason:
        message = f"{_in_progress(unit, seen)} under this framework agreement. Say why {' and '.join(terms)} changes."
        yield Violation((*INPUT, "reason"), "reason", message)
    first, last = row.framework_starts_on, row.framework_ends_on
    dated = [(each, each.ordered_on) for each in orders if each.ordered_on]
    for name, outside in (
        ("framework_starts_on", [each for each, day in dated if first and day < first]),
        ("framework_ends_on", [each for each, day in dated if last and day > last]),
    ):
        if name in unit.input and outside:
            named = sorted(f"{each.number} is of {each.ordered_on}" for each in outside if each not in hidden)
            said = ", ".join(named) or "The day of an order is outside of it"
            message = f"{said}. Choose a period that contains the orders under the agreement."
            yield Violation((*INPUT, api_name(name)), "framework_period", message)


def procurement_is_awarded(unit: UnitOfWork, row: Procurement) -> Iterator[Violation]:
    """A procurement becomes AWARDED with an award in force."""
    if unit.input.get("to") is ProcurementStatus.AWARDED and all(
        award.status is not AwardStatus.ACTIVE for award in row.awards
    ):
        message = "The procurement has no award that is ACTIVE. Create an award, make it ACTIVE, and then do this."
        yield Violation((*INPUT, "to"), "award", message)


def _is_still_bought(unit: UnitOfWork, row: Award) -> Iterator[Violation]:
    """New awards must not be added to a procurement that has ended."""
    status = row.procurement.status
    if "id" not in unit.input and row.procurement.is_ended(status):
        message = f"The procurement is {status.name} and accepts no more awards. Choose a procurement in progress."
        yield Violation((*INPUT, "procurementId"), "ended", message)


def order_fits_award(unit: UnitOfWork, row: PurchaseOrder) -> Iterator[Violation]:
    """An order under an award must have its procurement and one of its suppliers; to be placed, it must be ACTIVE."""
    award = row.award
    if award is None:
        return
    if award.procurement is not row.procurement:
        message = "The award belongs to another procurement. Choose an award of the procurement of the order."
        yield Violation((*INPUT, "awardId"), "award", message)
    if row.supplier and row.supplier not in award.suppliers:
        at = "supplierId" if "supplier_id" in unit.input else "awardId"
        message = "The supplier is not one of the award. Choose one of its suppliers, or another award."
        yield Violation((*INPUT, at), "award_supplier", message)
    to = unit.input.get("to")
    if to is not None and to.name == "PLACED" and award.status is not AwardStatus.ACTIVE:
        message = f"The award is {award.status.name}. An order can be placed only under an award that is ACTIVE."
        yield Violation((*INPUT, "to"), "award_status", message)


def order_fits_framework(unit: UnitOfWork, row: PurchaseOrder) -> Iterator[Violation]:
    """An order under a framework agreement has one of its suppliers, and is placed in its period below its ceiling.

    A placed order keeps to its supplier, period and currency when it changes. It is confirmed and ended as it was
    placed, also if the agreement has changed since.
    """
    agreed, to = framework_of(row.procurement), getattr(unit.input.get("to"), "name", None)
    if agreed is None or to not in {None, "PLACED"}:
        return
    placed = to == "PLACED"
    if placed and agreed.status in WITHOUT_TENDERS:
        message = f"The framework agreement {agreed.reference} is {agreed.status.name}. Choose another frameworkId."
        yield Violation((*INPUT, "to"), "framework_status", message)
    binds = placed or row.status in BINDING_STATUSES
    parties = {each for award in agreed.awards if award.status is AwardStatus.ACTIVE for each in award.suppliers}
    is_hidden = placed and not unit.seen(row.supplier)
    if is_hidden or (row.supplier and row.supplier not in parties):
        at = "to" if placed else "supplierId"
        message = f"The supplier is no party to the framework agreement {agreed.reference}. Choose one of its parties."
        yield Violation((*INPUT, at), "framework_supplier", message)
    if not binds:
        return
    day = row.ordered_on or (now().date() if placed else None)
    first, last = agreed.framework_starts_on, agreed.framework_ends_on
    if day and ((first and day < first) or (last and day > last)):
        period = f"from {first or 'an open day'} to {last or 'an open day'}"
        message = f"The framework agreement is in force {period}, and the order is of {day}. Correct one of the dates."
        yield Violation((*INPUT, "to" if placed else "orderedOn"), "framework_period", message)
    if agreed.ceiling_minor is not None and row.value_currency != agreed.ceiling_currency:
        message = f"The ceiling of the framework agreement is in {agreed.ceiling_currency}. Order in that currency."
        yield Violation((*INPUT, "to" if placed else "value"), "framework_currency", message)
    elif placed:
        yield from ceiling_violations(unit, agreed, (*INPUT, "to"), row.owed_amount(), "this order is")


def framework_of(row: Procurement) -> Procurement | None:
    """Return the procurement with the framework agreement under which a procurement orders, if there is one."""
    return row if row.has_framework_agreement else row.framework


def _loses_its_ceiling(agreed: Procurement) -> bool:
    return agreed.has_framework_agreement and any(inspect(agreed).attrs["ceiling_minor"].history.deleted or ())


def ceiling_violations(
    unit: UnitOfWork, agreed: Procurement, path: Path, more: int = 0, cause: str = ""
) -> Iterator[Violation]:
    """Yield the violation of a framework agreement whose orders exceed its ceiling.

    Args:
        unit: The unit of work.
        agreed: The procurement with the framework agreement.
        path: The path of the violation.
        more: The amount by which the change increases the sum, in minor units.
        cause: The words before that amount in the message.
    """
    orders = agreed.orders_called_off()
    called = sum(each.owed_amount() for each in orders if each.value_currency == agreed.ceiling_currency)
    if agreed.ceiling_minor is None and _loses_its_ceiling(agreed) and any(each.owed_amount() for each in orders):
        message = "Orders are called off below this ceiling, so it stays. Raise it, or end the orders first."
        yield Violation(path, "framework_sum", message)
    if agreed.ceiling_minor is None or called <= agreed.ceiling_minor:
        return
    message = f"The call-offs from {agreed.reference} would exceed its ceiling. Order less, or raise the ceiling."
    if all(unit.sees(each) for each in (agreed, *agreed.call_offs)):
        # Otherwise the figures would show what the viewer does not see.
        currency = agreed.ceiling_currency or ""
        ceiling, before, own = (Money(each, currency) for each in (agreed.ceiling_minor, called - more, more))
        order = f", and {cause} {own}" if more else ""
        figures = f"The ceiling of {agreed.reference} is {ceiling}; {before} is called off{order}."
        message = f"{figures} Order less, or raise the ceiling."
    yield Violation(path, "framework_sum", message)


register_mutation_spec(
    MutationSpec(
        Award,
        create_only=("procurement",),
        fields=("number", "title", "awarded_on", "value"),
        auto_named=("number",),
        name_prefix="AWD",
        many_to_many={"suppliers": "supplier_ids", "items": "item_ids"},
        reasoned_statuses=frozenset({AwardStatus.CANCELLED, AwardStatus.UNSUCCESSFUL}),
        locked_fields={AwardStatus.ACTIVE: ("suppliers", "items", "value")},
        lock_also=("procurement",),
        validators=(_is_still_bought, _items_are_of_the_procurement, _can_be_in_force, _is_not_ordered_under),
    )
)
