"""Needs whose live procurements have different leads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, case, func, or_, type_coerce

from models.clash_kinds.declaration import ClashSeverity, clash
from models.derived.rows import total
from models.planning.capability_needs import CapabilityNeed
from models.procurement.procurements import LIVE_STATUSES
from models.types import Quantity
from models.units import have_same_unit

if TYPE_CHECKING:
    from models.derived.rows import QueriedRow


@clash(
    ClashSeverity.MEDIUM,
    CapabilityNeed,
    resolution="Keep one lead, or divide the quantity: give each procurement items for the need, in its unit, and "
    "together no more than its quantity.",
)
def two_leads(need: QueriedRow) -> Any:
    """Live procurements for the need have different leads, and their items do not divide its quantity."""
    procurement = need.related("procurements")
    live = procurement.status.in_(LIVE_STATUSES)
    item = procurement.related("items")
    known = case((have_same_unit(item, need), item.quantity))
    # Null without items for the need, or if one of them has no quantity in its unit.
    part = item.scalar(case((func.count() == func.count(known), func.sum(known))), where=item.need_id == need.id)
    found = procurement.figures(
        leads=func.count(procurement.lead_participant_id.distinct()).filter(live),
        undivided=func.count().filter(live) - func.count(part).filter(live),
        divided=type_coerce(total(part, live), Quantity()),
    )
    too_much = or_(need.quantity.is_(None), found.divided > need.quantity)
    return and_(found.leads > 1, or_(found.undivided > 0, too_much))
