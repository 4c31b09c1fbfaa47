"""How published figures may be read."""

from models import PublishedFigure
from resolvers.reading import Reading, readable

readable(
    Reading(
        PublishedFigure,
        where=(
            "id",
            "reference",
            "measure",
            "value",
            "money",
            "as_of",
            "qualifier",
            "meeting",
            "contribution",
            "delivery",
            "participant",
            "created_at",
            "updated_at",
        ),
        order=("reference", "as_of", "value", "money", "created_at", "updated_at"),
        groups=("measure",),
    )
)
