"""Allocations of money that is only pledged."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import and_

from models.clash_kinds.declaration import ClashSeverity, clash
from models.funding.allocations import Allocation
from models.funding.contribution_status import ContributionStatus

if TYPE_CHECKING:
    from models.derived.rows import QueriedRow


@clash(ClashSeverity.MEDIUM, Allocation, resolution="Commit the contribution, or allocate money from another source.")
def rests_on_pledge(allocation: QueriedRow) -> Any:
    """The allocated money is only pledged, not committed."""
    pledged = allocation.join("contribution").status == ContributionStatus.PLEDGED
    return and_(pledged, allocation.amount_minor > 0)
