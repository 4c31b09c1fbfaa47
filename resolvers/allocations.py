"""How allocations are written: what of a contribution is set aside for which procurement, and taken back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import inspect

from models import Allocation, ContributionStatus, ProcurementStatus
from models.purchase_orders import BINDING_STATUSES
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

#: Contributions that may back an order.
BACKING = frozenset({ContributionStatus.COMMITTED, ContributionStatus.DISBURSED})


def is_backed(procurement: Procurement, currency: str | None) -> bool:
    """Tell whether committed money set aside for a procurement reaches for its binding orders of a currency."""
    ordered = sum(
        order.value_minor or 0
        for order in procurement.purchase_orders
        if order.status in BINDING_STATUSES and order.value_currency == currency
    )
    set_aside = sum(
        each.amount_minor
        for each in procurement.allocations
        if each.amount_currency == currency and each.contribution.status in BACKING
    )
    return ordered <= set_aside


def _can_be_allocated(unit: UnitOfWork, row: Allocation) -> Iterator[Violation]:
    """Money is set aside of what is there to be set aside, in its own currency, for what is still to be bought."""
    reason = why_not_allocatable(row.contribution)
    at = "contributionId" if "contribution_id" in unit.input else "amount"
    if row.amount_minor and reason:
        yield Violation((*INPUT, at), "allocatable", f"Nothing can be allocated from this contribution: {reason}.")
    elif row.amount_currency != row.contribution.amount_currency and not reason:
        message = f"Give the amount in the currency of the contribution, {row.contribution.amount_currency}."
        yield Violation((*INPUT, "amount", "currency"), "allocation_currency", message)
    if row.amount_minor and row.procurement.status is ProcurementStatus.CANCELLED:
        at = "procurementId" if "procurement_id" in unit.input else "amount"
        yield Violation((*INPUT, at), "cancelled", "The procurement is CANCELLED: it takes no money.")


def _more_than_nothing(unit: UnitOfWork, row: Allocation) -> Iterator[Violation]:
    """Whoever takes an allocation back says so, and why."""
    if "amount" in unit.input and not row.amount_minor:
        message = "Set aside more than nothing; withdrawAllocation takes back what was."
        yield Violation((*INPUT, "amount"), "nothing", message)


def _orders_stay_backed(_unit: UnitOfWork, row: Allocation) -> Iterator[Violation]:
    """What binding orders need stays set aside."""
    (was,) = inspect(row).attrs.amount_minor.history.deleted or (row.amount_minor,)
    if row.amount_minor < was and not is_backed(row.procurement, row.amount_currency):
        yield Violation(INPUT, "orders_sum", "Orders of the procurement need that money: it stays set aside.")


ALLOCATION = MutationSpec(
    Allocation,
    create_only=("contribution", "procurement"),
    fields=("amount",),
    lock_also=("contribution", "procurement"),
    validators=(_can_be_allocated, _more_than_nothing, _orders_stay_backed),
)


def _withdraw(unit: UnitOfWork, values: Mapping[str, Any]) -> Allocation:
    """Take an allocation back: it stands at nought, and may be raised again. Raises RefusalError."""
    row: Allocation = find_and_lock(unit, ALLOCATION, values)
    unit.require(Action.UPDATE, row)
    check_version(row, values["expected_version"])
    if not unit.reason:
        code, message = "reason", "Say why it is withdrawn."
        raise ValidationError.at(code, message, "reason")
    row.amount_minor = 0
    validate_and_flush(unit, ALLOCATION, row)
    return row


register_mutation_spec(ALLOCATION)

command(
    Command(
        "withdraw_allocation",
        Allocation,
        "Take an Allocation back, with a reason: all its money is the contribution's again. It stands at nought, so "
        "that its history stays; updateAllocation can raise it again.",
        (id_of(Allocation), EXPECTED_VERSION),
        _withdraw,
    )
)
