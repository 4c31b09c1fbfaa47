"""Comparisons that the two engines spell differently."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from sqlalchemy import ARRAY, Boolean, Integer
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import Text, TypeDecorator

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement
    from sqlalchemy.engine import Dialect
    from sqlalchemy.types import TypeEngine


class in_list(FunctionElement[bool]):  # noqa: N801 - SQL functions are written in lower case
    """Whether a value is one of a list that is bound as a single parameter."""

    type = Boolean()
    inherit_cache = True


@compiles(in_list, "postgresql")
def _in_on_postgresql(element: in_list, compiler: Any, **options: Any) -> str:
    value, values = (compiler.process(part, **options) for part in element.clauses)
    return f"({value} = ANY ({values}))"


@compiles(in_list, "sqlite")
def _in_on_sqlite(element: in_list, compiler: Any, **options: Any) -> str:
    value, values = (compiler.process(part, **options) for part in element.clauses)
    return f"({value} IN (SELECT value FROM json_each({values})))"  # noqa: S608 - both are rendered by SQLAlchemy


class ListOf(TypeDecorator[list[Any]]):
    """A list bound as one parameter: PostgreSQL's array, a JSON list on SQLite."""

    impl = Text
    cache_ok = True

    def __init__(self, item: TypeEngine[Any]) -> None:
        super().__init__()
        self.item = item

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Choose the form."""
        return Text() if dialect.name == "sqlite" else ARRAY(self.item)

    def process_bind_param(self, value: list[Any] | None, dialect: Dialect) -> Any:
        """Bring the items to the form in which the column holds them."""
        if dialect.name != "sqlite":
            return value
        processor = self.item.dialect_impl(dialect).bind_processor(dialect)
        return json.dumps([processor(item) if processor else item for item in value or ()])


class text_position(FunctionElement[int]):  # noqa: N801 - SQL functions are written in lower case
    """The place of a text within another, in lower case as far as A-Z go; 0 where it is not in it."""

    type = Integer()
    inherit_cache = True


@compiles(text_position, "postgresql")
def _place_on_postgresql(element: text_position, compiler: Any, **options: Any) -> str:
    whole, part = (compiler.process(each, **options) for each in element.clauses)
    # Under the C collation lower() knows A-Z only, as SQLite's does everywhere.
    return f'strpos(lower({whole} COLLATE "C"), {part})'


@compiles(text_position, "sqlite")
def _place_on_sqlite(element: text_position, compiler: Any, **options: Any) -> str:
    whole, part = (compiler.process(each, **options) for each in element.clauses)
    return f"instr(lower({whole}), {part})"


def is_not_distinct(left: ColumnElement[Any], right: ColumnElement[Any]) -> ColumnElement[bool]:
    """Give whether two values are equal, or both unknown.

    Not `is_not_distinct_from`: on SQLite that loses what its operands are to be rendered with.
    """
    return left.op("IS NOT DISTINCT FROM", is_comparison=True)(right)
