"""Queries over a relation: each table that enters gets the condition under which its rows may be read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, inspect, select, true
from sqlalchemy.orm import aliased

from models.derived.relations import join_condition, relation_of, source_of, ways_back

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import ColumnElement, Select

    from models.derived.tables import Tables


class RowQuery:
    """Rows that are yet to be selected: those of one type, with those that are joined to them.

    Attributes:
        parent: The entity or alias for whose rows they are selected.
        first: The alias of the type it begins with.
        known: Its aliases, each with the relations whose targets may be read for certain; None where the row itself
            may be read for certain.
    """

    def __init__(
        self, tables: Tables, parent: Any, first: Any, on: ColumnElement[bool], known: set[str] | None
    ) -> None:
        self.tables = tables
        self.parent = parent
        self.first = first
        self.known = {first: known}
        self._on = on
        self._source = source_of(first)

    def join(self, alias: Any, name: str) -> Any:
        """Join the rows that one of its aliases has in the relation `name`; return their alias."""
        relation = relation_of(alias, name)
        target = aliased(relation.mapper.class_)
        self._source = self._source.join(source_of(target), join_condition(alias, target, relation))
        known = self.known[alias]
        if name not in self.tables.access.parents(inspect(alias).mapper.class_):
            self.known[target] = {*ways_back(relation)}
        elif known is None or name in known:
            self.known[target] = None
        else:
            # The condition of the parent is part of the child's: it is asked where the parent is at hand.
            known.add(name)
            self.known[target] = set()
        return target

    def condition(self) -> ColumnElement[bool]:
        """Return the condition of its rows: those of the relation that may be read."""
        access = self.tables.access
        readable = [access.condition(alias, known) for alias, known in self.known.items() if known is not None]
        return and_(true(), self._on, *readable)

    def select(self, *columns: Any, where: Any = None) -> Select[*tuple[Any, ...]]:
        """Return the SELECT of some columns over its rows."""
        conditions = [self.condition()] if where is None else [self.condition(), where]
        sources = [source_of(alias) for alias in self.known]
        return select(*columns).select_from(self._source).where(*conditions).correlate_except(*sources)

    def shared(self, selected: Select[*tuple[Any, ...]]) -> Mapping[str, Any]:
        """Return the columns of a SELECT of one row over its rows, as the statement shares them."""
        return self.tables.shared(self.parent, selected)
