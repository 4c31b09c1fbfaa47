"""Needs that two leads plan, with more units than are needed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, func

from models.clash_kinds.declaration import IN_NEW_ROADMAP, ClashSeverity, clash
from models.figures.planned import is_in_force
from models.planning.capability_needs import CapabilityNeed

if TYPE_CHECKING:
    from models.derived.rows import QueriedRow


@clash(
    ClashSeverity.MEDIUM,
    CapabilityNeed,
    resolution=f"Choose one lead, or divide the quantity between the leads, {IN_NEW_ROADMAP}.",
)
def planned_by_two(need: QueriedRow) -> Any:
    """Lines of the roadmap in force have different leads, and together more units than the need's quantity."""
    line = need.related("roadmap_lines")
    leads = line.figures(is_in_force(line, need), found=func.count(line.lead_participant_id.distinct())).found
    return and_(need.planned_quantity > need.quantity, leads > 1)
