"""Needs with money in another currency than that of their estimated cost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import and_

from models.clash_kinds.declaration import ClashSeverity, clash
from models.planning.capability_needs import CapabilityNeed

if TYPE_CHECKING:
    from models.derived.rows import QueriedRow


@clash(ClashSeverity.LOW, CapabilityNeed, resolution="State the estimated cost in the currency of the money.")
def funded_in_other_currency(need: QueriedRow) -> Any:
    """Money for the need is in another currency than its estimated cost, and is not subtracted from it."""
    return and_(need.estimated_cost_minor.is_not(None), need.firm_money.other > 0)
