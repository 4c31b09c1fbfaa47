"""Year gaps in the contract."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import models
from models import YearGapKind
from schema.builder.entity_types import Node, entity_type
from schema.builder.money import Money

if TYPE_CHECKING:
    from schema.people.expert_groups import ExpertGroup
    from schema.planning.capability_needs import CapabilityArea, CapabilityNeed
    from schema.procurement.procurements import Procurement


#: It has no base in common with the entities that are stored.
_MODEL: Any = models.YearGap


@entity_type(
    _MODEL,
    root="year_gaps",
    description="""Requirements, funding and gap of the roadmap in force: an object for each need, year and currency,
    and one for the money that the needs of a procurement share. Group them by year for totals.""",
)
class YearGap(Node):
    """A year gap."""

    kind: YearGapKind
    year: int | None
    need: CapabilityNeed | None
    procurement: Procurement | None
    group: ExpertGroup | None
    area: CapabilityArea | None
    requirements: Money | None
    funding: Money | None
    gap: Money | None
    pledged: Money | None
    gap_if_pledges_hold: Money | None
    funding_outside_requirements: Money | None
    shared: Money | None
