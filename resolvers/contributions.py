"""How contributions, their donors and allocations may be read, and how contributions are written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models import (
    Allocation,
    Contribution,
    ContributionDonor,
    ContributionKind,
    ContributionStatus,
    Qualifier,
    StatementKind,
)
from models.deliveries import COUNTED_STATUSES
from models.money import MAX_MINOR, Money, add_up
from resolvers.commands.errors import INPUT, Violation
from resolvers.commands.spec import ChildSpec, MutationSpec, register_mutation_spec
from resolvers.query.spec import QuerySpec, register_query_spec

if TYPE_CHECKING:
    from collections.abc import Iterator

    from resolvers.commands.unit_of_work import UnitOfWork

register_query_spec(
    QuerySpec(
        Contribution,
        filterable=(
            "id",
            "reference",
            "kind",
            "status",
            "marking",
            "statement_kind",
            "amount",
            "announced_on",
            "announced_year",
            "unallocated",
            "part_of",
            "parts",
            "donors",
            "allocations",
            "deliveries",
            "created_at",
            "updated_at",
        ),
        sortable=("reference", "announced_on", "amount", "unallocated", "created_at", "updated_at"),
        groupable=("marking", "kind", "status", "statement_kind", "announced_year", "donor_codes"),
        summable={"amount": "countable"},
    )
)

register_query_spec(
    QuerySpec(
        ContributionDonor,
        filterable=("id", "share", "contribution", "participant", "created_at", "updated_at"),
        sortable=("created_at", "share", "updated_at"),
        groupable=("participant",),
    )
)

register_query_spec(
    QuerySpec(
        Allocation,
        filterable=("id", "amount", "contribution", "procurement", "created_at", "updated_at"),
        sortable=("created_at", "amount", "updated_at"),
        groupable=("procurement",),
        summable={"amount": "amount"},
    )
)


def donors_are_named(_unit: UnitOfWork, row: Contribution) -> Iterator[Violation]:
    """Somebody gives it."""
    if not row.donors:
        yield Violation((*INPUT, "donors"), "donors", "Name at least one donor.")


def shares_fit(_unit: UnitOfWork, row: Contribution) -> Iterator[Violation]:
    """The shares are of the contribution's currency, and add up to no more than its amount."""
    known = [Money(each.share_minor, each.share_currency or "") for each in row.donors if each.share_minor is not None]
    sums = add_up([*known, Money(0, row.amount_currency)] if row.amount_currency else known)
    if len(sums) > 1:
        yield Violation((*INPUT, "donors"), "shares_currency", "Give the shares in the currency of the amount.")
    elif sums and sums[0].minor > (MAX_MINOR if row.amount_minor is None else row.amount_minor):
        yield Violation((*INPUT, "donors"), "shares_sum", "The shares are more than the amount in sum.")


def part_of_a_whole(_unit: UnitOfWork, row: Contribution) -> Iterator[Violation]:
    """A part is part of a whole that is no part itself."""
    if row.part_of and (row.part_of is row or row.part_of.part_of_id or row.parts):
        message = "Name a joint contribution that is no part itself; one that has parts is part of none."
        yield Violation((*INPUT, "partOfId"), "part_of", message)


def what_is_allocated_stays(_unit: UnitOfWork, row: Contribution) -> Iterator[Violation]:
    """What is allocated from is neither taken back nor made into something that nothing is allocated from."""
    if not any(each.amount_minor for each in row.allocations):
        return
    if row.status is ContributionStatus.CANCELLED:
        message = "Money of it is allocated: have those allocations withdrawn first."
        yield Violation((*INPUT, "to"), "allocated", message)
    for name, reason in _reasons_against(row):
        message = f"Money of it is allocated, and {reason}: have those allocations withdrawn first."
        yield Violation((*INPUT, name), "allocated", message)


def what_arrived_stays(_unit: UnitOfWork, row: Contribution) -> Iterator[Violation]:
    """What was handed over and accepted is not taken back."""
    if row.status is ContributionStatus.CANCELLED and any(each.status in COUNTED_STATUSES for each in row.deliveries):
        message = "Goods of it were delivered and accepted: it is no longer taken back."
        yield Violation((*INPUT, "to"), "delivered", message)


def handed_over_in_kind(_unit: UnitOfWork, row: Contribution) -> Iterator[Violation]:
    """What deliveries hand over is a contribution in kind."""
    if row.kind is not ContributionKind.IN_KIND and row.deliveries:
        yield Violation((*INPUT, "kind"), "kind", "Deliveries hand it over: it stays a contribution in kind.")


def why_not_allocatable(row: Contribution) -> str | None:
    """Say why nothing can be allocated from a contribution; None where something can."""
    if row.status is ContributionStatus.CANCELLED:
        return "it is taken back"
    if row.amount_minor is None:
        return "its amount is not known"
    return next((reason for _, reason in _reasons_against(row)), None)


def _reasons_against(row: Contribution) -> Iterator[tuple[str, str]]:
    """Give each field for whose value nothing can be allocated, and why."""
    if row.kind is ContributionKind.IN_KIND:
        yield "kind", "a contribution in kind is handed over, not allocated"
    if row.statement_kind is StatementKind.TOTAL_TO_DATE:
        yield "statementKind", "a total to date is no money of its own"
    if row.amount_qualifier is Qualifier.UP_TO:
        yield "amountQualifier", "an upper bound is no amount to rely on"
    if row.part_of_id:
        yield "partOfId", "a part is in the joint contribution, from which one allocates"


register_mutation_spec(
    MutationSpec(
        Contribution,
        fields=(
            "reference",
            "kind",
            "marking",
            "statement_kind",
            "amount",
            "amount_qualifier",
            "announced_on",
            "announced_on_precision",
            "earmark",
            "note",
            "part_of",
        ),
        auto_named=("reference",),
        name_prefix="CON",
        many_to_many={"recipients": "recipient_ids"},
        children={"donors": ChildSpec(ContributionDonor, fields=("participant", "share"), back="contribution")},
        lock_also=("part_of",),
        validators=(
            donors_are_named,
            shares_fit,
            part_of_a_whole,
            what_is_allocated_stays,
            what_arrived_stays,
            handed_over_in_kind,
        ),
    )
)
