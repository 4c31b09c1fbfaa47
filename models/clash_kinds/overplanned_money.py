"""Needs that the roadmap in force plans at more than their estimated cost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from models.clash_kinds.declaration import IN_NEW_ROADMAP, ClashSeverity, clash
from models.planning.capability_needs import CapabilityNeed

if TYPE_CHECKING:
    from models.derived.rows import QueriedRow


@clash(
    ClashSeverity.MEDIUM,
    CapabilityNeed,
    resolution=f"Plan less {IN_NEW_ROADMAP}, or correct the estimated cost.",
)
def overplanned_money(need: QueriedRow) -> Any:
    """The roadmap in force plans more money for the need than its estimated cost."""
    return need.planned_amount_minor > need.estimated_cost_minor
