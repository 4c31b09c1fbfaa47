"""Declares the queries of contributions, their donors and allocations, and the commands of contributions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models import (
    Allocation,
    Contribution,
    ContributionDonor,
    ContributionKind,
    ContributionStatus,
    ContributionTranche,
    Qualifier,
    StatementKind,
)
from models.money import Money
from models.orders.deliveries import COUNTED_STATUSES
from models.status_facts import gift_status
from resolvers.audit.recorder import is_changed
from resolvers.commands.errors import INPUT, Violation
from resolvers.commands.excess import excess
from resolvers.commands.rules.donors import donors_are_named, donors_are_sent, shares_fit
from resolvers.commands.spec import ChildSpec, MutationSpec, register_mutation_spec
from resolvers.funding.disbursements import (
    NO_SOURCE,
    follow_payments,
    is_source_missing,
    tranche_covers_payments,
    tranches_fit,
)
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
            "committed_on",
            "unallocated",
            "paid",
            "counts_in_sums",
            "left_out_of_sums",
            "part_of",
            "parts",
            "donors",
            "earmarked_areas",
            "earmarked_groups",
            "earmarked_needs",
            "allocations",
            "tranches",
            "disbursements",
            "deliveries",
            "created_at",
            "updated_at",
        ),
        sortable=(
            "reference",
            "announced_on",
            "committed_on",
            "amount",
            "unallocated",
            "paid",
            "created_at",
            "updated_at",
        ),
        groupable=(
            "marking",
            "kind",
            "status",
            "statement_kind",
            "announced_year",
            "donor_codes",
            "counts_in_sums",
            "left_out_of_sums",
        ),
        summable={"amount": "countable", "unallocated": "unallocated"},
    )
)

register_query_spec(
    QuerySpec(
        ContributionDonor,
        filterable=(
            "id",
            "share",
            "counts_in_sums",
            "left_out_of_sums",
            "contribution",
            "participant",
            "created_at",
            "updated_at",
        ),
        sortable=("created_at", "share", "updated_at"),
        groupable=("participant", "counts_in_sums", "left_out_of_sums"),
        summable={"share": "countable_share"},
    )
)

register_query_spec(
    QuerySpec(
        Allocation,
        filterable=("id", "amount", "contribution", "procurement", "need", "created_at", "updated_at"),
        sortable=("created_at", "amount", "updated_at"),
        groupable=("procurement", "need"),
        summable={"amount": "amount"},
    )
)


def entered_with_a_source(unit: UnitOfWork, row: Contribution) -> Iterator[Violation]:
    """A contribution that a lead enters for donors without an account must have a source."""
    if is_source_missing(unit, row, row):
        yield Violation((*INPUT, "sources"), "source", NO_SOURCE)


def part_of_a_whole(_unit: UnitOfWork, row: Contribution) -> Iterator[Violation]:
    """A joint contribution must not be part of another contribution."""
    if row.part_of and (row.part_of is row or row.part_of.part_of or row.parts):
        advice = "Choose a joint contribution that is not a part, or omit this field."
        message = f"A contribution with parts cannot be a part of another one. {advice}"
        yield Violation((*INPUT, "partOfId"), "part_of", message)


def what_is_allocated_stays(_unit: UnitOfWork, row: Contribution) -> Iterator[Violation]:
    """A contribution with allocations must not be cancelled or become one that cannot be allocated."""
    if not any(each.amount_minor for each in row.allocations):
        return
    if row.status is ContributionStatus.CANCELLED:
        message = "Money of this contribution is allocated. Withdraw the allocations first."
        yield Violation((*INPUT, "to"), "allocated", message)
    for name, reason in _reasons_against(row):
        message = f"Money of this contribution is allocated, but {reason}. Withdraw the allocations first."
        yield Violation((*INPUT, name), "allocated", message)


def allocations_fit(_unit: UnitOfWork, row: Contribution) -> Iterator[Violation]:
    """The amount has the currency of the allocations, also of withdrawn ones, and is not less than their sum."""
    currencies = {each.amount_currency for each in row.allocations if is_changed(row, "amount")}
    total = sum(each.amount_minor for each in row.allocations)
    if currencies - {row.amount_currency}:
        message = f"Its allocations are in {', '.join(currencies)}, so its currency cannot change. Send that currency."
        yield Violation((*INPUT, "amount"), "contribution_currency", message)
    elif currencies and (more := excess(total, row.amount_minor or 0, row.amount_currency or "")):
        message = f"The allocations that you see would be {more} of the contribution. Withdraw or reduce some first."
        yield Violation((*INPUT, "amount"), "allocations_sum", message)


def what_is_paid_stays(unit: UnitOfWork, row: Contribution) -> Iterator[Violation]:
    """A contribution with paid money must not be cancelled or become one that cannot be paid; its status follows."""
    if not row.disbursements:
        return
    paid = sum(each.amount_minor for each in row.disbursements)
    owed = paid < (row.amount_minor or 0)
    if row.status is ContributionStatus.CANCELLED and paid:
        message = "Money of this contribution is paid. Enter its refund first."
        yield Violation((*INPUT, "to"), "paid", message)
    elif unit.input.get("to") is (ContributionStatus.DISBURSED if owed else ContributionStatus.COMMITTED):
        advice = "Enter the remaining payments" if owed else "Enter a refund"
        message = f"The status follows the disbursements of this contribution. {advice} with createDisbursement."
        yield Violation((*INPUT, "to"), "paid", message)
    currencies = {each.amount_currency for each in row.disbursements}
    if row.amount_minor is None or paid > row.amount_minor or currencies != {row.amount_currency}:
        message = f"{Money(paid, min(currencies))} are paid. The amount must have its currency and not be less."
        yield Violation((*INPUT, "amount"), "paid", message)
    for name, reason in _reasons_against(row):
        if name != "amountQualifier":
            message = f"Payments of this contribution are listed, but {reason}. This field must not change."
            yield Violation((*INPUT, name), "paid", message)


def what_arrived_stays(_unit: UnitOfWork, row: Contribution) -> Iterator[Violation]:
    """A contribution with accepted deliveries must not be cancelled."""
    if row.status is ContributionStatus.CANCELLED and any(each.status in COUNTED_STATUSES for each in row.deliveries):
        message = "Goods of this contribution were delivered and accepted, so it can no longer be cancelled."
        yield Violation((*INPUT, "to"), "delivered", message)


def status_follows_deliveries(unit: UnitOfWork, row: Contribution) -> Iterator[Violation]:
    """A gift in kind with deliveries is DISBURSED when these are accepted, not on request."""
    to = unit.input.get("to")
    if to in {ContributionStatus.COMMITTED, ContributionStatus.DISBURSED} and gift_status(row) is not to:
        message = "The status follows the deliveries of this contribution. Change the status of a delivery."
        yield Violation((*INPUT, "to"), "delivered", message)


def handed_over_in_kind(_unit: UnitOfWork, row: Contribution) -> Iterator[Violation]:
    """A contribution with deliveries must be in kind."""
    if row.kind is not ContributionKind.IN_KIND and row.deliveries:
        yield Violation((*INPUT, "kind"), "kind", "The contribution has deliveries, so its kind must be IN_KIND.")


def why_not_allocatable(row: Contribution) -> str | None:
    """Return why no money can be allocated from a contribution; None if it can."""
    if row.status is ContributionStatus.CANCELLED:
        return "it is CANCELLED"
    if row.amount_minor is None:
        return "its amount is unknown"
    return next((reason for _, reason in _reasons_against(row)), None)


def _reasons_against(row: Contribution) -> Iterator[tuple[str, str]]:
    """Yield each field whose value prevents allocation, and why."""
    if row.kind is ContributionKind.IN_KIND:
        yield "kind", "a contribution in kind is delivered, not allocated"
    if row.statement_kind is StatementKind.TOTAL_TO_DATE:
        yield "statementKind", "a total to date repeats money of other contributions"
    if row.amount_qualifier is Qualifier.UP_TO:
        yield "amountQualifier", "its amount is only an upper bound"
    if row.part_of_id:
        yield "partOfId", "money of a part is allocated from its joint contribution"


def _donor_stays(row: ContributionDonor) -> str | None:
    status = row.contribution.status
    if status is ContributionStatus.PLEDGED:
        return None
    return f"It is {status.name}: its donors stay. To correct one, send its id and another participantId or share."


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
            "committed_on",
            "committed_on_precision",
            "earmark",
            "note",
            "part_of",
        ),
        auto_named=("reference",),
        name_prefix="CON",
        many_to_many={
            "earmarked_areas": "earmarked_area_ids",
            "earmarked_groups": "earmarked_group_ids",
            "earmarked_needs": "earmarked_need_ids",
            "recipients": "recipient_ids",
        },
        children={
            "donors": ChildSpec(
                ContributionDonor, fields=("participant", "share"), back="contribution", stays=_donor_stays
            ),
            "tranches": ChildSpec(
                ContributionTranche,
                fields=("year", "amount"),
                back="contribution",
                ranges={"year": (1, 9999)},
                checked=tranche_covers_payments,
            ),
        },
        lock_also=("part_of",),
        owner_rules=(donors_are_sent,),
        validators=(
            donors_are_named,
            entered_with_a_source,
            shares_fit,
            part_of_a_whole,
            what_is_allocated_stays,
            allocations_fit,
            what_is_paid_stays,
            what_arrived_stays,
            handed_over_in_kind,
            status_follows_deliveries,
            tranches_fit,
        ),
        after_flush=(follow_payments,),
    )
)
