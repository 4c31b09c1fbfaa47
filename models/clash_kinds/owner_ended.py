"""Open work whose group is dissolved."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import and_

from models.clash_kinds.declaration import ClashSeverity, clash
from models.people.expert_groups import ExpertGroupStatus
from models.procurement.procurements import LIVE_STATUSES, Procurement

if TYPE_CHECKING:
    from models.derived.rows import QueriedRow


@clash(ClashSeverity.HIGH, Procurement, resolution="Hand the procurement over to another group.")
def owner_ended(procurement: QueriedRow) -> Any:
    """The group that is responsible for the live procurement is dissolved."""
    group = procurement.related("group")
    ended = group.exists(where=group.status == ExpertGroupStatus.DISSOLVED)
    return and_(procurement.status.in_(LIVE_STATUSES), ended)
