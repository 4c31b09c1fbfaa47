"""Adds entities to a statement: every table that a query reads gets the visibility predicate of its type.

One `VisibleEntities` provides all rows of a statement, and all values that are computed from rows.
"""

from __future__ import annotations

from collections import defaultdict
from functools import partial
from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, inspect, select, true

from models import ExplanationRow, HasId
from models.derived.aliases import StatementAliases
from models.derived.relations import source_of
from models.derived.tables import Tables
from resolvers.access.visibility import visibility_parents, visibility_predicate
from resolvers.sql.lateral import lateral_row

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy import ColumnElement, SelectBase
    from sqlalchemy.engine import Dialect

    from models.derived.rows import QueriedRow
    from models.derived.tables import RowsKey
    from models.explained.declaration import Figure
    from resolvers.access.viewer_parameters import BoundClaims
    from resolvers.access.visibility_rules import ViewerClaims


#: The SELECTs of computed rows for each engine. All statements can share them, because claims are parameters: building
#: one takes longer than compiling the rest of most queries.
BOUND_ROWS: defaultdict[str, dict[RowsKey, SelectBase]] = defaultdict(dict)


class VisibleRows:
    """The access to the rows that a viewer sees."""

    def __init__(self, claims: ViewerClaims, aliases: StatementAliases) -> None:
        self._claims = claims
        self._aliases = aliases

    def condition(self, row: Any, known: Collection[str]) -> ColumnElement[bool]:
        """Return the visibility predicate of `row`; the targets of its relations `known` are visible."""
        if not issubclass(inspect(row).mapper.class_, HasId):
            # A source has no visibility of its own: it is visible together with its fact.
            return true()
        conditions, key = self._aliases.conditions(row), frozenset(known)
        if key not in conditions:
            conditions[key] = visibility_predicate(row, self._claims, known)
        return conditions[key]

    def parents(self, model: type[Any]) -> frozenset[str]:
        """Return the relations of a type whose targets must be visible for its rows to be visible."""
        return visibility_parents(model) if issubclass(model, HasId) else frozenset()


class VisibleEntities:
    """Provides one statement with the entities that the viewer sees.

    Args:
        claims: The viewer's claims.
        dialect: The engine that the statement is for.
    """

    def __init__(self, claims: BoundClaims, dialect: Dialect) -> None:
        self.claims = claims
        aliases = StatementAliases()
        share = partial(lateral_row, dialect=dialect)
        self._access = VisibleRows(claims, aliases)
        self._tables = Tables(self._access, share, BOUND_ROWS[dialect.name], aliases.new)

    def visible_alias(self, model: type[HasId]) -> tuple[Any, ColumnElement[bool]]:
        """Return a fresh alias of `model`, and the condition under which its rows are visible."""
        alias = self._tables.alias(model)
        return alias, self._access.condition(alias, ())

    def related(self, parent: Any, name: str) -> tuple[Any, ColumnElement[bool]]:
        """Return an alias for the relation `name` of `parent`, and the condition that joins its visible rows.

        `parent` represents visible rows.
        """
        query = self._tables.related(parent, name)
        return query.first, query.condition()

    def explained(self, parent: Any, figure: Figure) -> tuple[Any, ColumnElement[bool]]:
        """Return an alias for the rows that a figure of `parent` considers, and the condition that joins them.

        `parent` represents visible rows.
        """
        alias = self._tables.alias(ExplanationRow, figure)
        return alias, alias.subject_id == parent.id

    def every(self, alias: Any) -> QueriedRow:
        """Return a query of all visible rows of the type of an alias."""
        return self._tables.row(alias).every(inspect(alias).mapper.class_)

    def value(self, alias: Any, name: str) -> Any:
        """Return an attribute of an alias; a derived value is computed from the visible rows only."""
        return self._tables.value(alias, name)

    def select(self, alias: Any, *columns: Any) -> Select[*tuple[Any, ...]]:
        """Select columns from the rows of an alias, joined with the rows that its computed values need.

        SQLAlchemy adds the tables of conditions and orders to FROM, but not those inside JSON expressions. Use this
        method to select JSON expressions.
        """
        source = source_of(alias)
        return select(*columns).select_from(source, *self._tables.shared_sources(alias)).correlate_except(source)

    def clear(self) -> None:
        """Drop references to the built statement."""
        self._tables.clear()


def rows_of(alias: Any) -> Select[*tuple[Any, ...]]:
    """Select every column of an alias, each under its attribute's name."""
    mapper = inspect(alias).mapper
    columns = [getattr(alias, found.key).label(found.key) for found in mapper.column_attrs]
    return select(*columns).select_from(source_of(alias))
