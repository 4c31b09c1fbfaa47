"""How contributions, their donors and allocations may be read."""

from models import Allocation, Contribution, ContributionDonor
from resolvers.reading import Reading, readable

readable(
    Reading(
        Contribution,
        where=(
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
        order=("reference", "announced_on", "amount", "unallocated", "created_at", "updated_at"),
        groups=("marking", "kind", "status", "statement_kind", "announced_year", "donor_codes"),
        sums={"amount": "countable"},
    )
)

readable(
    Reading(
        ContributionDonor,
        where=("id", "share", "contribution", "participant", "created_at", "updated_at"),
        order=("created_at", "share", "updated_at"),
        groups=("participant",),
    )
)

readable(
    Reading(
        Allocation,
        where=("id", "amount", "contribution", "procurement", "created_at", "updated_at"),
        order=("created_at", "amount", "updated_at"),
        groups=("procurement",),
        sums={"amount": "amount"},
    )
)
