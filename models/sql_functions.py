"""SQL functions with a different SQL on PostgreSQL and SQLite."""

from __future__ import annotations

from typing import Any, ClassVar, TypeVar

from sqlalchemy import Integer, cast, extract
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import String

Returned = TypeVar("Returned")


class EngineFunction(FunctionElement[Returned]):
    """A SQL function that PostgreSQL and SQLite write differently.

    A subclass is declared with one template for each engine. In a template, `{0}` is the first argument, `{1}` the
    second, and `{all}` all arguments joined by commas.
    """

    spellings: ClassVar[dict[str, str]]

    def __init_subclass__(cls, *, postgresql: str, sqlite: str, **options: Any) -> None:
        """Store the templates of both engines."""
        super().__init_subclass__(**options)
        cls.spellings = {"postgresql": postgresql, "sqlite": sqlite}
        # SQLAlchemy does not inherit this attribute.
        cls.inherit_cache = True


@compiles(EngineFunction)
def _spelled(element: EngineFunction[Any], compiler: Any, **options: Any) -> str:
    arguments = [compiler.process(each, **options) for each in element.clauses]
    # `str()` of an expression compiles it for no engine.
    spelling = element.spellings.get(compiler.dialect.name, element.spellings["postgresql"])
    return spelling.format(*arguments, all=", ".join(arguments))


def year_of(date: Any) -> Any:
    """Return the year of a date column, as an integer."""
    return cast(extract("year", date), Integer)


class joined_codes(  # noqa: N801 - SQL functions are written in lower case
    EngineFunction[str], postgresql="string_agg({0}, '+')", sqlite="group_concat({0}, '+')"
):
    """The texts of a column joined by `+`, in row order; null if there are no rows."""

    type = String()


class by_code_point(  # noqa: N801 - SQL functions are written in lower case
    EngineFunction[str], postgresql='({0} COLLATE "C")', sqlite="{0}"
):
    """A text that sorts by code point, independent of the locale of the database."""

    type = String()


class days_between(  # noqa: N801 - SQL functions are written in lower case
    EngineFunction[int], postgresql="({0} - {1})", sqlite="CAST(julianday({0}) - julianday({1}) AS INTEGER)"
):
    """The number of days from the second date to the first."""

    type = Integer()
