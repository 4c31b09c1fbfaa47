"""The objects that a clash concerns, by the type of its rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from models.funding.allocations import Allocation
from models.funding.contributions import Contribution
from models.orders.deliveries import Delivery
from models.orders.order_lines import OrderLine
from models.orders.purchase_orders import PurchaseOrder
from models.planning.capability_needs import CapabilityNeed
from models.planning.roadmaps import RoadmapLine
from models.procurement.procurements import Procurement

if TYPE_CHECKING:
    from collections.abc import Callable

    from models.derived.rows import QueriedRow

    Keys = dict[str, Any]


def _of_need(row: QueriedRow) -> Keys:
    return {"need": row.id, "group": row.group_id}


def _of_line(row: QueriedRow) -> Keys:
    return {"need": row.need_id, "roadmap": row.roadmap_id, "group": row.join("need").group_id}


def _of_procurement(row: QueriedRow) -> Keys:
    return {"procurement": row.id, "group": row.group_id, "lead": row.lead_participant_id}


def _of_contribution(row: QueriedRow) -> Keys:
    return {"contribution": row.id}


def _of_allocation(row: QueriedRow) -> Keys:
    return {**_of_procurement(row.join("procurement")), "contribution": row.contribution_id, "need": row.need_id}


def _of_order(row: QueriedRow) -> Keys:
    return {**_of_procurement(row.join("procurement")), "purchase_order": row.id}


def _of_order_line(row: QueriedRow) -> Keys:
    return {**_of_order(row.join("purchase_order")), "need": row.need_id}


def _of_delivery(row: QueriedRow) -> Keys:
    order = row.related("purchase_order")
    of_procurement = _of_procurement(order.join("procurement"))
    return {
        **{name: order.first(key, order.id) for name, key in of_procurement.items()},
        "delivery": row.id,
        "purchase_order": row.purchase_order_id,
        "contribution": row.contribution_id,
    }


#: For each type of rows, the keys of the objects that a clash on a row concerns, by the relations of `Clash`.
CONCERNED: dict[type[Any], Callable[[QueriedRow], Keys]] = {
    CapabilityNeed: _of_need,
    RoadmapLine: _of_line,
    Procurement: _of_procurement,
    Contribution: _of_contribution,
    Allocation: _of_allocation,
    PurchaseOrder: _of_order,
    OrderLine: _of_order_line,
    Delivery: _of_delivery,
}
