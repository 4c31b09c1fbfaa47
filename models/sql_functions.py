"""SQL functions that the two engines spell differently."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, Integer, cast, extract
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement, GenericFunction
from sqlalchemy.types import String


def year_of(date: Any) -> Any:
    """Give the year of a date column, as an integer."""
    return cast(extract("year", date), Integer)


class joined_codes(GenericFunction[str]):  # noqa: N801 - SQL functions are written in lower case
    """The texts of a column joined by `+`, in the order of the rows; null where there are none."""

    type = String()
    inherit_cache = True


class by_code_point(FunctionElement[str]):  # noqa: N801 - SQL functions are written in lower case
    """A text to be sorted by its code points, whatever the database's own locale is."""

    type = String()
    inherit_cache = True


@compiles(by_code_point, "postgresql")
def _sorted_on_postgresql(element: Any, compiler: Any, **options: Any) -> str:
    return f'({compiler.process(element.clauses, **options)} COLLATE "C")'


@compiles(by_code_point, "sqlite")
def _sorted_on_sqlite(element: Any, compiler: Any, **options: Any) -> str:
    return str(compiler.process(element.clauses, **options))


@compiles(joined_codes, "postgresql")
def _joined_on_postgresql(element: Any, compiler: Any, **options: Any) -> str:
    return f"string_agg({compiler.process(element.clauses, **options)}, '+')"


@compiles(joined_codes, "sqlite")
def _joined_on_sqlite(element: Any, compiler: Any, **options: Any) -> str:
    return f"group_concat({compiler.process(element.clauses, **options)}, '+')"


class json_value(FunctionElement[Any]):  # noqa: N801 - SQL functions are written in lower case
    """A text that holds JSON, as the engine's own JSON."""

    type = JSON()
    inherit_cache = True


@compiles(json_value, "postgresql")
def _json_on_postgresql(element: Any, compiler: Any, **options: Any) -> str:
    return f"CAST({compiler.process(element.clauses, **options)} AS JSON)"


@compiles(json_value, "sqlite")
def _json_on_sqlite(element: Any, compiler: Any, **options: Any) -> str:
    return str(compiler.process(element.clauses, **options))
