"""Declares the queries of clashes."""

from __future__ import annotations

from typing import Any

from models import Clash
from models.planning.clashes import OBJECTS
from resolvers.query.spec import QuerySpec, register_query_spec

#: It has no base in common with the entities that are stored.
_MODEL: Any = Clash

register_query_spec(
    QuerySpec(
        _MODEL,
        filterable=("id", "kind", "severity", *OBJECTS),
        sortable=("severity_rank",),
        groupable=("kind", "severity", "group", "lead"),
    )
)
