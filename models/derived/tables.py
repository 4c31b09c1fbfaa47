"""The way of a statement to tables: which rows it may read, and how the figures it computes enter it.

A derived value knows of neither; it is given a row, whose relations lead through here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from sqlalchemy import inspect, true
from sqlalchemy.orm import aliased

from models.derived.queries import RowQuery
from models.derived.relations import join_condition, relation_of, source_of, ways_back
from models.derived.rows import RowAlias
from models.derived.values import derived, figures

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from sqlalchemy import ColumnElement, FromClause, Select


class RowAccess(Protocol):
    """Says which rows of each type a statement may read."""

    def condition(self, row: Any, known: Collection[str]) -> ColumnElement[bool]:
        """Return the condition under which `row` may be read.

        Args:
            row: An alias of an entity.
            known: Relations of the row whose targets may be read, as the statement already makes sure.
        """
        ...

    def parents(self, model: type[Any]) -> frozenset[str]:
        """Return the relations of a type without whose targets its rows may not be read."""
        ...


class EveryRow:
    """The access to every row of every type."""

    def condition(self, row: Any, known: Collection[str]) -> ColumnElement[bool]:
        """Return a condition that always holds."""
        del row, known
        return true()

    def parents(self, model: type[Any]) -> frozenset[str]:
        """Return none."""
        del model
        return frozenset()


class SharedRow(NamedTuple):
    """A SELECT of one row of figures as it enters a statement: its columns, and what represents it in FROM, if any."""

    columns: Mapping[str, Any]
    source: FromClause | None


def each_by_itself(selected: Select[*tuple[Any, ...]]) -> SharedRow:
    """Return the columns of a SELECT of one row, each as a subquery that computes it alone."""
    columns = selected.selected_columns.items()
    return SharedRow({name: selected.with_only_columns(found).scalar_subquery() for name, found in columns}, None)


def computed_column(name: str) -> str:
    """Return the name under which a subquery of rows holds a derived value that it has computed."""
    return f"computed_{name}"


class Tables:
    """Through which one statement reaches tables, and the derived values it has computed from them.

    Args:
        access: Which rows it may read.
        share: How a SELECT of one row of figures enters the statement.
    """

    def __init__(
        self,
        access: RowAccess,
        share: Callable[[Select[*tuple[Any, ...]]], SharedRow] = each_by_itself,
    ) -> None:
        self.access = access
        self._share = share
        self._values: dict[tuple[Any, str], Any] = {}
        self._beside: dict[Any, list[FromClause]] = {}

    def value(self, alias: Any, name: str) -> Any:
        """Return the attribute `name` of an entity or an alias as SQL.

        A derived value is computed from the rows that may be read, and only once for an alias: figures it builds on
        are shared with the others of that alias.
        """
        if name in inspect(alias).mapper.columns:
            return getattr(alias, name)
        computed = source_of(alias).c.get(computed_column(name))
        if computed is not None:
            return computed
        declared = getattr(alias, name)
        if not isinstance(declared, derived | figures):
            return declared
        key = (inspect(alias), name)
        if key not in self._values:
            self._values[key] = declared.sql(self.row(alias))
        return self._values[key]

    def row(self, alias: Any) -> RowAlias:
        """Return an entity or an alias as a row of this statement."""
        return RowAlias(alias, self)

    def related(self, parent: Any, name: str) -> RowQuery:
        """Return the query of the rows that `parent`, which may be read itself, has in its relation `name`."""
        relation = relation_of(parent, name)
        target = aliased(relation.mapper.class_)
        # A row that may be read has parents that may be read.
        implied = name in self.access.parents(inspect(parent).mapper.class_)
        known = None if implied else {*ways_back(relation)}
        return RowQuery(self, parent, target, join_condition(parent, target, relation), known)

    def every(self, parent: Any, model: type[Any]) -> RowQuery:
        """Return the query of all rows of a type, for a value of `parent`."""
        return RowQuery(self, parent, aliased(model), true(), set())

    def shared(self, parent: Any, selected: Select[*tuple[Any, ...]]) -> Mapping[str, Any]:
        """Return the columns of a SELECT that gives one row of figures for each row of `parent`."""
        shared = self._share(selected)
        if shared.source is not None:
            self._beside.setdefault(inspect(parent), []).append(shared.source)
        return shared.columns

    def beside(self, alias: Any) -> Sequence[FromClause]:
        """Return what the values of an alias that were computed so far are read from, beside the alias, in FROM."""
        return self._beside.get(inspect(alias), ())

    def clear(self) -> None:
        """Drop the computed values, which refer to the statement's parts."""
        self._values.clear()
        self._beside.clear()


def unrestricted(model: Any) -> RowAlias:
    """Return a row of an entity whose derived values take in every row of other tables.

    For commands and rules, which weigh all there is. An answer to a viewer reads through `VisibleEntities`.
    """
    return Tables(EveryRow()).row(model)
