"""Declares the query of the search: its hits depend on its arguments."""

from __future__ import annotations

from typing import Any

from models import SearchHit
from resolvers.query.search_rows import search_rows
from resolvers.query.spec import QuerySpec, register_query_spec

#: It has no base in common with the entities that are stored.
_MODEL: Any = SearchHit

register_query_spec(
    QuerySpec(
        _MODEL,
        filterable=("kind", "reference", "group"),
        sortable=("rank",),
        groupable=("kind", "group"),
        rows=search_rows,
    )
)
