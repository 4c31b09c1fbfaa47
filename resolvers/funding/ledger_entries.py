"""Declares the queries of the ledger."""

from __future__ import annotations

from typing import Any

from models import LedgerEntry
from models.figures.ledger_rows import AMOUNTS
from models.funding.ledger_entries import LEDGER_OBJECTS
from resolvers.query.spec import QuerySpec, register_query_spec

#: It has no base in common with the entities that are stored.
_MODEL: Any = LedgerEntry

register_query_spec(
    QuerySpec(
        _MODEL,
        filterable=("id", "kind", "status", "year", "announced_by", "donors", *AMOUNTS, *LEDGER_OBJECTS),
        sortable=("donors", "year", "announced_by", "announced", "unallocated", "available_for_orders"),
        groupable=("donors", "participant", "year", "kind", "status"),
        summable={name: name for name in AMOUNTS},
    )
)
