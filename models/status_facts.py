"""The statuses that follow from facts, in both directions: a MET need or a DELIVERED order can become unmet again.

A status that people decide, such as DRAFT, CLOSED or WITHDRAWN, stays. So does one that a source states without the
facts that it follows from: a loaded order can be DELIVERED although no source lists its deliveries.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import select
from sqlalchemy.orm import object_session

from models.derived.tables import unrestricted
from models.funding.contribution_status import ContributionKind, ContributionStatus
from models.funding.contributions import Contribution
from models.orders.deliveries import COUNTED_STATUSES, EXAMINED_STATUSES, FAILED_STATUSES, ON_THE_WAY, DeliveryStatus
from models.orders.order_ends import accepted_quantities
from models.orders.order_lines import DELIVERABLE_KINDS
from models.orders.purchase_orders import OPEN_STATUSES, PurchaseOrder, PurchaseOrderStatus
from models.planning.capability_needs import CapabilityNeed, NeedStatus
from models.procurement.procurements import Procurement, ProcurementStatus

if TYPE_CHECKING:
    from collections.abc import Callable
    from enum import Enum

    from models.base import Entity

#: The statuses of orders that accepted deliveries decide.
ORDER_STATUSES = (
    PurchaseOrderStatus.CONFIRMED,
    PurchaseOrderStatus.PARTIALLY_DELIVERED,
    PurchaseOrderStatus.DELIVERED,
)
#: The statuses of procurements that orders decide.
PROCUREMENT_STATUSES = (ProcurementStatus.AWARDED, ProcurementStatus.ORDERED, ProcurementStatus.DELIVERING)
#: The statuses of procurements in which their needs are not IN_PROCUREMENT.
IDLE_STATUSES = (
    ProcurementStatus.PLANNING,
    ProcurementStatus.UNSUCCESSFUL,
    ProcurementStatus.CANCELLED,
    ProcurementStatus.COMPLETED,
)
#: The statuses of needs that roadmaps, procurements and accepted deliveries decide.
NEED_STATUSES = (
    NeedStatus.VALIDATED,
    NeedStatus.PLANNED,
    NeedStatus.IN_PROCUREMENT,
    NeedStatus.PARTIALLY_MET,
    NeedStatus.MET,
)
MET_STATUSES = (NeedStatus.PARTIALLY_MET, NeedStatus.MET)


def order_status(row: PurchaseOrder) -> PurchaseOrderStatus:
    """Return the status of an order from the accepted units of its lines: a supplier who delivers has confirmed it."""
    if row.status not in {PurchaseOrderStatus.PLACED, *ORDER_STATUSES} or not row.deliveries:
        return row.status
    accepted = accepted_quantities(row)
    expected = [line for line in row.lines if line.kind in DELIVERABLE_KINDS and not line.is_cancelled]
    if expected and all(line.quantity is not None and accepted[line.id] >= line.quantity for line in expected):
        return PurchaseOrderStatus.DELIVERED
    if any(accepted.values()):
        return PurchaseOrderStatus.PARTIALLY_DELIVERED
    is_placed = row.status is PurchaseOrderStatus.PLACED
    return PurchaseOrderStatus.PLACED if is_placed else PurchaseOrderStatus.CONFIRMED


def procurement_status(row: Procurement) -> ProcurementStatus:
    """Return the status of an awarded procurement from its orders; one with an open order is not COMPLETED."""
    orders = [order for order in row.purchase_orders if order.status is not PurchaseOrderStatus.DRAFT]
    reopened = row.status is ProcurementStatus.COMPLETED and any(each.status in OPEN_STATUSES for each in orders)
    if not orders or not (row.status in PROCUREMENT_STATUSES or reopened):
        return row.status
    known = row.status is not ProcurementStatus.DELIVERING or not any(map(_has_received, orders))
    if not known or any(map(_has_delivered, orders)):
        return ProcurementStatus.DELIVERING
    return ProcurementStatus.ORDERED if any(map(_binds, orders)) else ProcurementStatus.AWARDED


def _has_delivered(order: PurchaseOrder) -> bool:
    if order.status in {PurchaseOrderStatus.PLACED, PurchaseOrderStatus.TERMINATED}:
        return any(accepted_quantities(order).values())
    return order.status not in {PurchaseOrderStatus.CONFIRMED, PurchaseOrderStatus.CANCELLED}


def _has_received(order: PurchaseOrder) -> bool:
    """Return whether goods of an order are received and not examined: a source may count them as delivered."""
    return any(delivery.status is DeliveryStatus.RECEIVED for delivery in order.deliveries)


def _binds(order: PurchaseOrder) -> bool:
    """Return whether an order is open, or ended and owes an amount, or one that is unknown."""
    if order.status is PurchaseOrderStatus.TERMINATED:
        return order.value_minor is None or order.owed_amount() > 0
    return order.status is not PurchaseOrderStatus.CANCELLED


def need_status(row: CapabilityNeed) -> NeedStatus:
    """Return the status of a validated need; without a quantity, a need is never MET."""
    if row.status not in NEED_STATUSES:
        return row.status
    if accepted := _accepted_quantity(row):
        met = row.quantity is not None and accepted >= row.quantity
        return NeedStatus.MET if met else NeedStatus.PARTIALLY_MET
    if row.status in MET_STATUSES and not row.delivery_lines:
        return row.status
    if any(each.status not in IDLE_STATUSES for each in row.procurements):
        return NeedStatus.IN_PROCUREMENT
    return NeedStatus.PLANNED if row.roadmap_lines else NeedStatus.VALIDATED


def _accepted_quantity(row: CapabilityNeed) -> Decimal:
    """Return the accepted quantity of a need; the database adds it up, because a need can have many lines."""
    session = object_session(row)
    if session is None:
        return row.accepted_quantity
    accepted = unrestricted(CapabilityNeed).accepted_quantity
    return Decimal(session.scalar(select(accepted).where(CapabilityNeed.id == row.id)) or 0)


def gift_status(row: Contribution) -> ContributionStatus:
    """Return the status of a gift in kind: DISBURSED if goods of it are accepted and no delivery of it is open."""
    found = {delivery.status for delivery in row.deliveries if delivery.status not in FAILED_STATUSES}
    decided = row.status is ContributionStatus.CANCELLED or row.kind is not ContributionKind.IN_KIND
    if decided or not found:
        return row.status
    if found & {*COUNTED_STATUSES} and found <= {*EXAMINED_STATUSES}:
        return ContributionStatus.DISBURSED
    arrived = found & {DeliveryStatus.RECEIVED, *COUNTED_STATUSES} and not found & {*ON_THE_WAY}
    taken_back = row.status is ContributionStatus.DISBURSED and not arrived
    return ContributionStatus.COMMITTED if taken_back else row.status


#: The rule of each type, and the lists that it reads; a type comes after those that its facts depend on.
RULES: dict[type[Entity], tuple[Callable[[Any], Enum], tuple[str, ...]]] = {
    PurchaseOrder: (order_status, ("deliveries",)),
    Procurement: (procurement_status, ("purchase_orders",)),
    CapabilityNeed: (need_status, ("delivery_lines", "procurements", "roadmap_lines")),
    Contribution: (gift_status, ("deliveries",)),
}


def status_from_facts(row: Any) -> Enum:
    """Return the status that an order, a procurement, a need or a contribution should have, from the facts."""
    rule, _ = RULES[type(row)]
    return rule(row)
