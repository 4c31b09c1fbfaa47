"""Live procurements whose lead participant has left the coalition."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, func, or_

from models.clash_kinds.declaration import ClashSeverity, clash
from models.procurement.procurements import LIVE_STATUSES, Procurement

if TYPE_CHECKING:
    from models.derived.rows import QueriedRow


@clash(ClashSeverity.HIGH, Procurement, resolution="Choose another lead participant.")
def lead_left(procurement: QueriedRow) -> Any:
    """The participant that leads the live procurement has left the coalition."""
    former = procurement.related("lead_participant").join("memberships")
    held = procurement.related("lead_participant").join("memberships")
    today = func.current_date()
    has_begun = or_(held.valid_from.is_(None), held.valid_from <= today)
    is_held = held.exists(where=and_(has_begun, or_(held.valid_to.is_(None), held.valid_to >= today)))
    return and_(procurement.status.in_(LIVE_STATUSES), former.exists(), ~is_held)
