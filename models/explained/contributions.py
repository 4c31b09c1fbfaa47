"""The rows of the money of a contribution."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from models.explained.declaration import Figure, LeftOutReason, Part, added, not_stated, subtracted
from models.funding.contribution_status import ContributionKind, ContributionStatus
from models.funding.contributions import Contribution
from models.sums import SumExclusion

if TYPE_CHECKING:
    from models.derived.rows import QueriedRow


def stated(contribution: QueriedRow) -> Part:
    """The amount of the contribution."""
    return Part("contribution", contribution, minor=contribution.amount_minor, currency=contribution.amount_currency)


def paid_in_full(contribution: QueriedRow) -> Part:
    """The whole amount of the contribution, because it is DISBURSED."""
    is_paid = contribution.status == ContributionStatus.DISBURSED
    minor, currency = contribution.amount_minor, contribution.amount_currency
    return Part("contribution", contribution, minor=minor, currency=currency, where=is_paid)


def paid_so_far(contribution: QueriedRow) -> Part:
    """A payment, or a refund if it is negative."""
    entry = contribution.join("disbursements")
    in_full = (contribution.status == ContributionStatus.DISBURSED, LeftOutReason.IN_WHOLE_AMOUNT)
    return Part("disbursement", entry, minor=entry.amount_minor, currency=entry.amount_currency, left_out=(in_full,))


def allocated(contribution: QueriedRow) -> Part:
    """Money of the contribution that is allocated to a procurement."""
    allocation = contribution.join("allocations")
    return Part("allocation", allocation, minor=allocation.amount_minor, currency=allocation.amount_currency)


def allocated_from_parts(contribution: QueriedRow) -> Part:
    """Money of a published part of the contribution that is allocated to a procurement."""
    allocation = contribution.join("parts").join("allocations")
    other = (allocation.amount_currency != contribution.amount_currency, LeftOutReason.OTHER_CURRENCY)
    minor, currency = allocation.amount_minor, allocation.amount_currency
    return Part("allocation", allocation, minor=minor, currency=currency, left_out=(other,))


#: Why no money of a contribution is unallocated, by why sums leave the contribution out.
EXCLUSIONS = {
    SumExclusion.CANCELLED: LeftOutReason.CANCELLED,
    SumExclusion.TOTAL_TO_DATE: LeftOutReason.TOTAL_TO_DATE,
    SumExclusion.PART: LeftOutReason.PART,
    SumExclusion.UPPER_BOUND: LeftOutReason.UPPER_BOUND,
    SumExclusion.AMOUNT_UNKNOWN: LeftOutReason.FIGURE_UNKNOWN,
}


def _cannot_be_allocated(contribution: QueriedRow) -> tuple[tuple[Any, LeftOutReason], ...]:
    left_out = contribution.left_out_of_sums
    in_kind = (contribution.kind == ContributionKind.IN_KIND, LeftOutReason.IN_KIND)
    return (*((left_out == exclusion, reason) for exclusion, reason in EXCLUSIONS.items()), in_kind)


FIGURES = (
    Figure(Contribution, "allocated", (added(allocated),), not_stated("amount_minor")),
    Figure(Contribution, "paid", (added(paid_in_full), added(paid_so_far)), not_stated("amount_minor")),
    Figure(
        Contribution,
        "unallocated",
        (added(stated), subtracted(allocated), subtracted(allocated_from_parts)),
        _cannot_be_allocated,
    ),
)
