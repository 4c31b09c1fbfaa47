"""Suppliers in the contract."""

from __future__ import annotations

from typing import TYPE_CHECKING

import models
from models import Marking
from schema.builder.entity_types import Connection, entity_type
from schema.builder.scalars import CountryCode
from schema.entity import Entity

if TYPE_CHECKING:
    from schema.orders.purchase_orders import PurchaseOrder
    from schema.people.expert_groups import ExpertGroup
    from schema.procurement.awards import Award
    from schema.sources.sources import Source


@entity_type(models.Supplier, root="suppliers", description="The suppliers of the procurements.")
class Supplier(Entity):
    """A supplier."""

    reference: str
    name: str
    identifier_scheme: str | None
    identifier: str | None
    country_code: CountryCode | None
    marking: Marking
    group: ExpertGroup | None
    awards: Connection[Award]
    purchase_orders: Connection[PurchaseOrder]
    sources: list[Source]
