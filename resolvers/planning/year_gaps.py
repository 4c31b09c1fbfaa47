"""Declares the queries of year gaps."""

from __future__ import annotations

from typing import Any

from models import YearGap
from models.figures.gap_rows import AMOUNTS
from models.planning.year_gaps import GAP_OBJECTS
from resolvers.query.spec import QuerySpec, register_query_spec

#: It has no base in common with the entities that are stored.
_MODEL: Any = YearGap

register_query_spec(
    QuerySpec(
        _MODEL,
        filterable=("id", "kind", "year", *AMOUNTS, *GAP_OBJECTS),
        sortable=("year", "requirements", "funding", "gap"),
        groupable=("kind", "year", "need", "group", "area"),
        summable={name: name for name in AMOUNTS},
    )
)
