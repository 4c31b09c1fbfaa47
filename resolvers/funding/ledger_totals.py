"""Declares the queries of the published totals beside the ledger."""

from __future__ import annotations

from typing import Any

from models import LedgerTotal
from models.funding.ledger_totals import TOTAL_OBJECTS
from resolvers.query.spec import QuerySpec, register_query_spec

#: It has no base in common with the entities that are stored.
_MODEL: Any = LedgerTotal

register_query_spec(
    QuerySpec(
        _MODEL,
        filterable=("id", "stage", "kind", "donors", "until", "published", "computed", "difference", *TOTAL_OBJECTS),
        sortable=("donors", "until", "published", "difference"),
        groupable=("donors", "stage", "kind"),
    )
)
