"""Declares the commands of allocations: money of a contribution that is allocated to a procurement."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import inspect

from models import Allocation, ContributionStatus, ProcurementStatus
from resolvers.access.permissions import Action
from resolvers.commands.command import EXPECTED_VERSION, Command, command, id_of
from resolvers.commands.errors import INPUT, ValidationError, Violation
from resolvers.commands.spec import MutationSpec, register_mutation_spec
from resolvers.commands.standard_changes import check_version, find_and_lock, validate_and_flush
from resolvers.contributions import why_not_allocatable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from models import Procurement
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


def _orders_stay_backed(_unit: UnitOfWork, row: Allocation) -> Iterator[Violation]:
    """The amount must not fall below what the binding orders of the procurement need."""
    (was,) = inspect(row).attrs.amount_minor.history.deleted or (row.amount_minor,)
    if row.amount_minor < was and not is_backed(row.procurement, row.amount_currency):
        message = "Binding orders of the procurement need this money. It must stay allocated."
        yield Violation(INPUT, "orders_sum", message)


ALLOCATION = MutationSpec(
    Allocation,
    create_only=("contribution", "procurement"),
    fields=("amount",),
    lock_also=("contribution", "procurement"),
    validators=(_can_be_allocated, _more_than_nothing, _orders_stay_backed),
)


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
