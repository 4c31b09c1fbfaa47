"""Column types that store and sort values the same on PostgreSQL and SQLite."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING, Any, ClassVar

from sqlalchemy import BigInteger, DateTime, Integer, String, Uuid
from sqlalchemy import Enum as EnumColumn
from sqlalchemy.types import TypeDecorator

if TYPE_CHECKING:
    from sqlalchemy.engine import Dialect
    from sqlalchemy.types import TypeEngine

#: A UUID: the native type on PostgreSQL, 36 characters on SQLite; a `str` in Python on both.
KEY: TypeEngine[str] = Uuid(as_uuid=False).with_variant(String(36), "sqlite")


def text(length: int) -> TypeEngine[str]:
    """Return a text type of at most `length` characters that sorts by code point on both engines.

    The order of a locale differs between machines, which would make stored cursors invalid.
    """
    return String(length).with_variant(String(length, collation="C"), "postgresql")


CODE = text(40)
LINE = text(300)
PARAGRAPH = text(4000)
ADDRESS = text(2000)
MAILBOX = text(300)
PHONE = text(40)
CURRENCY = text(3)
COUNTRY = text(2)
#: A code of the Common Procurement Vocabulary, with its check digit: see `models/code_lists/cpv_codes.py`.
CPV = text(10)
SHA256 = text(64)
#: A code of a scheme that another column names; those of the scheme CPV are stored with their check digit.
CLASSIFICATION = text(40)


def enum_column(enum: type[Enum], name: str) -> EnumColumn:
    """Return a column type for the names of `enum`, checked by the constraint `name`.

    It does not use the native enum of PostgreSQL, because a downgrade does not remove that type.
    """
    return EnumColumn(enum, name=name, native_enum=False, create_constraint=True, length=40, validate_strings=True)


def utc_text(moment: dt.datetime) -> str:
    """Return a datetime with an offset as RFC 3339 text in UTC, with microseconds and `Z`."""
    # Not strftime: it writes years before 1000 without leading zeros, which breaks the order of the text.
    return moment.astimezone(dt.UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


class UtcDateTime(TypeDecorator[dt.datetime]):
    """A datetime in UTC: `timestamptz` on PostgreSQL, RFC 3339 text with microseconds and `Z` on SQLite."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Return the column type of the engine."""
        return dialect.type_descriptor(String(27) if dialect.name == "sqlite" else DateTime(timezone=True))

    def process_bind_param(self, value: dt.datetime | None, dialect: Dialect) -> Any:
        """Return the value to store. Raise ValueError for a datetime without an offset."""
        if value is None:
            return None
        if value.tzinfo is None:
            message = "the datetime has no offset; add an offset such as +00:00"
            raise ValueError(message)
        return utc_text(value) if dialect.name == "sqlite" else value.astimezone(dt.UTC)

    def process_result_value(self, value: Any, dialect: Dialect) -> dt.datetime | None:
        """Return the stored datetime in UTC."""
        del dialect
        if isinstance(value, str):
            return dt.datetime.fromisoformat(value)
        return value.astimezone(dt.UTC) if value is not None else None


class Fraction(TypeDecorator[int]):
    """A share from 0 to 1, stored as an integer of ten-thousandths, so that both engines compute the same digits."""

    impl = Integer
    cache_ok = True


class FixedPoint(TypeDecorator[Decimal]):
    """An exact decimal number with a fixed number of decimals, stored as a 64-bit integer of its smallest units.

    Both engines compare, sort and add the integers, so that they compute the same digits.

    Attributes:
        decimals: The number of decimals.
    """

    impl = BigInteger
    cache_ok = True
    decimals: ClassVar[int]

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Return the column type of the engine; SQLite's INTEGER has 64 bits."""
        return dialect.type_descriptor(Integer() if dialect.name == "sqlite" else BigInteger())

    def process_bind_param(self, value: Decimal | int | None, dialect: Dialect) -> int | None:
        """Return the integer to store. Raise ValueError for a number with more decimals."""
        del dialect
        return None if value is None else self.units(value)

    def process_literal_param(self, value: Decimal | int | None, dialect: Dialect) -> str:
        """Return the integer to store as SQL."""
        return str(self.process_bind_param(value, dialect))

    def process_result_value(self, value: int | None, dialect: Dialect) -> Decimal | None:
        """Return the number that an integer stores."""
        del dialect
        return None if value is None else self.number(int(value))

    @classmethod
    def units(cls, value: Decimal | int) -> int:
        """Return a number as an integer of the smallest units. Raise ValueError if it has more decimals."""
        units = Decimal(value).scaleb(cls.decimals)
        if units != units.to_integral_value():
            message = f"{value} has more than {cls.decimals} decimals"
            raise ValueError(message)
        return int(units)

    @classmethod
    def number(cls, units: int) -> Decimal:
        """Return the number of an integer of smallest units, without trailing zeros."""
        found = Decimal(units).scaleb(-cls.decimals)
        return found.quantize(Decimal(1)) if found == found.to_integral_value() else found.normalize()


class Quantity(FixedPoint):
    """A quantity with at most three decimals, such as 2.5 months, stored in thousandths."""

    cache_ok = True
    decimals = 3


class UnitPrice(FixedPoint):
    """A price of one unit in minor units of its currency with four decimals more, stored in ten-thousandths."""

    cache_ok = True
    decimals = 4


class ExchangeRate(FixedPoint):
    """An exchange rate with at most eight decimals."""

    cache_ok = True
    decimals = 8
