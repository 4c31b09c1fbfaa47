"""How roadmaps and their lines may be read."""

from models import Roadmap, RoadmapLine
from resolvers.reading import Reading, readable

readable(
    Reading(
        Roadmap,
        where=(
            "id",
            "reference",
            "title",
            "status",
            "marking",
            "first_year",
            "last_year",
            "lines",
            "created_at",
            "updated_at",
        ),
        order=("reference", "title", "first_year", "last_year", "created_at", "updated_at"),
        groups=("marking", "status"),
    )
)

readable(
    Reading(
        RoadmapLine,
        where=("id", "ordinal", "year", "quarter", "planned_amount", "roadmap", "need", "created_at", "updated_at"),
        order=("ordinal", "year", "planned_amount", "created_at", "updated_at"),
        groups=("year", "roadmap"),
        sums={"planned_amount": "planned_amount"},
    )
)
