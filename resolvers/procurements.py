"""How procurements may be read."""

from models import Procurement
from resolvers.reading import Reading, readable

readable(
    Reading(
        Procurement,
        where=(
            "id",
            "ocid",
            "reference",
            "title",
            "status",
            "marking",
            "method",
            "category",
            "cpv_code",
            "planned_year",
            "approved_on",
            "estimated_value",
            "is_overdue",
            "group",
            "procuring_entity",
            "lead_participant",
            "needs",
            "purchase_orders",
            "allocations",
            "funders",
            "created_at",
            "updated_at",
        ),
        order=("reference", "title", "planned_year", "approved_on", "estimated_value", "created_at", "updated_at"),
        groups=(
            "marking",
            "status",
            "method",
            "category",
            "planned_year",
            "group",
            "procuring_entity",
            "lead_participant",
        ),
        sums={"estimated_value": "estimated_value"},
    )
)
