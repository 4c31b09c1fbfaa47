"""How accounts may be read."""

from models import Account
from resolvers.reading import Reading, readable

readable(
    Reading(
        Account,
        where=("id", "display_name", "participant", "group_memberships", "created_at", "updated_at"),
        order=("display_name", "created_at", "updated_at"),
    )
)
