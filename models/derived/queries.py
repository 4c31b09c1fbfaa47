"""Queries over a relation; every table in them gets its visibility predicate."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, inspect, select, true

from models.derived.relations import inverse_relations, join_condition, relation_of, source_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import ColumnElement, Select

    from models.derived.tables import Tables


class RowQuery:
    """A query of the rows of one type and the rows joined to them.

    Attributes:
        parent: The entity or alias that the query belongs to.
        first: The alias of the first table.
        known: For each alias, the relations whose targets are known to be visible; None if the row itself is known
            to be visible.
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
        """Join the relation `name` of an alias of the query; return the alias of its target."""
        relation = relation_of(alias, name)
        target = self.tables.alias(relation.mapper.class_)
        self._source = self._source.join(source_of(target), join_condition(alias, target, relation))
        known = self.known[alias]
        if name not in self.tables.access.parents(inspect(alias).mapper.class_):
            self.known[target] = {*inverse_relations(relation)}
        elif known is None or name in known:
            self.known[target] = None
        else:
            # The predicate of the child includes that of its parent, so it is checked once, on the parent.
            known.add(name)
            self.known[target] = set()
        return target

    def condition(self) -> ColumnElement[bool]:
        """Return the condition of the query: the join with its parent, and the visibility predicates."""
        access = self.tables.access
        readable = [access.condition(alias, known) for alias, known in self.known.items() if known is not None]
        return and_(true(), self._on, *readable)

    def select(self, *columns: Any, where: Any = None) -> Select[*tuple[Any, ...]]:
        """Return a SELECT of `columns` from the rows of the query."""
        conditions = [self.condition()] if where is None else [self.condition(), where]
        sources = [source_of(alias) for alias in self.known]
        return select(*columns).select_from(self._source).where(*conditions).correlate_except(*sources)

    def shared(self, selected: Select[*tuple[Any, ...]]) -> Mapping[str, Any]:
        """Return the columns of a one-row SELECT, shared within the statement."""
        return self.tables.shared(self.parent, selected)
