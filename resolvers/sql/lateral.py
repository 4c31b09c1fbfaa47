"""Joins a SELECT of one row of computed values to each row, so that several expressions can share the values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import String, column, func, literal_column, type_coerce
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from models.derived.tables import SharedRow

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Select
    from sqlalchemy.engine import Dialect
    from sqlalchemy.types import TypeEngine


def lateral_row(selected: Select[*tuple[Any, ...]], dialect: Dialect) -> SharedRow:
    """Return a SELECT of exactly one row, of numbers and texts, as an element of FROM after the tables that it reads.

    On PostgreSQL it is LATERAL. SQLite has no LATERAL, but a table-valued function in FROM can read earlier tables, so
    there the row is a JSON list. SQLAlchemy's check for cartesian products does not know that it returns one row, so
    render statements without that check.
    """
    if dialect.name == "postgresql":
        lateral = selected.lateral()
        return SharedRow(dict(lateral.c.items()), lateral)
    columns = selected.selected_columns
    row = selected.with_only_columns(func.json_array(func.json_array(*columns))).scalar_subquery()
    rows = each_row(row).table_valued(column("value", String()))
    places = enumerate(columns.items())
    return SharedRow({name: _item(rows.c.value, place, found.type) for place, (name, found) in places}, rows)


def _item(row: ColumnElement[Any], place: int, type_: TypeEngine[Any]) -> ColumnElement[Any]:
    return type_coerce(func.json_extract(row, literal_column(f"'$[{place}]'")), type_)


class each_row(FunctionElement[str]):  # noqa: N801 - SQL functions are written in lower case
    """The rows of a JSON list of rows."""

    inherit_cache = True


@compiles(each_row, "sqlite")
def _each_row_on_sqlite(element: each_row, compiler: Any, **options: Any) -> str:
    # Without `asfrom`, SQLAlchemy renders the argument as a scalar subquery, which can read the other tables in FROM.
    options.pop("asfrom", None)
    return f"json_each({compiler.process(element.clauses, **options)})"
