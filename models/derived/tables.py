"""The tables of a statement: visibility predicates for their rows, and figures that the statement shares.

A derived value receives a row, and reaches all other tables through this module.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from sqlalchemy import inspect, true
from sqlalchemy.orm import aliased

from models.derived.computed_rows import ComputedRows
from models.derived.queries import RowQuery
from models.derived.relations import inverse_relations, join_condition, relation_of, source_of
from models.derived.rows import RowAlias
from models.derived.values import computed, derived, figures

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, MutableMapping, Sequence

    from sqlalchemy import ColumnElement, FromClause, Select, SelectBase


#: The type of computed rows, and what they are read for: the type of the object whose relation is read, or the figure
#: that is explained; None for all rows.
RowsKey = tuple[type[Any], Any]


class RowAccess(Protocol):
    """The interface for visibility predicates."""

    def condition(self, row: Any, known: Collection[str]) -> ColumnElement[bool]:
        """Return the visibility predicate of `row`.

        Args:
            row: An alias of an entity.
            known: Relations of the row whose targets are already known to be visible.
        """
        ...

    def parents(self, model: type[Any]) -> frozenset[str]:
        """Return the relations of a type whose targets must be visible for a row to be visible."""
        ...


class EveryRow:
    """Access to every row of every type, without visibility predicates."""

    def condition(self, row: Any, known: Collection[str]) -> ColumnElement[bool]:
        """Return a condition that is always true."""
        del row, known
        return true()

    def parents(self, model: type[Any]) -> frozenset[str]:
        """Return an empty set."""
        del model
        return frozenset()


class SharedRow(NamedTuple):
    """A one-row SELECT as part of a statement: its columns, and its FROM clause if it has one."""

    columns: Mapping[str, Any]
    source: FromClause | None


def as_scalar_subqueries(selected: Select[*tuple[Any, ...]]) -> SharedRow:
    """Return the columns of a one-row SELECT, each as a separate scalar subquery."""
    columns = selected.selected_columns.items()
    return SharedRow({name: selected.with_only_columns(found).scalar_subquery() for name, found in columns}, None)


def computed_column(name: str) -> str:
    """Return the column name of a derived value that a subquery of rows has computed."""
    return f"computed_{name}"


class Tables:
    """The tables of one statement, and the derived values it has computed.

    Args:
        access: The visibility predicates.
        share: The function that adds a one-row SELECT of figures to the statement.
        computed_rows: The SELECTs of computed rows that statements with the same access and the same engine share;
            None for SELECTs of this statement only.
        new_alias: The function that returns an alias of an entity that the statement does not use yet.
    """

    def __init__(
        self,
        access: RowAccess,
        share: Callable[[Select[*tuple[Any, ...]]], SharedRow] = as_scalar_subqueries,
        computed_rows: MutableMapping[RowsKey, SelectBase] | None = None,
        new_alias: Callable[[type[Any]], Any] = aliased,
    ) -> None:
        self.access = access
        self._new_alias = new_alias
        self._share = share
        self._computed_rows = {} if computed_rows is None else computed_rows
        self._values: dict[tuple[Any, str], Any] = {}
        self._shared_sources: dict[Any, list[FromClause]] = {}

    def value(self, alias: Any, name: str) -> Any:
        """Return the attribute `name` of an entity or an alias as SQL.

        A derived value is computed from visible rows, once for each alias; derived values of an alias share figures.
        """
        if name in inspect(alias).mapper.columns:
            return getattr(alias, name)
        column = source_of(alias).c.get(computed_column(name))
        if column is not None:
            return column
        declared = getattr(alias, name)
        if not isinstance(declared, derived | figures | computed):
            return declared
        key = (inspect(alias), name)
        if key not in self._values:
            self._values[key] = declared.sql(self.row(alias))
        return self._values[key]

    def row(self, alias: Any) -> RowAlias:
        """Return the row of an entity or an alias in this statement."""
        return RowAlias(alias, self)

    def alias(self, model: type[Any], parent: Any = None) -> Any:
        """Return a new alias of an entity; of computed rows, over the subquery that computes them.

        `parent` is the type of the object whose relation is read, or the figure that is explained.
        """
        if not issubclass(model, ComputedRows):
            return self._new_alias(model)
        key = (model, parent)
        if key not in self._computed_rows:
            # Tables of its own, because other statements have the SELECT, too.
            self._computed_rows[key] = model.rows(Tables(self.access, self._share), parent)
        return aliased(model, self._computed_rows[key].subquery(), adapt_on_names=True)

    def related(self, parent: Any, name: str) -> RowQuery:
        """Return the query of the rows in the relation `name` of `parent`, which must be visible."""
        relation = relation_of(parent, name)
        target = self.alias(relation.mapper.class_, relation.parent.class_)
        # The parents of a visible row are visible.
        implied = name in self.access.parents(inspect(parent).mapper.class_)
        known = None if implied else {*inverse_relations(relation)}
        return RowQuery(self, parent, target, join_condition(parent, target, relation), known)

    def every(self, parent: Any, model: type[Any]) -> RowQuery:
        """Return the query of all rows of a type, for a derived value of `parent`."""
        return RowQuery(self, parent, self.alias(model), true(), set())

    def shared(self, parent: Any, selected: Select[*tuple[Any, ...]]) -> Mapping[str, Any]:
        """Return the columns of a SELECT with one row of figures for each row of `parent`."""
        shared = self._share(selected)
        if shared.source is not None:
            self._shared_sources.setdefault(inspect(parent), []).append(shared.source)
        return shared.columns

    def shared_sources(self, alias: Any) -> Sequence[FromClause]:
        """Return the FROM clauses that the computed values of an alias need in addition to the alias."""
        return self._shared_sources.get(inspect(alias), ())

    def clear(self) -> None:
        """Drop the computed values, which refer to parts of the statement."""
        self._values.clear()
        self._shared_sources.clear()


def unrestricted(model: Any) -> RowAlias:
    """Return a row of an entity whose derived values include all rows of other tables.

    Use it for commands and rules, which must see all rows. Queries of a viewer use `VisibleEntities`.
    """
    return Tables(EveryRow()).row(model)
