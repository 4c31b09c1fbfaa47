"""The quantities of a need: planned, ordered, in transit, received, rejected, given in kind and not yet secured."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, case, literal, or_, type_coerce

from models.derived.values import computed
from models.figures.planned import is_in_force
from models.orders.deliveries import COUNTED_STATUSES, DeliveryStatus
from models.orders.order_counts import counted, of_ended_order
from models.orders.order_lines import DELIVERABLE_KINDS
from models.types import Quantity
from models.units import have_same_unit

if TYPE_CHECKING:
    from models.derived.rows import QueriedRow, RowAlias

#: The deliveries that were inspected.
EXAMINED_STATUSES = (*COUNTED_STATUSES, DeliveryStatus.REJECTED)

#: The deliveries that arrived.
RECEIVED_STATUSES = (DeliveryStatus.RECEIVED, *EXAMINED_STATUSES)


class HasCoverage:
    """A need with the quantities that cover it. Lines with another unit than the need's do not count."""

    @computed("Decimal")
    @staticmethod
    def planned_quantity(need: RowAlias) -> Any:
        """Units in the lines of the roadmap in force. Lines that state no quantity do not count."""
        line = need.related("roadmap_lines")
        return _sum(line, line.quantity, and_(is_in_force(line, need), have_same_unit(line, need)))

    @computed("Decimal")
    @staticmethod
    def ordered_quantity(need: RowAlias) -> Any:
        """Units in the lines of placed orders, also if they are delivered. Drafts and cancelled orders do not count.

        An order that is CLOSED or TERMINATED counts with the units that were accepted and not returned.
        """
        line = need.related("order_lines")
        count = counted(line, line.join("purchase_order"))
        own = and_(count.binds, line.kind.in_(DELIVERABLE_KINDS), have_same_unit(line, need))
        return _sum(line, count.quantity, own)

    @computed("Decimal")
    @staticmethod
    def in_transit_quantity(need: RowAlias) -> Any:
        """Units of deliveries that are IN_TRANSIT. Those that are SCHEDULED have not left yet and do not count.

        Deliveries of orders that have ended do not count either, because they can no longer be received.
        """
        line = need.related("delivery_lines")
        delivery = line.join("delivery")
        is_expected = and_(delivery.status == DeliveryStatus.IN_TRANSIT, ~of_ended_order(delivery))
        return _sum(line, line.quantity, and_(is_expected, have_same_unit(line, need)))

    @computed("Decimal")
    @staticmethod
    def received_quantity(need: RowAlias) -> Any:
        """Units received so far, whether they are inspected or not."""
        return _delivered(need, "quantity", RECEIVED_STATUSES)

    @computed("Decimal")
    @staticmethod
    def rejected_quantity(need: RowAlias) -> Any:
        """Units rejected so far."""
        return _delivered(need, "rejected", EXAMINED_STATUSES)

    @computed("Decimal")
    @staticmethod
    def in_kind_quantity(need: RowAlias) -> Any:
        """Units accepted without a purchase order; part of the accepted units."""
        line = need.related("delivery_lines")
        counted = line.join("delivery").status.in_(COUNTED_STATUSES)
        ordered = line.related("order_line").exists()
        return _sum(line, line.accepted - line.returned, and_(counted, ~ordered, have_same_unit(line, need)))

    @computed("Decimal | None")
    @staticmethod
    def not_yet_secured_quantity(need: RowAlias) -> Any:
        """Needed units that are neither ordered nor accepted, at least 0; null if the need has no quantity.

        Units that are accepted in kind, or beyond an order as a gift, are not ordered and are secured.
        """
        line = need.related("delivery_lines")
        is_gift = and_(line.gift, line.related("order_line").exists(), have_same_unit(line, need))
        is_accepted = line.join("delivery").status.in_(COUNTED_STATUSES)
        gifts = _sum(line, line.accepted - line.returned, and_(is_accepted, is_gift))
        left = need.quantity - need.ordered_quantity - need.in_kind_quantity - gifts
        return type_coerce(case((left < 0, literal(0)), else_=left), Quantity())


def _delivered(need: RowAlias, name: str, statuses: tuple[DeliveryStatus, ...]) -> Any:
    line = need.related("delivery_lines")
    arrived = line.join("delivery").status.in_(statuses)
    return _sum(line, getattr(line, name), and_(arrived, have_same_unit(line, need)))


def _sum(line: QueriedRow, quantity: Any, where: Any) -> Any:
    return type_coerce(line.filtered_sum(quantity, where), Quantity())


def counts_towards(line: QueriedRow, need: RowAlias) -> Any:
    """Return the condition that the cost of an order line counts: freight and discounts need no unit."""
    return or_(line.kind.not_in(DELIVERABLE_KINDS), have_same_unit(line, need))
