"""Comparisons that differ between the two engines."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from sqlalchemy import ARRAY, Boolean, Integer, String
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import Text, TypeDecorator

from models.sql_functions import EngineFunction
from resolvers.core.text import APOSTROPHES

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement
    from sqlalchemy.engine import Dialect
    from sqlalchemy.types import TypeEngine

#: The first version of PostgreSQL with `casefold`. Older versions use `lower` with the locale of the database.
CASEFOLD_SINCE = (18,)


class in_list(  # noqa: N801 - SQL functions are written in lower case
    EngineFunction[bool],
    postgresql="({0} = ANY ({1}))",
    sqlite="({0} IN (SELECT value FROM json_each({1})))",
):
    """Whether a value is in a list that is bound as a single parameter."""

    type = Boolean()


class ListOf(TypeDecorator[list[Any]]):
    """A list bound as one parameter: an array on PostgreSQL, a JSON list on SQLite."""

    impl = Text
    cache_ok = True

    def __init__(self, item: TypeEngine[Any]) -> None:
        super().__init__()
        self.item = item

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Return the type for an engine."""
        return Text() if dialect.name == "sqlite" else ARRAY(self.item)

    def process_bind_param(self, value: list[Any] | None, dialect: Dialect) -> Any:
        """Convert the items to the form in which the column stores them."""
        if dialect.name != "sqlite":
            return value
        processor = self.item.dialect_impl(dialect).bind_processor(dialect)
        return json.dumps([processor(item) if processor else item for item in value or ()])


class comparable(FunctionElement[str]):  # noqa: N801 - SQL functions are written in lower case
    """A text without the differences of case and of apostrophes, as `resolvers.core.text.as_compared` returns it."""

    type = String()
    inherit_cache = True


@compiles(comparable, "sqlite")
def _on_sqlite(element: comparable, compiler: Any, **options: Any) -> str:
    # `resolvers/database/sqlite_driver.py` defines this function.
    return f"comparable({compiler.process(element.clauses, **options)})"


@compiles(comparable, "postgresql")
def _on_postgresql(element: comparable, compiler: Any, **options: Any) -> str:
    text, version = compiler.process(element.clauses, **options), compiler.dialect.server_version_info
    if version and version < CASEFOLD_SINCE:
        folded = f"replace(lower({text} COLLATE \"default\"), 'ß', 'ss')"
    else:
        folded = f'casefold({text} COLLATE "pg_unicode_fast")'
    return f"translate({folded}, '{APOSTROPHES}', repeat(chr(39), {len(APOSTROPHES)}))"


class text_position(  # noqa: N801 - SQL functions are written in lower case
    EngineFunction[int], postgresql="strpos({0}, {1})", sqlite="instr({0}, {1})"
):
    """The position of a text in another one; 0 if it is not found."""

    type = Integer()


def is_not_distinct(left: ColumnElement[Any], right: ColumnElement[Any]) -> ColumnElement[bool]:
    """Return whether two values are equal or both null.

    Used instead of SQLAlchemy's `is_not_distinct_from`, which on SQLite loses the render options of its operands.
    """
    return left.op("IS NOT DISTINCT FROM", is_comparison=True)(right)
