"""The rows of all clashes, as one SELECT."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from zlib import crc32

from sqlalchemy import cast, literal, null, union_all

from models.clash_kinds.concerned import CONCERNED
from models.clash_kinds.declaration import RULES, ClashSeverity
from models.derived.rows import QueriedRow
from models.sql_functions import EngineFunction
from models.types import KEY

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Select, SelectBase

    from models.clash_kinds.declaration import ClashRule
    from models.derived.tables import Tables

#: The severities, from the most serious.
SEVERITIES = list(ClashSeverity)


def kinds() -> list[str]:
    """Return the names of all kinds, sorted."""
    return sorted({rule.kind for rule in RULES})


def kind_digits(kind: str) -> str:
    """Return the four hexadecimal digits of a kind, which do not change when a kind is added."""
    return f"{crc32(kind.encode()) & 0xFFFF:04x}"


def clash_rows(tables: Tables, objects: Sequence[str], concerned: str | None = None) -> SelectBase:
    """Return the SELECT with one row for each clash.

    Args:
        tables: The tables of the statement.
        objects: The names of the objects that a clash can concern.
        concerned: The name of an object, to leave out the kinds that never concern it; None for all kinds.
    """
    selects = (_rows_of(tables, rule, objects, concerned) for rule in RULES)
    return union_all(*(each for each in selects if each is not None))


def _rows_of(tables: Tables, rule: ClashRule, objects: Sequence[str], concerned: str | None) -> Select[Any] | None:
    query = tables.every(rule.model, rule.model)
    row = QueriedRow(query.first, query)
    keys = CONCERNED[rule.model](row)
    if concerned is not None and concerned not in keys:
        return None
    where = rule.condition(row)
    columns = {
        "id": clash_key(row.id, literal(kind_digits(rule.kind))),
        "kind": literal(rule.kind),
        "severity": literal(rule.severity.name),
        "severity_rank": literal(1 + SEVERITIES.index(rule.severity)),
        "message": literal(rule.meaning),
        "resolution": literal(rule.resolution),
        **{f"{name}_id": keys.get(name, cast(null(), KEY)) for name in objects},
    }
    return query.select(*(column.label(name) for name, column in columns.items()), where=where)


class clash_key(  # noqa: N801 - SQL functions are written in lower case
    EngineFunction[str],
    postgresql="CAST({1} || substr(CAST({0} AS TEXT), 5) AS UUID)",
    sqlite="({1} || substr({0}, 5))",
):
    """The key of a clash: that of its row, with the digits of its kind in place of the first four.

    The other digits of a UUIDv7 are unique: they have the milliseconds of fifty days, and the random part.
    """

    type = KEY
