"""How capability areas and needs may be read."""

from models import CapabilityArea, CapabilityNeed
from resolvers.reading import Reading, readable

readable(
    Reading(
        CapabilityArea,
        where=("id", "code", "name", "named_on", "needs", "created_at", "updated_at"),
        order=("code", "name", "named_on", "created_at", "updated_at"),
        unique=("code",),
    )
)

readable(
    Reading(
        CapabilityNeed,
        where=(
            "id",
            "reference",
            "title",
            "status",
            "marking",
            "priority",
            "quantity",
            "cpv_code",
            "needed_by",
            "estimated_cost",
            "accepted_quantity",
            "outstanding_quantity",
            "fulfilment",
            "area",
            "group",
            "requested_by",
            "procurements",
            "roadmap_lines",
            "created_at",
            "updated_at",
        ),
        order=(
            "reference",
            "title",
            "priority_rank",
            "quantity",
            "needed_by",
            "estimated_cost",
            "outstanding_quantity",
            "fulfilment",
            "created_at",
            "updated_at",
        ),
        groups=("marking", "status", "priority", "area", "group", "requested_by"),
        sums={"estimated_cost": "estimated_cost"},
    )
)
