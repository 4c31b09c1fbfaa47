"""Declares the queries of the rows of explanations."""

from __future__ import annotations

from typing import Any

from models import ExplanationRow
from models.planning.explanations import ROW_OBJECTS
from resolvers.query.spec import QuerySpec, register_query_spec

#: It has no base in common with the entities that are stored.
_MODEL: Any = ExplanationRow

register_query_spec(
    QuerySpec(
        _MODEL,
        filterable=("counts", "reason", "quantity", "amount", *ROW_OBJECTS),
        sortable=("rank", "quantity", "amount"),
        groupable=("reason",),
        summable={"amount": "counted"},
    )
)
