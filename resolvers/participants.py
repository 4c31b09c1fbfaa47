"""How participants and their memberships may be read."""

from models import CoalitionMembership, Participant
from resolvers.reading import Reading, readable

readable(
    Reading(
        Participant,
        where=(
            "id",
            "code",
            "name",
            "kind",
            "country_code",
            "beneficiary",
            "memberships",
            "led_procurements",
            "attendances",
            "donations",
            "created_at",
            "updated_at",
        ),
        order=("code", "name", "created_at", "updated_at"),
        unique=("code",),
        groups=("kind", "beneficiary"),
    )
)

readable(
    Reading(
        CoalitionMembership,
        where=("id", "role", "valid_from", "valid_to", "participant", "created_at", "updated_at"),
        order=("valid_from", "valid_to", "created_at", "updated_at"),
        groups=("role", "participant"),
    )
)
