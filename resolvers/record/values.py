"""How a value of a file is read into the columns of a field, and what is said of a bad one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Column

from models import classified_label
from models.money import Money
from resolvers.core.attributes import Kind, kind_of
from resolvers.core.codecs import codec_for, codec_of
from resolvers.core.json_file import show
from resolvers.core.text import UNSTORABLE

#: One field: its column, or the two columns of an amount.
Field = Sequence[Column[Any]]

#: No longer than decimal arithmetic keeps exactly.
AMOUNT = re.compile(r"\d{1,18}(\.\d{1,9})?", re.ASCII)


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
    if isinstance(value, str) and (label := classified_label(value)):
        _refuse(label, f"{label} marks classified information, for which this system is not accredited")
    kind = kind_of(column.type)
    if kind is Kind.TEXTS:
        _expect(isinstance(value, list), value, "a list of texts")
        return [_text(item, None) for item in value]
    if kind is Kind.TEXT:
        return _text(value, getattr(column.type, "length", None))
    return codec_for(column).from_json(value)


def _text(value: Any, length: int | None) -> str:
    text: str = codec_of(Kind.TEXT).from_json(value)
    _refuse(not text.strip(), "an empty text: where nothing is known, leave the field out or give null")
    unfit = UNSTORABLE.search(text)
    _refuse(unfit, f"{show(value)} holds the character U+{ord(unfit[0]):04X}" if unfit else "")
    _refuse(length is not None and len(text) > length, f"a text of {len(text)} characters, {length} at most")
    return text
