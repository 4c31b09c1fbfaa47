"""Coverages in the contract."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import models
from models import CoverageScope
from schema.builder.entity_types import Node, entity_type
from schema.builder.money import Money
from schema.builder.scalars import CurrencyCode

if TYPE_CHECKING:
    from schema.people.expert_groups import ExpertGroup
    from schema.people.participants import Participant
    from schema.planning.capability_needs import CapabilityArea


#: It has no base in common with the entities that are stored.
_MODEL: Any = models.Coverage


@entity_type(
    _MODEL,
    root="coverages",
    description="""What the coalition, its groups, areas and participants require and have: an object for each scope and
    currency. Scopes overlap: filter by `scope`, and never add objects of different scopes.""",
)
class Coverage(Node):
    """A coverage."""

    scope: CoverageScope
    currency: CurrencyCode | None
    group: ExpertGroup | None
    area: CapabilityArea | None
    participant: Participant | None
    count: int
    requirements: Money | None
    planned: Money | None
    funding: Money | None
    pledged: Money | None
    ordered: Money | None
    ordered_unknown: int
    unmet: Money | None
    net: Money | None
