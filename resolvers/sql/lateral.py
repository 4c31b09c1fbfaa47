"""A SELECT of one row of figures beside the row it is computed for: once, however many expressions read it."""

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
    """Return a SELECT that gives exactly one row, of numbers and texts, as it stands in FROM behind what it reads.

    On PostgreSQL it is LATERAL. SQLite has no LATERAL, but a function in FROM may read what comes before it, so that
    there the row is a list in JSON. SQLAlchemy's search for cartesian products does not know that it gives one row:
    render statements without it.
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
    """The rows of a list of rows in JSON."""

    inherit_cache = True


@compiles(each_row, "sqlite")
def _each_row_on_sqlite(element: each_row, compiler: Any, **options: Any) -> str:
    # A subquery that is an argument reads the rows beside the function; one in FROM would not.
    options.pop("asfrom", None)
    return f"json_each({compiler.process(element.clauses, **options)})"
