"""Finds the tables that an expression reads without the condition under which their rows may be read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Alias, Boolean, ColumnClause, Select, Table, TextClause, inspect
from sqlalchemy.sql.functions import Function

from models import Base
from models.derived.relations import source_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from sqlalchemy import ColumnElement

ENTITY_TABLES = {mapper.local_table for mapper in Base.registry.mappers}
MARK = "may_be_read"


class MarkedRows:
    """An access that puts a mark on every row, which can be found again in the expression."""

    def condition(self, row: Any, known: Collection[str]) -> ColumnElement[bool]:
        """Return the mark of a row."""
        del known
        mapper = inspect(row).mapper
        key = getattr(row, mapper.get_property_by_column(mapper.primary_key[0]).key)
        return Function(MARK, key, type_=Boolean())

    def parents(self, model: type[Any]) -> frozenset[str]:
        """Return an empty set: no row is read because another is."""
        del model
        return frozenset()


def unmarked_tables(expression: Any, own: Any) -> set[str]:
    """Return the names of the tables that an expression over the row `own` reads without a mark.

    Text that reads a table is returned as it is. Link tables need no mark.
    """
    return set(_unmarked(expression, frozenset({source_of(own)})))


def _unmarked(node: Any, marked: frozenset[Any]) -> Iterator[str]:
    if isinstance(node, Select):
        marked |= {*_marks(node.whereclause)}
        yield from (_table(source).name for source in node.get_final_froms() if _is_entity(source, marked))
    elif isinstance(node, ColumnClause) and _is_entity(node.table, marked):
        yield _table(node.table).name
    elif isinstance(node, TextClause | ColumnClause) and "select" in str(node).lower():
        yield str(node)
    if _table(node) is None:
        for child in node.get_children():
            yield from _unmarked(child, marked)


def _marks(node: Any) -> Iterator[Any]:
    """Yield the aliases that a WHERE clause marks, without those that only a SELECT inside it marks."""
    if isinstance(node, Function) and node.name == MARK:
        yield from (column.table for column in node.clauses)
    elif node is not None and not isinstance(node, Select):
        for child in node.get_children():
            yield from _marks(child)


def _is_entity(source: Any, marked: frozenset[Any]) -> bool:
    return _table(source) in ENTITY_TABLES and source not in marked


def _table(source: Any) -> Any:
    """Return the table of a table or an alias of one; None for anything else."""
    found = source.element if isinstance(source, Alias) else source
    return found if isinstance(found, Table) else None
