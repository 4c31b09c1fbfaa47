"""The rows of the money of a procurement."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from models.explained.declaration import Figure, LeftOutReason, Part, added, not_below_zero, not_stated, subtracted
from models.funding.contribution_status import FIRM_STATUSES, ContributionStatus
from models.orders.purchase_orders import BINDING_STATUSES
from models.procurement.procurements import Procurement

if TYPE_CHECKING:
    from models.derived.rows import QueriedRow


def estimated(procurement: QueriedRow) -> Part:
    """The estimated value of the procurement."""
    minor, currency = procurement.estimated_value_minor, procurement.estimated_value_currency
    return Part("procurement", procurement, minor=minor, currency=currency)


def allocated(procurement: QueriedRow) -> Part:
    """Money that is allocated to the procurement."""
    allocation = procurement.join("allocations")
    return Part("allocation", allocation, minor=allocation.amount_minor, currency=allocation.amount_currency)


def firm(procurement: QueriedRow) -> Part:
    """Committed or disbursed money that is allocated to the procurement."""
    return _allocated(procurement, FIRM_STATUSES, LeftOutReason.NOT_FIRM)


def pledged(procurement: QueriedRow) -> Part:
    """Pledged money that is allocated to the procurement."""
    return _allocated(procurement, (ContributionStatus.PLEDGED,), LeftOutReason.NOT_PLEDGED)


def bound(procurement: QueriedRow) -> Part:
    """Money that a placed order binds, also where less is allocated."""
    order = procurement.join("purchase_orders")
    return Part(
        "purchase_order",
        order,
        minor=order.bound_minor,
        currency=order.bound_currency,
        left_out=(
            (order.status.not_in(BINDING_STATUSES), LeftOutReason.ORDER_NOT_PLACED),
            (order.bound_minor.is_(None), LeftOutReason.AMOUNT_UNKNOWN),
        ),
    )


def _allocated(procurement: QueriedRow, statuses: tuple[ContributionStatus, ...], reason: LeftOutReason) -> Part:
    allocation = procurement.join("allocations")
    currency = allocation.amount_currency
    left_out = (
        (allocation.join("contribution").status.not_in(statuses), reason),
        (currency != procurement.estimated_value_currency, LeftOutReason.OTHER_CURRENCY),
    )
    return Part("allocation", allocation, minor=allocation.amount_minor, currency=currency, left_out=left_out)


def _unmet(procurement: QueriedRow) -> Any:
    return procurement.estimated_value_minor - procurement.funded_amount_minor


FIGURES = (
    Figure(Procurement, "allocated_funds", (added(allocated),)),
    Figure(Procurement, "bound_funds", (added(bound),)),
    Figure(Procurement, "funded_amount", (added(firm),), not_stated("estimated_value_minor")),
    Figure(Procurement, "pledged_amount", (added(pledged),), not_stated("estimated_value_minor")),
    Figure(
        Procurement,
        "unmet_amount",
        (
            added(estimated),
            subtracted(firm),
            not_below_zero("procurement", _unmet, "estimated_value_currency"),
        ),
        not_stated("estimated_value_minor"),
    ),
)
