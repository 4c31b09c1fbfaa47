"""Procurements under way with less firm money than their estimated value."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import and_

from models.clash_kinds.declaration import ClashSeverity, clash
from models.funding.contribution_status import FIRM_STATUSES
from models.procurement.procurements import Procurement, ProcurementStatus

if TYPE_CHECKING:
    from models.derived.rows import QueriedRow

NOT_UNDER_WAY = ("PLANNING", "COMPLETED", "UNSUCCESSFUL", "CANCELLED")
UNDER_WAY = tuple(status for status in ProcurementStatus if status.name not in NOT_UNDER_WAY)


@clash(ClashSeverity.HIGH, Procurement, resolution="Allocate more money, or correct the estimated value.")
def underfunded(procurement: QueriedRow) -> Any:
    """The firm allocations in the currency of the procurement are less than its estimated value."""
    allocation = procurement.related("allocations")
    firm = allocation.join("contribution").status.in_(FIRM_STATUSES)
    same = allocation.amount_currency == procurement.estimated_value_currency
    funded = allocation.filtered_sum(allocation.amount_minor, and_(firm, same))
    return and_(procurement.status.in_(UNDER_WAY), funded < procurement.estimated_value_minor)
