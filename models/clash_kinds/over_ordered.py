"""Needs for which more is ordered than is needed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from models.clash_kinds.declaration import ClashSeverity, clash
from models.planning.capability_needs import CapabilityNeed

if TYPE_CHECKING:
    from models.derived.rows import QueriedRow


@clash(
    ClashSeverity.MEDIUM,
    CapabilityNeed,
    resolution="Amend or end an order in progress, or correct the quantity of the need.",
)
def over_ordered(need: QueriedRow) -> Any:
    """The units ordered and accepted in kind are more than the need's quantity."""
    return need.ordered_quantity + need.in_kind_quantity > need.quantity
