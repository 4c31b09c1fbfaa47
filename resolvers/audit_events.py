"""How the trail of changes may be read."""

from models import AuditEvent
from resolvers.query.spec import Reading, readable

readable(
    Reading(
        AuditEvent,
        where=("id", "sequence", "at", "actor", "action", "entity_type", "entity_id"),
        order=("sequence", "at"),
        groups=("action",),
    )
)
