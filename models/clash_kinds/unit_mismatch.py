"""Order lines and roadmap lines with another unit than their need."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import and_

from models.clash_kinds.declaration import IN_NEW_ROADMAP, ClashSeverity, clash
from models.orders.order_lines import DELIVERABLE_KINDS, OrderLine
from models.planning.roadmaps import RoadmapLine, RoadmapStatus
from models.units import have_same_unit

if TYPE_CHECKING:
    from models.derived.rows import QueriedRow


@clash(ClashSeverity.MEDIUM, OrderLine, resolution="Correct the unit of the line or of the need.")
def unit_mismatch(line: QueriedRow) -> Any:
    """The unit of the order line is not that of its need, so that the line does not count."""
    need = line.related("need")
    return and_(line.kind.in_(DELIVERABLE_KINDS), need.exists(where=~have_same_unit(line, need)))


@clash(
    ClashSeverity.MEDIUM,
    RoadmapLine,
    resolution=f"Correct the unit of the line in a DRAFT, or {IN_NEW_ROADMAP}; or that of the need.",
)
def planned_unit_mismatch(line: QueriedRow) -> Any:
    """The unit of a roadmap line is not that of its need, so that its quantity does not count."""
    current = line.join("roadmap").status != RoadmapStatus.SUPERSEDED
    return and_(current, line.quantity.is_not(None), ~have_same_unit(line, line.join("need")))
