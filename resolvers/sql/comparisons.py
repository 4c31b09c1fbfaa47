"""Comparisons that the two engines spell differently."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from sqlalchemy import ARRAY, Boolean, Integer
from sqlalchemy.types import Text, TypeDecorator

from models.sql_functions import EngineFunction

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement
    from sqlalchemy.engine import Dialect
    from sqlalchemy.types import TypeEngine


class in_list(  # noqa: N801 - SQL functions are written in lower case
    EngineFunction[bool],
    postgresql="({0} = ANY ({1}))",
    sqlite="({0} IN (SELECT value FROM json_each({1})))",
):
    """Whether a value is one of a list that is bound as a single parameter."""

    type = Boolean()


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


class text_position(  # noqa: N801 - SQL functions are written in lower case
    EngineFunction[int],
    # Under the C collation lower() knows A-Z only, as SQLite's does everywhere.
    postgresql='strpos(lower({0} COLLATE "C"), {1})',
    sqlite="instr(lower({0}), {1})",
):
    """The place of a text within another, in lower case as far as A-Z go; 0 where it is not in it."""

    type = Integer()


def is_not_distinct(left: ColumnElement[Any], right: ColumnElement[Any]) -> ColumnElement[bool]:
    """Give whether two values are equal, or both unknown.

    Not `is_not_distinct_from`: on SQLite that loses what its operands are to be rendered with.
    """
    return left.op("IS NOT DISTINCT FROM", is_comparison=True)(right)
