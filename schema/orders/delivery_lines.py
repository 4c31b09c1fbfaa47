"""Lines of deliveries in the contract."""

from __future__ import annotations

from typing import TYPE_CHECKING

import models
from models import Qualifier
from schema.builder.entity_types import Connection, entity_type
from schema.builder.scalars import Quantity
from schema.entity import Entity

if TYPE_CHECKING:
    from schema.orders.deliveries import Delivery
    from schema.orders.delivery_returns import DeliveryReturn
    from schema.orders.order_lines import OrderLine
    from schema.planning.capability_needs import CapabilityNeed


@entity_type(models.DeliveryLine)
class DeliveryLine(Entity):
    """A line of a delivery."""

    delivery: Delivery
    ordinal: int
    description: str
    quantity: Quantity | None
    quantity_qualifier: Qualifier
    unit: str | None
    accepted: Quantity | None
    rejected: Quantity | None
    returned: Quantity
    gift: bool
    order_line: OrderLine | None
    need: CapabilityNeed | None
    replaces: DeliveryLine | None
    replaced_by: Connection[DeliveryLine]
    returns: Connection[DeliveryReturn]
