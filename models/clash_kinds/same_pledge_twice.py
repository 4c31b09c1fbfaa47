"""Contributions that repeat another one: both count in sums."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, func

from models.clash_kinds.declaration import ClashSeverity, clash
from models.funding.contributions import Contribution
from models.sql_functions import days_between

if TYPE_CHECKING:
    from models.derived.rows import QueriedRow

#: The most days between two announcements of one contribution.
DAYS = 31


@clash(
    ClashSeverity.MEDIUM,
    Contribution,
    resolution="If one repeats the other, cancel it, or state that it is a part or a total to date.",
)
def same_pledge_twice(given: QueriedRow) -> Any:
    """Another contribution of the same donors has the same amount and was announced within 31 days."""
    other = given.every(Contribution)
    same = (getattr(other, name) == getattr(given, name) for name in ("amount_minor", "amount_currency"))
    near = func.abs(days_between(other.announced_on, given.announced_on)) <= DAYS
    # The donors last, because they are compared for few rows only.
    donors = and_(other.counts_in_sums, other.donor_codes == given.donor_codes)
    return and_(given.counts_in_sums, other.exists(where=and_(other.id != given.id, *same, near, donors)))
