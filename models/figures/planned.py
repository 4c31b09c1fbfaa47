"""What the roadmap in force today plans for a need."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import func

from models.figures.in_force import roadmap_in_force
from models.planning.roadmaps import Roadmap

if TYPE_CHECKING:
    from models.derived.rows import RowAlias


def is_in_force(line: RowAlias, row: RowAlias) -> Any:
    """Return the condition that a roadmap line is of the roadmap in force today, in the statement of a row."""
    return line.roadmap_id == roadmap_in_force(row.every(Roadmap), func.current_date())


def is_planned(need: RowAlias) -> Any:
    """Return the condition that the roadmap in force today has a line for a need."""
    line = need.related("roadmap_lines")
    return line.exists(where=is_in_force(line, need))
