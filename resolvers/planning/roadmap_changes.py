"""Declares the queries of changes between two roadmaps."""

from __future__ import annotations

from typing import Any

from models import RoadmapChange
from models.planning.roadmap_changes import CHANGED_OBJECTS, COMPARED
from resolvers.query.spec import ListArgument, QuerySpec, register_query_spec

#: It has no base in common with the entities that are stored.
_MODEL: Any = RoadmapChange

register_query_spec(
    QuerySpec(
        _MODEL,
        filterable=("id", "kind", "year", *CHANGED_OBJECTS),
        sortable=("year",),
        groupable=("kind", "year", "need"),
        list_arguments=tuple(ListArgument(name, *argument) for name, argument in COMPARED.items()),
    )
)
