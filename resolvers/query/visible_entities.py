"""The only way an entity enters a statement: every table that a query reads gets the visibility predicate of its type.

Rows come from one `VisibleEntities`, and so does every value that is computed from rows.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, inspect, select, true
from sqlalchemy.orm import aliased

from models import HasId
from models.derived.relations import source_of
from models.derived.tables import Tables
from resolvers.access.visibility import visibility_parents, visibility_predicate
from resolvers.sql.lateral import lateral_row

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy import ColumnElement
    from sqlalchemy.engine import Dialect

    from resolvers.access.visibility_rules import ViewerClaims


class VisibleRows:
    """The access to the rows that a viewer sees."""

    def __init__(self, claims: ViewerClaims) -> None:
        self._claims = claims

    def condition(self, row: Any, known: Collection[str]) -> ColumnElement[bool]:
        """Return the visibility predicate of `row`; the targets of its relations `known` are visible."""
        if not issubclass(inspect(row).mapper.class_, HasId):
            # A source has no visibility of its own: it is seen with the fact that it supports.
            return true()
        return visibility_predicate(row, self._claims, known)

    def parents(self, model: type[Any]) -> frozenset[str]:
        """Return the relations of a type without whose targets its rows are hidden."""
        return visibility_parents(model) if issubclass(model, HasId) else frozenset()


class VisibleEntities:
    """Gives one statement its entities, as far as the viewer sees them.

    Args:
        claims: The viewer's claims.
        dialect: The engine that the statement is for.
    """

    def __init__(self, claims: ViewerClaims, dialect: Dialect) -> None:
        self.claims = claims
        self._access = VisibleRows(claims)
        self._tables = Tables(self._access, partial(lateral_row, dialect=dialect))

    def visible_alias(self, model: type[HasId]) -> tuple[Any, ColumnElement[bool]]:
        """Return a fresh alias of `model`, and the condition under which its rows are visible."""
        alias = aliased(model)
        return alias, self._access.condition(alias, ())

    def related(self, parent: Any, name: str) -> tuple[Any, ColumnElement[bool]]:
        """Return an alias for the relation `name` of `parent`, and the condition that joins its visible rows.

        `parent` represents visible rows.
        """
        query = self._tables.related(parent, name)
        return query.first, query.condition()

    def value(self, alias: Any, name: str) -> Any:
        """Return an attribute of an alias; a derived value takes in the rows that are visible."""
        return self._tables.value(alias, name)

    def select(self, alias: Any, *columns: Any) -> Select[*tuple[Any, ...]]:
        """Select columns over the rows of an alias, with the figures that its values were computed from.

        A SELECT finds by itself what a condition or an order reads. What is inside a JSON construct it does not find:
        select that with this.
        """
        source = source_of(alias)
        return select(*columns).select_from(source, *self._tables.beside(alias)).correlate_except(source)

    def clear(self) -> None:
        """Drop references to the built statement."""
        self._tables.clear()


def rows_of(alias: Any) -> Select[*tuple[Any, ...]]:
    """Select every column of an alias, each under its attribute's name."""
    mapper = inspect(alias).mapper
    columns = [getattr(alias, found.key).label(found.key) for found in mapper.column_attrs]
    return select(*columns).select_from(source_of(alias))
