"""The kinds, statements and statuses of contributions."""

from __future__ import annotations

from enum import Enum, unique


@unique
class ContributionKind(Enum):
    """The form of a contribution."""

    CASH = "Money."
    IN_KIND = "Goods, licences or services."


@unique
class StatementKind(Enum):
    """The meaning of an announced amount."""

    INCREMENT = "The amount of this contribution alone."
    TOTAL_TO_DATE = "The donor's total up to the announcement; left out of sums."


@unique
class ContributionStatus(Enum):
    """The status of a contribution."""

    PLEDGED = "Announced."
    COMMITTED = "Confirmed; its money can pay for orders."
    DISBURSED = "Paid out or handed over."
    CANCELLED = "Cancelled."


#: The contributions whose money can pay for orders.
FIRM_STATUSES = (ContributionStatus.COMMITTED, ContributionStatus.DISBURSED)

#: A contribution can be cancelled only while it has no allocated or paid money. A transition from an ended status
#: reopens it; a refund also leads from DISBURSED to COMMITTED.
CONTRIBUTION_TRANSITIONS = {
    ContributionStatus.PLEDGED: frozenset({ContributionStatus.COMMITTED, ContributionStatus.CANCELLED}),
    ContributionStatus.COMMITTED: frozenset({ContributionStatus.DISBURSED, ContributionStatus.CANCELLED}),
    ContributionStatus.DISBURSED: frozenset({ContributionStatus.COMMITTED}),
    ContributionStatus.CANCELLED: frozenset({ContributionStatus.PLEDGED}),
}
