"""Clashes in the contract."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import models
from models import ClashSeverity
from models.planning.clashes import ClashKind
from schema.builder.entity_types import Node, entity_type

if TYPE_CHECKING:
    from schema.funding.contributions import Contribution
    from schema.orders.deliveries import Delivery
    from schema.orders.purchase_orders import PurchaseOrder
    from schema.people.expert_groups import ExpertGroup
    from schema.people.participants import Participant
    from schema.planning.capability_needs import CapabilityNeed
    from schema.planning.roadmaps import Roadmap
    from schema.procurement.procurements import Procurement


#: It has no base in common with the entities that are stored.
_MODEL: Any = models.Clash


@entity_type(
    _MODEL,
    root="clashes",
    description="What does not fit together in plans, money, orders and deliveries, the most serious first.",
)
class Clash(Node):
    """A clash."""

    kind: ClashKind  # pyright: ignore[reportInvalidTypeForm] - made of the declared kinds
    severity: ClashSeverity
    severity_rank: int
    message: str
    resolution: str
    need: CapabilityNeed | None
    procurement: Procurement | None
    purchase_order: PurchaseOrder | None
    delivery: Delivery | None
    contribution: Contribution | None
    roadmap: Roadmap | None
    group: ExpertGroup | None
    lead: Participant | None
