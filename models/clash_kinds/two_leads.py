"""Needs whose live procurements have different leads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import func

from models.clash_kinds.declaration import ClashSeverity, clash
from models.planning.capability_needs import CapabilityNeed
from models.procurement.procurements import LIVE_STATUSES

if TYPE_CHECKING:
    from models.derived.rows import QueriedRow


@clash(
    ClashSeverity.MEDIUM, CapabilityNeed, resolution="Merge the procurements, or divide the quantity between the leads."
)
def two_leads(need: QueriedRow) -> Any:
    """Live procurements for the need have different lead participants."""
    procurement = need.related("procurements")
    leads = func.count(procurement.lead_participant_id.distinct()).filter(procurement.status.in_(LIVE_STATUSES))
    return procurement.figures(leads=leads).leads > 1
