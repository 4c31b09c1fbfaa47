"""The contract's scalars as the reference reads them: from the specification, not from the schema's code."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from graphql import GraphQLScalarType

from models.code_lists.countries import COUNTRIES
from models.code_lists.currencies import EXPONENTS

if TYPE_CHECKING:
    from collections.abc import Callable

    from graphql import GraphQLSchema

MAX_BIG_INT = 9_007_199_254_740_991


TOO_LARGE = "the number is too large; the largest"


def _is_too_large(text: str) -> bool:
    return re.fullmatch(r"-?\d{19,}(\.\d+)?", text, re.ASCII) is not None


def _decimal(value: Any) -> Decimal:
    if isinstance(value, str) and _is_too_large(value):
        message = f"{TOO_LARGE} amount in EUR is 10000000000000.00"
        raise ValueError(message)
    if isinstance(value, str) and re.fullmatch(r"-?\d{1,18}\.\d{9,}", value, re.ASCII):
        message = "the number has too many decimals; write at most 8"
        raise ValueError(message)
    pattern, words = r"-?\d{1,18}(\.\d{1,8})?", "write a decimal number as text, such as"
    return Decimal(_fitting(pattern, words, '"87000000.00"', str)(value))


def _fitting(pattern: str, words: str, form: str, make: Callable[[str], Any]) -> Callable[[Any], Any]:
    def read(value: Any) -> Any:
        if not isinstance(value, str):
            message = f"write it as text, such as {form}"
            raise TypeError(message)
        if not re.fullmatch(pattern, value, re.ASCII):
            message = f"{words} {form}"
            raise ValueError(message)
        return make(value)

    return read


def _moment(value: str) -> dt.datetime:
    try:
        return dt.datetime.fromisoformat(value.upper()).astimezone(dt.UTC)
    except (OverflowError, ValueError) as error:
        message = 'this date and time does not exist; write it like "2024-04-03T09:30:00Z"'
        raise ValueError(message) from error


def _big_int(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not -MAX_BIG_INT <= value <= MAX_BIG_INT:
        message = f"write a whole number between -{MAX_BIG_INT} and {MAX_BIG_INT}"
        raise ValueError(message)
    return value


def _quantity(value: Any) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        message = 'write a number, such as 10 or "2.5"'
        raise TypeError(message)
    text = str(value) if isinstance(value, str) else f"{Decimal(repr(value)):f}".removesuffix(".0")
    if not re.fullmatch(r"-?\d{1,15}(\.\d{1,3})?", text, re.ASCII):
        message = 'write a number with at most three decimals, such as 10 or "2.5"'
        if _is_too_large(text):
            message = f"{TOO_LARGE} quantity is 100000000000"
        raise ValueError(message)
    return Decimal(text)


def _cpv(value: str) -> str:
    # The random values have no code whose digit is an exception.
    digit = sum(weight * int(each) for weight, each in zip((3, 7, 1, 3, 7, 1, 3, 7), value, strict=False)) % 10
    return f"{value[:8]}-{digit}"


SCALARS: dict[str, Callable[[Any], Any]] = {
    "BigInt": _big_int,
    "CountryCode": _fitting("|".join(COUNTRIES), "write a country code that ISO 3166-1 assigns, such as", '"EE"', str),
    "CpvCode": _fitting(r"\d{8}(-\d)?", "write it like", '"32420000-3"', _cpv),
    "CurrencyCode": _fitting("|".join(EXPONENTS), "write an ISO 4217 currency code, such as", '"EUR"', str),
    "Date": _fitting(r"\d{4}-\d{2}-\d{2}", "write a date like", '"2024-04-03"', dt.date.fromisoformat),
    "DateTime": _fitting(
        r"\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:\d{2})",
        "write a date and time with its UTC offset, such as",
        '"2024-04-03T09:30:00Z"',
        _moment,
    ),
    "Decimal": _decimal,
    "Quantity": _quantity,
    "URL": _fitting(r"https?://.+", "write a web address, such as", '"https://example.org/document"', str),
}


def set_scalars(schema: GraphQLSchema) -> None:
    """Teach a schema that was built from its printed form to read the contract's scalars."""
    for name, read in SCALARS.items():
        scalar = schema.type_map[name]
        assert isinstance(scalar, GraphQLScalarType)
        scalar.coerce_input_value = read
