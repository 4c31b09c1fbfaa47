"""Roadmap lines that end after the need they plan."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import and_

from models.clash_kinds.declaration import IN_NEW_ROADMAP, ClashSeverity, clash
from models.figures.in_force import day_number, last_day_number
from models.planning.roadmaps import RoadmapLine, RoadmapStatus

if TYPE_CHECKING:
    from models.derived.rows import QueriedRow


@clash(
    ClashSeverity.MEDIUM,
    RoadmapLine,
    resolution=f"Plan an earlier quarter in a DRAFT, or {IN_NEW_ROADMAP}; or correct the date of the need.",
)
def line_after_need(line: QueriedRow) -> Any:
    """The line of a roadmap that is not superseded ends after the date by which the need must be met."""
    roadmap, need = line.join("roadmap"), line.join("need")
    current = roadmap.status != RoadmapStatus.SUPERSEDED
    return and_(current, last_day_number(line) > day_number(need.needed_by))
