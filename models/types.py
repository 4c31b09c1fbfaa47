"""Column types that hold and sort the same on PostgreSQL and SQLite."""

from __future__ import annotations

import datetime as dt
from enum import Enum
from typing import TYPE_CHECKING, Any

from sqlalchemy import DateTime, Integer, String, Uuid
from sqlalchemy import Enum as EnumColumn
from sqlalchemy.types import TypeDecorator

if TYPE_CHECKING:
    from sqlalchemy.engine import Dialect
    from sqlalchemy.types import TypeEngine

#: A UUID: PostgreSQL's own type, the canonical 36 characters on SQLite; a `str` in Python on both.
KEY: TypeEngine[str] = Uuid(as_uuid=False).with_variant(String(36), "sqlite")


def text(length: int) -> TypeEngine[str]:
    """Give a text type of at most `length` characters that sorts by code point on both engines.

    A locale's order differs between machines, and with it the meaning of a stored cursor.
    """
    return String(length).with_variant(String(length, collation="C"), "postgresql")


CODE = text(40)
LINE = text(300)
PARAGRAPH = text(4000)
ADDRESS = text(2000)
MAILBOX = text(300)
CURRENCY = text(3)
COUNTRY = text(2)
CPV = text(10)


def enum_column(enum: type[Enum], name: str) -> EnumColumn:
    """Give the type of a column that holds one of `enum`'s names, checked by the constraint `name`.

    Not PostgreSQL's native enum: that type survives a downgrade.
    """
    return EnumColumn(enum, name=name, native_enum=False, create_constraint=True, length=40, validate_strings=True)


def utc_text(moment: dt.datetime) -> str:
    """Return a moment with an offset as RFC 3339 text in UTC, with six decimals of the second and `Z`."""
    # Not strftime: it writes years before 1000 without their zeros, and text sorts by its characters.
    return moment.astimezone(dt.UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


class UtcDateTime(TypeDecorator[dt.datetime]):
    """A moment in UTC: `timestamptz` on PostgreSQL, RFC 3339 text with six decimals and `Z` on SQLite."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Choose the stored form."""
        return dialect.type_descriptor(String(27) if dialect.name == "sqlite" else DateTime(timezone=True))

    def process_bind_param(self, value: dt.datetime | None, dialect: Dialect) -> Any:
        """Take a moment with an offset. Raises ValueError for one without."""
        if value is None:
            return None
        if value.tzinfo is None:
            message = "a moment needs its offset from UTC"
            raise ValueError(message)
        return utc_text(value) if dialect.name == "sqlite" else value.astimezone(dt.UTC)

    def process_result_value(self, value: Any, dialect: Dialect) -> dt.datetime | None:
        """Give the moment in UTC."""
        del dialect
        if isinstance(value, str):
            return dt.datetime.fromisoformat(value)
        return value.astimezone(dt.UTC) if value is not None else None


class Fraction(TypeDecorator[int]):
    """A share from 0 to 1, kept and computed as whole ten-thousandths, so that both engines agree to the last digit."""

    impl = Integer
    cache_ok = True
