"""Declares the commands of allocations: money of a contribution that is allocated to a procurement."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import inspect

from models import Allocation, CapabilityNeed, ContributionStatus, Procurement, ProcurementStatus
from models.money import Money
from resolvers.access.permissions import Action
from resolvers.commands.command import EXPECTED_VERSION, Command, command, id_of
from resolvers.commands.errors import INPUT, ValidationError, Violation
from resolvers.commands.excess import excess
from resolvers.commands.input_fields import fields_to_create
from resolvers.commands.spec import MutationSpec, register_mutation_spec
from resolvers.commands.standard_changes import check_version, find_and_lock, validate_and_flush
from resolvers.commands.uniqueness import created_once
from resolvers.commands.visible_rules import over_visible_rows
from resolvers.funding.contributions import why_not_allocatable
from resolvers.planning.capability_needs import given_up_violations

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from models import Contribution
    from resolvers.commands.unit_of_work import UnitOfWork

#: The statuses of contributions whose money can back an order.
BACKING = frozenset({ContributionStatus.COMMITTED, ContributionStatus.DISBURSED})


def why_not_backed(unit: UnitOfWork, procurement: Procurement, currency: str | None) -> str | None:
    """Return by how much the orders of a procurement bind more than its committed money in a currency.

    The figures are those of the rows that the viewer sees. None if the committed money covers the orders.
    """
    orders = [order for order in procurement.purchase_orders if order.paying_currency() == currency]
    ordered = sum(order.bound_amount() for order in orders)
    money = [
        each
        for each in procurement.allocations
        if each.amount_currency == currency and each.contribution.status in BACKING
    ]
    if ordered <= _total(money):
        return None
    hidden = unit.not_visible([each for each in money if inspect(each).persistent])
    seen = excess(ordered, _total(each for each in money if each not in hidden), currency or "")
    verb = "bind" if any(order.funded_in for order in orders) else "owe"
    return f"The orders would {verb} {seen} of committed money that you see allocated to the procurement."


def _total(allocations: Iterable[Allocation]) -> int:
    return sum(each.amount_minor for each in allocations)


def _can_be_allocated(unit: UnitOfWork, row: Allocation) -> Iterator[Violation]:
    """The contribution must be allocatable, the currency the same, and the procurement not cancelled."""
    reason = why_not_allocatable(row.contribution)
    at = "contributionId" if "contribution_id" in unit.input else "amount"
    if row.amount_minor and reason:
        message = f"No money can be allocated from this contribution, because {reason}. Choose another contribution."
        yield Violation((*INPUT, at), "allocatable", message)
    elif row.amount_currency != row.contribution.amount_currency and not reason:
        message = f"The currency is not that of the contribution. Use {row.contribution.amount_currency}."
        yield Violation((*INPUT, "amount", "currency"), "allocation_currency", message)
    if row.amount_minor and row.procurement.status is ProcurementStatus.CANCELLED:
        at = "procurementId" if "procurement_id" in unit.input else "amount"
        message = "The procurement is CANCELLED and cannot receive money. Choose another procurement."
        yield Violation((*INPUT, at), "cancelled", message)


def _more_than_nothing(unit: UnitOfWork, row: Allocation) -> Iterator[Violation]:
    """The amount must be more than 0; only withdrawAllocation, which requires a reason, can set it to 0."""
    if "amount" in unit.input and not row.amount_minor:
        message = "The amount must be more than 0. To take the money back, use withdrawAllocation."
        yield Violation((*INPUT, "amount"), "nothing", message)


def _need_is_of_the_procurement(unit: UnitOfWork, row: Allocation) -> Iterator[Violation]:
    """The need must be one of the needs of the procurement."""
    if row.need and row.amount_minor and row.need not in row.procurement.needs:
        at = "needId" if "need_id" in unit.input else "procurementId"
        message = "The need is not one of the needs of the procurement. Choose one of them, or omit needId."
        yield Violation((*INPUT, at), "need", message)


def _is_within_the_earmark(unit: UnitOfWork, row: Allocation) -> Iterator[Violation]:
    """The donors' earmark must admit the procurement, or the need that the allocation names; less is always allowed.

    Only what the viewer sees is judged, because the answer would reveal a hidden need that is earmarked. Those who see
    that need see the clash EARMARK_MISSED.
    """
    is_less = row.amount_minor < _before(row) and not inspect(row).attrs.need.history.added
    if row.amount_minor and not is_less and row.contribution.is_earmarked():
        yield from over_visible_rows(unit, lambda: [*_earmark_missed(unit, row)])


def _earmark_missed(unit: UnitOfWork, row: Allocation) -> Iterator[Violation]:
    given = row.contribution
    if not given.admits(row.procurement, row.need):
        at = next((f"{name}Id" for name in ("need", "procurement") if f"{name}_id" in unit.input), "amount")
        names = ", ".join(
            [
                *sorted(f"area {each.code}" for each in given.earmarked_areas),
                *sorted(f"group {each.code}" for each in given.earmarked_groups),
                *sorted(f"need {each.reference}" for each in given.earmarked_needs),
            ]
        )
        served = "The need of this allocation is not" if row.need else "No need of the procurement is"
        message = (
            f"The donors earmarked the contribution for {names}. {served} within that earmark. Choose another "
            "procurement or contribution, or ask the donors to change the earmark."
        )
        yield Violation((*INPUT, at), "earmark", message)


def _need_is_not_given_up(unit: UnitOfWork, row: Allocation) -> Iterator[Violation]:
    """No money is allocated for a need that is REJECTED or WITHDRAWN."""
    if row.need and row.amount_minor:
        at = "needId" if "need_id" in unit.input else "amount"
        yield from given_up_violations(unit, [row.need], (*INPUT, at))


def _orders_stay_backed(unit: UnitOfWork, row: Allocation) -> Iterator[Violation]:
    """The amount must not fall below what the binding orders of the procurement need."""
    if row.amount_minor < _before(row) and (why := why_not_backed(unit, row.procurement, row.amount_currency)):
        message = f"{why} Binding orders need this money. It must stay allocated."
        yield Violation(INPUT, "orders_sum", message)


def _within_the_contribution(_unit: UnitOfWork, row: Allocation) -> Iterator[Violation]:
    """The allocations must not exceed the contribution."""
    given = row.contribution
    total = row.amount_minor + _total(each for each in given.allocations if each is not row)
    if row.amount_currency == given.amount_currency and row.amount_minor > _before(row):
        seen = excess(total, given.amount_minor or 0, row.amount_currency)
        if seen:
            # Then no smaller amount is possible.
            is_spent = total - row.amount_minor >= (given.amount_minor or 0)
            advice = "Withdraw or reduce another allocation of it first" if is_spent else "Reduce the amount"
            message = f"The allocations that you see would be {seen} of the contribution. {advice}."
            yield Violation((*INPUT, "amount"), "allocations_sum", message)


def _before(row: Allocation) -> int:
    """Return the amount of an allocation before the change; 0 for a new one."""
    if not inspect(row).persistent:
        return 0
    (was,) = inspect(row).attrs.amount_minor.history.deleted or (row.amount_minor,)
    return int(was)


ALLOCATION = MutationSpec(
    Allocation,
    create_only=("contribution", "procurement"),
    fields=("amount", "need"),
    lock_also=("contribution", "need", "procurement"),
    validators=(
        created_once("contribution_id", "procurement_id", "need_id"),
        _can_be_allocated,
        _more_than_nothing,
        _need_is_of_the_procurement,
        _is_within_the_earmark,
        _need_is_not_given_up,
        _orders_stay_backed,
        _within_the_contribution,
    ),
)

#: What must hold where money leaves an allocation; the rules of the amount are those of the allocation that gets it.
GIVES_AWAY = replace(ALLOCATION, validators=(_orders_stay_backed,))

_FIELDS = {field.name: field for field in fields_to_create(ALLOCATION)}


def _withdraw(unit: UnitOfWork, values: Mapping[str, Any]) -> Allocation:
    """Set the amount of an allocation to 0; it can be raised again later. Raises CommandError."""
    row: Allocation = find_and_lock(unit, ALLOCATION, values)
    unit.require(Action.UPDATE, row)
    check_version(row, values["expected_version"])
    if not unit.reason:
        code, message = "reason", "The reason is missing. Say why the allocation is withdrawn."
        raise ValidationError.at(code, message, "reason")
    row.amount_minor = 0
    validate_and_flush(unit, ALLOCATION, row)
    return row


def _reallocate(unit: UnitOfWork, values: Mapping[str, Any]) -> Allocation:
    """Move an amount from an allocation to one of another procurement or need. Raises CommandError."""
    row = unit.find(Allocation, values["id"])
    bought = unit.resolve_reference(Procurement, values["procurement_id"], ("procurement_id",))
    unit.lock(row, row.contribution, row.procurement, bought)
    unit.require(Action.UPDATE, row)
    check_version(row, values["expected_version"])
    if not unit.reason:
        code, message = "reason", "The reason is missing. Say why the money is reallocated."
        raise ValidationError.at(code, message, "reason")
    minor, currency = values["amount"]
    if currency != row.amount_currency or minor > row.amount_minor:
        code, has = "reallocated_amount", Money(row.amount_minor, row.amount_currency)
        more = excess(minor, row.amount_minor, currency) if currency == row.amount_currency else None
        fault = f"You move {more}." if more else f"You move {currency}."
        advice = "Reduce the amount, or correct its currency" if row.amount_minor else "Choose another allocation"
        message = f"The allocation has {has}. {fault} {advice}."
        raise ValidationError.at(code, message, "amount")
    need_id = values.get("need_id")
    need = unit.resolve_reference(CapabilityNeed, need_id, ("need_id",)) if need_id else None
    if (row.procurement, row.need) == (bought, need):
        code, message = "same", "The allocation is of this procurement and need already. Choose another one."
        raise ValidationError.at(code, message, "procurementId")
    row.amount_minor -= minor
    if row.procurement is bought:
        # It still backs the orders of the procurement, which the database checks at every step.
        row.in_transit = minor
        unit.session.flush()
    else:
        validate_and_flush(unit, GIVES_AWAY, row)
    other = _allocation_to(unit, row.contribution, bought, need)
    unit.require(Action.CREATE, other)
    other.amount_minor += minor
    validate_and_flush(unit, ALLOCATION, other)
    row.in_transit = 0
    unit.session.flush()
    return other


def _allocation_to(
    unit: UnitOfWork, given: Contribution, bought: Procurement, need: CapabilityNeed | None
) -> Allocation:
    """Return the allocation of a contribution to a procurement and need, or a new one of 0."""
    for each in given.allocations:
        if (each.procurement, each.need) == (bought, need):
            unit.lock(each)
            return each
    made = Allocation(id=unit.new_key, amount_minor=0, amount_currency=given.amount_currency)
    unit.session.add(made)
    made.contribution, made.procurement, made.need = given, bought, need
    return made


register_mutation_spec(ALLOCATION)

command(
    Command(
        "withdraw_allocation",
        Allocation,
        "Withdraw an allocation, with a reason. Its full amount becomes unallocated again. The allocation stays with "
        "amount 0 to keep its history; updateAllocation can raise it again.",
        (id_of(Allocation), EXPECTED_VERSION),
        _withdraw,
    )
)

command(
    Command(
        "reallocate_allocation",
        Allocation,
        "Move an amount of an allocation to another procurement, or to another need of the same one, in one step and "
        "with a reason. Returns the allocation that receives the amount; it is created if there is none.",
        (id_of(Allocation), EXPECTED_VERSION, _FIELDS["amount"], _FIELDS["procurement_id"], _FIELDS["need_id"]),
        _reallocate,
    )
)
