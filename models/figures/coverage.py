"""The quantities of a need: planned, ordered, in transit, received, rejected, given in kind and not yet secured."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, case, literal, or_, type_coerce

from models.derived.values import computed
from models.figures.planned import is_in_force
from models.orders.deliveries import COUNTED_STATUSES, DeliveryStatus
from models.orders.order_lines import DELIVERABLE_KINDS
from models.orders.purchase_orders import BINDING_STATUSES
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
        """Units in the lines of placed orders, also if they are delivered. Drafts and cancelled orders do not count."""
        line = need.related("order_lines")
        binding = line.join("purchase_order").status.in_(BINDING_STATUSES)
        return _sum(line, line.quantity, and_(binding, line.kind.in_(DELIVERABLE_KINDS), have_same_unit(line, need)))

    @computed("Decimal")
    @staticmethod
    def in_transit_quantity(need: RowAlias) -> Any:
        """Units of deliveries that are IN_TRANSIT. Those that are SCHEDULED have not left yet and do not count."""
        return _delivered(need, "quantity", (DeliveryStatus.IN_TRANSIT,))

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
        """Needed units that are neither ordered nor accepted in kind, at least 0; null if the need has no quantity."""
        left = need.quantity - need.ordered_quantity - need.in_kind_quantity
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
