"""The operators of filters: how each compares, and how its value is checked and brought to the database."""

from __future__ import annotations

import json
import operator
import string
from typing import TYPE_CHECKING, Any

from sqlalchemy import ARRAY, Boolean, Integer, String
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import Text, TypeDecorator

from models.money import Money
from resolvers.attributes import Kind
from resolvers.errors import BadUserInputError
from resolvers.ids import key_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from decimal import Decimal

    from sqlalchemy import ColumnElement
    from sqlalchemy.engine import Dialect
    from sqlalchemy.types import TypeEngine

#: How many units make one: a share is kept in whole ten-thousandths.
SHARE_UNITS = 10_000

LOWER = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)


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


class place_of(FunctionElement[int]):  # noqa: N801 - SQL functions are written in lower case
    """The place of a text within another, in lower case as far as A-Z go; 0 where it is not in it."""

    type = Integer()
    inherit_cache = True


@compiles(place_of, "postgresql")
def _place_on_postgresql(element: place_of, compiler: Any, **options: Any) -> str:
    whole, part = (compiler.process(each, **options) for each in element.clauses)
    # Under the C collation lower() knows A-Z only, as SQLite's does everywhere.
    return f'strpos(lower({whole} COLLATE "C"), {part})'


@compiles(place_of, "sqlite")
def _place_on_sqlite(element: place_of, compiler: Any, **options: Any) -> str:
    whole, part = (compiler.process(each, **options) for each in element.clauses)
    return f"instr(lower({whole}), {part})"


def same(left: ColumnElement[Any], right: ColumnElement[Any]) -> ColumnElement[bool]:
    """Give whether two values are equal, or both unknown.

    Not `is_not_distinct_from`: on SQLite that loses what its operands are to be rendered with.
    """
    return left.op("IS NOT DISTINCT FROM", is_comparison=True)(right)


COMPARISONS: dict[str, Callable[[Any, Any], Any]] = {
    "eq": operator.eq,
    "in": in_list,
    "gte": operator.ge,
    "lte": operator.le,
    "contains": lambda whole, part: place_of(whole, part) > 0,
    "startsWith": lambda whole, part: place_of(whole, part) == 1,
}


def bound_type(kind: Kind, column: Any, operator_name: str) -> TypeEngine[Any]:
    """Give the type in which a filter's value is bound."""
    single: TypeEngine[Any] = String() if kind in {Kind.ENUM, Kind.TEXT} else column.type
    return ListOf(single) if operator_name == "in" else single


def converter(kind: Kind, type_name: str, operator_name: str, place: str) -> Callable[[Any], Any] | None:
    """Give what turns a coerced value into the stored form; it raises BadUserInputError naming `place`."""
    single: Callable[[Any], Any] | None = None
    if kind is Kind.KEY:
        single = lambda value: key_of(value, place, type_name)  # noqa: E731 - one of three small converters
    elif kind is Kind.SHARE:
        single = lambda value: _share(value, place)  # noqa: E731
    elif operator_name in {"contains", "startsWith"}:
        single = lambda value: value.translate(LOWER)  # noqa: E731
    if single is None or operator_name != "in":
        return single
    return lambda values: [single(value) for value in values]


def _share(value: Decimal, place: str) -> int:
    units = value * SHARE_UNITS
    if units != units.to_integral_value() or abs(units) > 2**31 - 1:
        message = f"{place} is a share: a number from 0 to 1 with at most four decimals."
        raise BadUserInputError(message)
    return int(units)


def to_minor(place: str) -> Callable[[list[Any]], int]:
    """Give what turns an amount and its currency into minor units; it raises BadUserInputError naming `place`."""

    def convert(value: list[Any]) -> int:
        amount, currency = value
        try:
            return Money.of(amount, currency).minor
        except ValueError as error:
            message = f"{place}: {error}."
            raise BadUserInputError(message) from error

    return convert
