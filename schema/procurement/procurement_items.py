"""Procurement items in the contract."""

from __future__ import annotations

from typing import TYPE_CHECKING

import models
from models import ClassificationScheme
from schema.builder.entity_types import Connection, entity_type
from schema.builder.money import Money
from schema.builder.scalars import Quantity
from schema.entity import Entity

if TYPE_CHECKING:
    from schema.planning.capability_needs import CapabilityNeed
    from schema.procurement.awards import Award
    from schema.procurement.procurements import Procurement


@entity_type(models.ProcurementItem)
class ProcurementItem(Entity):
    """An item of a procurement."""

    procurement: Procurement
    ordinal: int
    description: str
    classification_scheme: ClassificationScheme | None
    classification_code: str | None
    quantity: Quantity | None
    unit: str | None
    estimated_unit_value: Money | None
    need: CapabilityNeed | None
    awards: Connection[Award]
