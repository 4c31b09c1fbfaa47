"""Changes between two roadmaps in the contract."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import models
from models import RoadmapChangeKind
from schema.builder.entity_types import Node, entity_type

if TYPE_CHECKING:
    from schema.planning.capability_needs import CapabilityNeed
    from schema.planning.roadmaps import RoadmapLine


#: It has no base in common with the entities that are stored.
_MODEL: Any = models.RoadmapChange


@entity_type(
    _MODEL,
    root="compare_roadmaps",
    description="The changes from one roadmap to another; null if the viewer does not see both.",
)
class RoadmapChange(Node):
    """A change between two roadmaps."""

    kind: RoadmapChangeKind
    year: int
    need: CapabilityNeed
    line_before: RoadmapLine | None
    line_after: RoadmapLine | None
