"""Needs of which the roadmap in force plans more units than they have."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from models.clash_kinds.declaration import IN_NEW_ROADMAP, ClashSeverity, clash
from models.planning.capability_needs import CapabilityNeed

if TYPE_CHECKING:
    from models.derived.rows import QueriedRow


@clash(
    ClashSeverity.MEDIUM,
    CapabilityNeed,
    resolution=f"Plan less {IN_NEW_ROADMAP}, or correct the quantity of the need.",
)
def overplanned_quantity(need: QueriedRow) -> Any:
    """The roadmap in force plans more units of the need than its quantity."""
    return need.planned_quantity > need.quantity
