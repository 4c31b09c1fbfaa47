"""How expert groups and their memberships may be read."""

from models import ExpertGroup, GroupMembership
from resolvers.reading import Reading, readable

readable(
    Reading(
        ExpertGroup,
        where=(
            "id",
            "ordinal",
            "code",
            "name",
            "theme_status",
            "status",
            "documents",
            "capability_needs",
            "procurements",
            "meetings",
            "memberships",
            "created_at",
            "updated_at",
        ),
        order=("ordinal", "code", "name", "created_at", "updated_at"),
        unique=("code",),
        groups=("status", "theme_status"),
    )
)

readable(
    Reading(
        GroupMembership,
        where=("id", "role", "valid_from", "expires_on", "in_force", "group", "account", "created_at", "updated_at"),
        order=("valid_from", "expires_on", "created_at", "updated_at"),
        groups=("role", "group"),
    )
)
