"""Declares the queries of coverages. They have no sums, because scopes overlap."""

from __future__ import annotations

from typing import Any

from models import Coverage
from models.figures.coverage_rows import AMOUNTS
from models.planning.coverages import COVERED_OBJECTS
from resolvers.query.spec import QuerySpec, register_query_spec

#: It has no base in common with the entities that are stored.
_MODEL: Any = Coverage

register_query_spec(
    QuerySpec(
        _MODEL,
        filterable=("id", "scope", "currency", "count", "ordered_unknown", *AMOUNTS, *COVERED_OBJECTS),
        sortable=("currency", "requirements", "funding", "unmet", "net"),
    )
)
