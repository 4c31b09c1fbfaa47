"""Declares the commands of allocations: money of a contribution that is allocated to a procurement."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import inspect

from models import Allocation, CapabilityNeed, ContributionStatus, Procurement, ProcurementStatus
from resolvers.access.permissions import Action
from resolvers.commands.command import EXPECTED_VERSION, Command, command, id_of
from resolvers.commands.errors import INPUT, ValidationError, Violation
from resolvers.commands.input_fields import fields_to_create
from resolvers.commands.spec import MutationSpec, register_mutation_spec
from resolvers.commands.standard_changes import check_version, find_and_lock, validate_and_flush
from resolvers.contributions import why_not_allocatable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from models import Contribution
    from resolvers.commands.unit_of_work import UnitOfWork

#: The statuses of contributions whose money can back an order.
BACKING = frozenset({ContributionStatus.COMMITTED, ContributionStatus.DISBURSED})


def is_backed(procurement: Procurement, currency: str | None) -> bool:
    """Return whether the committed money allocated to a procurement covers what its orders owe in a currency."""
    ordered = sum(order.owed_amount() for order in procurement.purchase_orders if order.value_currency == currency)
    set_aside = sum(
        each.amount_minor
        for each in procurement.allocations
        if each.amount_currency == currency and each.contribution.status in BACKING
    )
    return ordered <= set_aside


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


def _amount_before(row: Allocation) -> int:
    """Return the amount before the change; the amount itself if the change leaves it as it is."""
    (was,) = inspect(row).attrs.amount_minor.history.deleted or (row.amount_minor,)
    return int(was)


def _is_within_the_earmark(unit: UnitOfWork, row: Allocation) -> Iterator[Violation]:
    """The donors' earmark must admit the procurement, or the need that the allocation names; less is always allowed."""
    given = row.contribution
    is_less = row.amount_minor < _amount_before(row) and not inspect(row).attrs.need.history.added
    if row.amount_minor and not is_less and not given.admits(row.procurement, row.need):
        at = next((f"{name}Id" for name in ("need", "procurement") if f"{name}_id" in unit.input), "amount")
        hidden = unit.not_visible(given.earmarked_needs)
        targets = [
            *(f"area {each.code}" for each in given.earmarked_areas),
            *(f"group {each.code}" for each in given.earmarked_groups),
            *(f"need {each.reference}" for each in given.earmarked_needs if each not in hidden),
        ]
        names = ", ".join(targets) or "other needs"
        served = "The need of this allocation is not" if row.need else "No need of the procurement is"
        message = (
            f"The donors earmarked the contribution for {names}. {served} within that earmark. Choose another "
            "procurement or contribution, or ask the donors to change the earmark."
        )
        yield Violation((*INPUT, at), "earmark", message)


def _orders_stay_backed(_unit: UnitOfWork, row: Allocation) -> Iterator[Violation]:
    """The amount must not fall below what the binding orders of the procurement need."""
    if row.amount_minor < _amount_before(row) and not is_backed(row.procurement, row.amount_currency):
        message = "Binding orders of the procurement need this money. It must stay allocated."
        yield Violation(INPUT, "orders_sum", message)


ALLOCATION = MutationSpec(
    Allocation,
    create_only=("contribution", "procurement"),
    fields=("amount", "need"),
    lock_also=("contribution", "procurement"),
    validators=(
        _can_be_allocated,
        _more_than_nothing,
        _need_is_of_the_procurement,
        _is_within_the_earmark,
        _orders_stay_backed,
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
        code, message = "reallocated_amount", "The allocation has less than this amount in this currency. Reduce it."
        raise ValidationError.at(code, message, "amount")
    need_id = values.get("need_id")
    need = unit.resolve_reference(CapabilityNeed, need_id, ("need_id",)) if need_id else None
    if (row.procurement, row.need) == (bought, need):
        code, message = "same", "The allocation is of this procurement and need already. Choose another one."
        raise ValidationError.at(code, message, "procurementId")
    row.amount_minor -= minor
    validate_and_flush(unit, GIVES_AWAY, row)
    other = _allocation_to(unit, row.contribution, bought, need)
    unit.require(Action.CREATE, other)
    other.amount_minor += minor
    validate_and_flush(unit, ALLOCATION, other)
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
