"""SQL functions that the two engines spell differently."""

from __future__ import annotations

from typing import Any, ClassVar, TypeVar

from sqlalchemy import JSON, Integer, cast, extract
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import String

Returned = TypeVar("Returned")


class EngineFunction(FunctionElement[Returned]):
    """A function that each engine spells in its own way.

    A subclass is declared with the SQL of both engines, in which `{0}` stands for the first argument and so on, and
    `{all}` for all of them with commas between.
    """

    spellings: ClassVar[dict[str, str]]

    def __init_subclass__(cls, *, postgresql: str, sqlite: str, **options: Any) -> None:
        """Take the SQL of both engines."""
        super().__init_subclass__(**options)
        cls.spellings = {"postgresql": postgresql, "sqlite": sqlite}
        # SQLAlchemy looks for this on each class itself.
        cls.inherit_cache = True


@compiles(EngineFunction)
def _spelled(element: EngineFunction[Any], compiler: Any, **options: Any) -> str:
    arguments = [compiler.process(each, **options) for each in element.clauses]
    # `str()` of an expression compiles it for no engine.
    spelling = element.spellings.get(compiler.dialect.name, element.spellings["postgresql"])
    return spelling.format(*arguments, all=", ".join(arguments))


def year_of(date: Any) -> Any:
    """Give the year of a date column, as an integer."""
    return cast(extract("year", date), Integer)


class joined_codes(  # noqa: N801 - SQL functions are written in lower case
    EngineFunction[str], postgresql="string_agg({0}, '+')", sqlite="group_concat({0}, '+')"
):
    """The texts of a column joined by `+`, in the order of the rows; null where there are none."""

    type = String()


class by_code_point(  # noqa: N801 - SQL functions are written in lower case
    EngineFunction[str], postgresql='({0} COLLATE "C")', sqlite="{0}"
):
    """A text to be sorted by its code points, whatever the database's own locale is."""

    type = String()


class json_value(  # noqa: N801 - SQL functions are written in lower case
    EngineFunction[Any], postgresql="CAST({0} AS JSON)", sqlite="{0}"
):
    """A text that holds JSON, as the engine's own JSON."""

    type = JSON()
