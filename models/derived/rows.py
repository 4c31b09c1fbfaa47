"""The interface for the SQL of derived values: a row with SQL expressions as attributes, and its related rows."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, TypeAlias

from sqlalchemy import BigInteger, cast, func, inspect, select

from models.sql_functions import joined_codes

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Select, Subquery

    from models.derived.queries import RowQuery
    from models.derived.tables import Tables

#: The figures of one SELECT: SQL expressions as attributes.
Figures: TypeAlias = Any


class RowAlias:
    """A row in SQL: its attributes are SQL expressions, including derived values."""

    def __init__(self, alias: Any, tables: Tables) -> None:
        self._alias = alias
        self._tables = tables

    def __getattr__(self, name: str) -> Any:
        """Return the attribute or figures `name`. Raise AttributeError for a relation: use `related`."""
        if name in inspect(self._alias).mapper.relationships:
            message = f"{name} is a relation: use related({name!r}), which applies the visibility predicates"
            raise AttributeError(message)
        return self._tables.value(self._alias, name)

    def related(self, name: str) -> QueriedRow:
        """Return a query of the rows in the relation `name`, for counts and sums per row."""
        query = self._tables.related(self._alias, name)
        return QueriedRow(query.first, query)

    def every(self, model: type[Any]) -> QueriedRow:
        """Return a query of all rows of a type."""
        query = self._tables.every(self._alias, model)
        return QueriedRow(query.first, query)


class QueriedRow(RowAlias):
    """A row of a query, with the aggregates that end the query; `where` is a condition on its rows."""

    def __init__(self, alias: Any, query: RowQuery) -> None:
        super().__init__(alias, query.tables)
        self._query = query

    def join(self, name: str) -> QueriedRow:
        """Join the relation `name` to the query."""
        return QueriedRow(self._query.join(self._alias, name), self._query)

    def exists(self, where: Any = None) -> ColumnElement[bool]:
        """Return the SQL condition that the query has a row."""
        return self._query.select(self.id, where=where).exists()

    def figures(self, where: Any = None, **columns: Any) -> Figures:
        """Return named aggregates of the rows, all computed by one SELECT."""
        selected = self._query.select(*(column.label(name) for name, column in columns.items()), where=where)
        return SimpleNamespace(**self._query.shared(selected))

    def groups(self, *by: Any, where: Any = None, **columns: Any) -> Subquery:
        """Return a subquery with one row of named aggregates for each group of rows, for `figures_of`."""
        labelled = [column.label(name) for name, column in columns.items()]
        return self._query.select(*labelled, where=where).group_by(*by).subquery()

    def figures_of(self, groups: Subquery, **columns: Any) -> Figures:
        """Return named aggregates of the rows of `groups`, all computed by one SELECT."""
        selected = select(*(column.label(name) for name, column in columns.items())).select_from(groups)
        return SimpleNamespace(**self._query.shared(selected.correlate_except(groups)))

    def amounts_of(self, groups: Subquery, minor: Any, currency: Any, where: Any) -> Select[*tuple[Any, ...]]:
        """Return a SELECT of the sums of an amount of `groups`: one row for each currency, as `amounts` does."""
        selected = select(func.sum(minor).label("minor"), currency.label("currency")).select_from(groups)
        return selected.where(where).group_by(currency).correlate_except(groups)

    def first(self, value: Any, *order: Any, where: Any = None) -> ColumnElement[Any]:
        """Return a value of the first row in an order; null if there are no rows."""
        return self._query.select(value, where=where).order_by(*order).limit(1).scalar_subquery()

    def scalar(self, value: Any, where: Any = None) -> ColumnElement[Any]:
        """Return an aggregate of the rows as a subquery of its own: a CASE computes it only where it needs it."""
        return self._query.select(value, where=where).scalar_subquery()

    def sum(self, value: Any, where: Any = None) -> Any:
        """Return the sum of a value; 0 if there are no rows."""
        return self.figures(where, total=total(value)).total

    def filtered_sum(self, value: Any, only: Any, where: Any = None) -> Any:
        """Return the sum of a value over the rows that meet `only`; 0 if there are none.

        Use it for conditions that many rows of the table meet, such as a currency or a status. In WHERE, a planner
        without statistics would begin with all of these rows, for each row of the statement.
        """
        return self.figures(where, total=total(value, only)).total

    def codes(self, code: Any) -> Any:
        """Return the sorted texts of a column, joined by `+`; null if there are no rows."""
        codes = self._query.select(code.label("code")).order_by(code).subquery()
        joined = select(joined_codes(codes.c.code).label("codes")).select_from(codes)
        return self._query.shared(joined)["codes"]

    def amounts(self, name: str, where: Any = None) -> Select[*tuple[Any, ...]]:
        """Return a SELECT of the sums of an amount: one row of `minor` and `currency` for each currency."""
        minor, currency = getattr(self, f"{name}_minor"), getattr(self, f"{name}_currency")
        selected = self._query.select(func.sum(minor).label("minor"), currency.label("currency"), where=where)
        return selected.where(minor.is_not(None)).group_by(currency)


def total(value: Any, where: Any = None) -> ColumnElement[int]:
    """Return the SQL sum of a value, as a 64-bit integer on both engines; 0 if there are no rows."""
    added = func.sum(value)
    return cast(func.coalesce(added if where is None else added.filter(where), 0), BigInteger)
