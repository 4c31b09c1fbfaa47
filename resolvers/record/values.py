"""How a value of a file is read into the columns of a field, and what is said of a bad one."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from typing import Any, cast

from sqlalchemy import JSON, BigInteger, Boolean, Column, Date, Enum, Integer

from models import classified_label
from models.money import Money
from resolvers.core.json_file import show

#: One field: its column, or the two columns of an amount.
Field = Sequence[Column[Any]]


DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


#: No longer than decimal arithmetic keeps exactly.
AMOUNT = re.compile(r"\d{1,18}(\.\d{1,9})?", re.ASCII)


UNFIT = re.compile("[\0\ud800-\udfff]")


class RecordError(ValueError):
    """The record cannot be loaded; the message is one line that says where the fault is and what it is."""


def read(field: Field, value: Any) -> dict[str, Any]:
    """Give what `value` puts into the columns of `field`, by their names.

    Raises ValueError saying what is wrong with the value.
    """
    if value is None:
        _refuse(not all(column.nullable for column in field), "null, where a value must stand")
        return dict.fromkeys((column.name for column in field), None)
    if len(field) > 1:
        return dict(zip((column.name for column in field), _amount(value), strict=True))
    return {field[0].name: _value(field[0], value)}


def _refuse(fault: object, message: str) -> None:
    if fault:
        raise ValueError(message)


def _expect(holds: object, value: object, expected: str) -> None:
    _refuse(not holds, f"{show(value)} is not {expected}")


def _amount(value: Any) -> Money:
    expected = 'an amount such as {"amount": "1250.50", "currency": "EUR"}'
    _expect(isinstance(value, dict) and value.keys() == {"amount", "currency"}, value, expected)
    amount, currency = value["amount"], value["currency"]
    _expect(isinstance(amount, str) and AMOUNT.fullmatch(amount), amount, "a decimal number in quotes, without a sign")
    _expect(isinstance(currency, str) and len(currency) == 3, currency, "a currency of ISO 4217")  # noqa: PLR2004
    return Money.of(amount, currency)


def _value(column: Column[Any], value: Any) -> Any:
    kind = column.type
    if isinstance(value, str) and (label := classified_label(value)):
        _refuse(label, f"{label} marks classified information, for which this system is not accredited")
    if isinstance(kind, Enum):
        _expect(isinstance(value, str) and value in kind.enums, value, f"one of {', '.join(kind.enums)}")
        return cast("Any", kind.enum_class)[value]
    if isinstance(kind, Boolean):
        _expect(isinstance(value, bool), value, "true or false")
        return value
    if isinstance(kind, Integer):
        return _number(value, 2 ** (63 if isinstance(kind, BigInteger) else 31))
    if isinstance(kind, Date):
        return _day(value)
    if isinstance(kind, JSON):
        _expect(isinstance(value, list), value, "a list of texts")
        return [_text(item, None) for item in value]
    return _text(value, getattr(kind, "length", None))


def _number(value: Any, limit: int) -> int:
    # In Python `true` is a whole number too.
    _expect(isinstance(value, int) and not isinstance(value, bool), value, "a whole number")
    _expect(-limit <= value < limit, value, f"below {limit}, the most that can be kept")
    return cast("int", value)


def _day(value: Any) -> dt.date:
    expected = "a date such as 2024-04-03"
    _expect(isinstance(value, str) and DAY.fullmatch(value), value, expected)
    try:
        return dt.date.fromisoformat(value)
    except ValueError:
        message = f"{show(value)} is not {expected}"
        raise ValueError(message) from None


def _text(value: Any, length: int | None) -> str:
    _expect(isinstance(value, str), value, "a text")
    text = cast("str", value)
    _refuse(not text.strip(), "an empty text: where nothing is known, leave the field out or give null")
    unfit = UNFIT.search(text)
    _refuse(unfit, f"{show(value)} holds the character U+{ord(unfit[0]):04X}" if unfit else "")
    _refuse(length is not None and len(text) > length, f"a text of {len(text)} characters, {length} at most")
    return text
