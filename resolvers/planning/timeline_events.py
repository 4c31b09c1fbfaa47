"""Declares the queries of the timeline. Its amounts have no sums: a pledge and its payment are the same money."""

from __future__ import annotations

from typing import Any

from models import TimelineEvent
from models.planning.timeline_events import EVENT_OBJECTS
from resolvers.query.spec import QuerySpec, register_query_spec

#: It has no base in common with the entities that are stored.
_MODEL: Any = TimelineEvent

register_query_spec(
    QuerySpec(
        _MODEL,
        filterable=("id", "kind", "happened_on", "happened_by", "amount", *EVENT_OBJECTS),
        sortable=("happened_by", "happened_on", "amount"),
        groupable=("kind", "participant", "group"),
    )
)
