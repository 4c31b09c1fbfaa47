"""Allocations in the contract."""

from __future__ import annotations

from typing import TYPE_CHECKING

import models
from schema.builder.entity_types import entity_type
from schema.builder.money import Money
from schema.entity import Entity

if TYPE_CHECKING:
    from schema.funding.contributions import Contribution
    from schema.planning.capability_needs import CapabilityNeed
    from schema.procurement.procurements import Procurement
    from schema.sources.sources import Source


@entity_type(models.Allocation)
class Allocation(Entity):
    """An allocation."""

    contribution: Contribution
    procurement: Procurement
    need: CapabilityNeed | None
    amount: Money
    sources: list[Source]
