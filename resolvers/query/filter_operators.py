"""The operators of filters: how each operator compares, and how its operand is validated and converted."""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING, Any

from sqlalchemy import String

from models.code_lists.cpv_codes import cpv_code, cpv_fault, spellings
from models.money import Money, Price
from models.types import CLASSIFICATION, CPV, UnitPrice
from resolvers.core.attributes import Kind
from resolvers.core.errors import BadUserInputError
from resolvers.core.text import as_compared, as_written
from resolvers.query.global_ids import key_from_global_id
from resolvers.sql.comparisons import ListOf, comparable, in_list, text_position

if TYPE_CHECKING:
    from collections.abc import Callable
    from decimal import Decimal

    from sqlalchemy.types import TypeEngine


#: A share is stored as an integer number of ten-thousandths.
SHARE_UNITS = 10_000


COMPARISONS: dict[str, Callable[[Any, Any], Any]] = {
    "eq": operator.eq,
    "in": in_list,
    "gte": operator.ge,
    "lte": operator.le,
    "contains": lambda whole, part: text_position(comparable(whole), part) > 0,
    "startsWith": lambda whole, part: text_position(comparable(whole), part) == 1,
}


def bound_type(kind: Kind, column: Any, operator_name: str) -> TypeEngine[Any]:
    """Return the SQL type of a filter's operand."""
    single: TypeEngine[Any] = String() if kind in {Kind.ENUM, Kind.TEXT} else column.type
    return ListOf(single) if operator_name == "in" else single


def applied_operator(stored: TypeEngine[Any] | None, operator_name: str) -> str:
    """Return the operator that compares: a code of any scheme can be one of two texts."""
    return "in" if stored is CLASSIFICATION and operator_name == "eq" else operator_name


def operand_converter(
    kind: Kind, stored: TypeEngine[Any] | None, type_name: str, operator_name: str, place: str
) -> Callable[[Any], Any] | None:
    """Return the function that converts a coerced value to its stored form, or None.

    The function raises BadUserInputError, with `place` in its message.
    """
    single: Callable[[Any], Any] | None = None
    if kind is Kind.KEY:
        single = lambda value: key_from_global_id(value, place, type_name)  # noqa: E731 - one of four small converters
    elif kind is Kind.SHARE:
        single = lambda value: _share(value, place)  # noqa: E731
    elif operator_name in {"contains", "startsWith"}:
        single = lambda value: as_compared(as_written(value))  # noqa: E731
    elif stored is CLASSIFICATION:
        return _each_spelling if operator_name == "in" else lambda value: _each_spelling([value])
    elif stored is CPV:
        single = lambda value: _cpv(value, place)  # noqa: E731
    elif kind is Kind.TEXT:
        single = as_written
    if single is None or operator_name != "in":
        return single
    return lambda values: [single(value) for value in values]


def _each_spelling(values: list[str]) -> list[str]:
    return [spelling for value in values for spelling in spellings(as_written(value))]


def _cpv(value: str, place: str) -> str:
    fault = cpv_fault(value)
    if fault:
        message = f"{place}: {fault}."
        raise BadUserInputError(message)
    return cpv_code(value)


def _share(value: Decimal, place: str) -> int:
    units = value * SHARE_UNITS
    if units != units.to_integral_value() or abs(units) > 2**31 - 1:
        message = f"{place} must be a share: a number from 0 to 1 with at most four decimals."
        raise BadUserInputError(message)
    return int(units)


def to_minor(place: str, column_type: TypeEngine[Any]) -> Callable[[list[Any]], Any]:
    """Return the function that converts an amount and its currency to minor units.

    The function raises BadUserInputError, with `place` in its message.
    """
    kind = Price if isinstance(column_type, UnitPrice) else Money

    def convert(value: list[Any]) -> Any:
        amount, currency = value
        try:
            return kind.of(amount, currency).minor
        except ValueError as error:
            message = f"{place}: {error}."
            raise BadUserInputError(message) from error

    return convert
