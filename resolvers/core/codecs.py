"""Converts the values of columns to JSON and back.

Backups, public records, cursors and the inputs of mutations all use these codecs; each adds its own messages and
rules. A value has exactly one JSON form, the one that `to_json` writes: `from_json` accepts no other.
"""

from __future__ import annotations

import datetime as dt
import json
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from functools import cache
from typing import TYPE_CHECKING, Any
from uuid import UUID

from models.types import ExchangeRate, FixedPoint, Quantity, UnitPrice, utc_text
from resolvers.core.attributes import Kind, kind_of
from resolvers.core.json_file import show

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sqlalchemy import Column


def to_json(value: Any) -> Any:
    """Return the JSON form of a column's Python value."""
    if isinstance(value, Enum):
        return value.name
    if isinstance(value, dt.datetime):
        return utc_text(value)
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else f"{value.normalize():f}"
    return value


def canonical_json(values: Mapping[str, Any]) -> bytes:
    """Return these values as canonical JSON: one object, names sorted, no spaces, UTF-8.

    Raises UnicodeEncodeError for half of a surrogate pair.
    """
    written = {name: to_json(value) for name, value in values.items()}
    return json.dumps(written, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()


@dataclass(frozen=True)
class Codec:
    """Reads the values of one kind of column.

    Attributes:
        label: A description of valid values; a message uses it after "is not".
        read: Converts JSON to the Python value, or raises an error.
    """

    label: str
    read: Callable[[Any], Any]

    def from_json(self, value: Any) -> Any:
        """Return the Python value that `to_json` writes as `value`.

        Raises ValueError for any other JSON; the message quotes the value and names the valid form.
        """
        with suppress(ArithmeticError, LookupError, TypeError, ValueError):
            found = self.read(value)
            # Compared, because Python's own readers accept more than one spelling of the same date or key.
            if to_json(found) == value:
                return found
        message = f"{show(value)} is not {self.label}"
        raise ValueError(message)


def codec_for(column: Column[Any]) -> Codec:
    """Return the codec of a column's values. The caller handles null."""
    return codec_of(kind_of(column.type), getattr(column.type, "enum_class", None))


@cache
def codec_of(kind: Kind, enum: type[Enum] | None = None) -> Codec:
    """Return the codec of a kind of column; only `Kind.ENUM` needs `enum`.

    Raises LookupError for a kind without a single column, such as an amount of money.
    """
    if kind is Kind.ENUM and enum is not None:
        return Codec(f"one of {', '.join(enum.__members__)}", enum.__getitem__)
    return CODECS[kind]


def _of_type(expected: type) -> Callable[[Any], Any]:
    def read(value: Any) -> Any:
        # Not isinstance: in Python, true is also an int.
        if type(value) is not expected:
            raise TypeError
        return value

    return read


def _integer(bits: int) -> Codec:
    least, most = -(2 ** (bits - 1)), 2 ** (bits - 1) - 1

    def read(value: Any) -> int:
        if type(value) is not int or not least <= value <= most:
            raise ValueError
        return value

    return Codec(f"a whole number from {least} to {most}", read)


def _fixed_point(kind: type[FixedPoint]) -> Codec:
    def read(value: Any) -> Decimal:
        if type(value) is not int and type(value) is not str:
            raise TypeError
        found = kind.number(kind.units(Decimal(value)))
        if abs(kind.units(found)) > 2**63 - 1:
            raise ValueError
        return found

    return Codec(f'a whole number, or a text such as "2.5" with at most {kind.decimals} decimals', read)


def _key(value: Any) -> str:
    return str(UUID(_of_type(str)(value)))


CODECS: dict[Kind, Codec] = {
    Kind.BIG_INTEGER: _integer(64),
    Kind.BOOLEAN: Codec("true or false", _of_type(bool)),
    Kind.DATE: Codec("a date such as 2024-04-03", dt.date.fromisoformat),
    Kind.INTEGER: _integer(32),
    Kind.KEY: Codec("a UUID in lower case", _key),
    Kind.QUANTITY: _fixed_point(Quantity),
    Kind.UNIT_PRICE: _fixed_point(UnitPrice),
    Kind.EXCHANGE_RATE: _fixed_point(ExchangeRate),
    Kind.MOMENT: Codec("a date and time such as 2024-04-03T09:30:00.000000Z", dt.datetime.fromisoformat),
    Kind.SHARE: _integer(32),
    Kind.TEXT: Codec("a text", _of_type(str)),
    Kind.TEXTS: Codec("JSON", lambda value: value),
}
