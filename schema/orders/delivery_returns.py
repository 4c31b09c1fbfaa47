"""Returns of accepted goods in the contract."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import models
from schema.builder.entity_types import entity_type
from schema.builder.scalars import Quantity
from schema.entity import Entity

if TYPE_CHECKING:
    from schema.orders.delivery_lines import DeliveryLine


@entity_type(models.DeliveryReturn, root="delivery_returns", description="The returns of accepted goods.")
class DeliveryReturn(Entity):
    """A return."""

    delivery_line: DeliveryLine
    number: int
    quantity: Quantity
    returned_on: dt.date
    reason: str
    corrects: int | None
