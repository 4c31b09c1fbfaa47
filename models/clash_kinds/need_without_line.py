"""Urgent needs that the roadmap in force does not plan."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import and_

from models.clash_kinds.declaration import IN_NEW_ROADMAP, ClashSeverity, clash
from models.figures.planned import is_planned
from models.planning.capability_needs import CapabilityNeed, NeedStatus, Priority

if TYPE_CHECKING:
    from models.derived.rows import QueriedRow


@clash(ClashSeverity.HIGH, CapabilityNeed, resolution=f"Plan the need {IN_NEW_ROADMAP}, or lower its priority.")
def need_without_line(need: QueriedRow) -> Any:
    """The need is validated and CRITICAL or HIGH, and the roadmap in force does not plan it."""
    urgent = need.priority.in_((Priority.CRITICAL, Priority.HIGH))
    return and_(need.status == NeedStatus.VALIDATED, urgent, ~is_planned(need))
