"""Declares the queries of the audit log."""

from models import AuditEvent
from resolvers.query.spec import QuerySpec, register_query_spec

register_query_spec(
    QuerySpec(
        AuditEvent,
        filterable=("id", "sequence", "at", "actor", "action", "entity_type", "entity_id"),
        sortable=("sequence", "at"),
        groupable=("action",),
    )
)
