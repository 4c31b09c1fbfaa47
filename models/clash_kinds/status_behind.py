"""Needs whose status says more than is true."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, or_

from models.clash_kinds.declaration import IN_NEW_ROADMAP, ClashSeverity, clash
from models.figures.planned import is_planned
from models.planning.capability_needs import CapabilityNeed, NeedStatus
from models.procurement.procurements import LIVE_STATUSES

if TYPE_CHECKING:
    from models.derived.rows import QueriedRow


@clash(ClashSeverity.LOW, CapabilityNeed, resolution=f"Plan the need {IN_NEW_ROADMAP}, or start a procurement for it.")
def status_behind(need: QueriedRow) -> Any:
    """The need is PLANNED without a line in force, or IN_PROCUREMENT without a live procurement."""
    procurement = need.related("procurements")
    bought = procurement.exists(where=procurement.status.in_(LIVE_STATUSES))
    return or_(
        and_(need.status == NeedStatus.PLANNED, ~is_planned(need)),
        and_(need.status == NeedStatus.IN_PROCUREMENT, ~bought),
    )
