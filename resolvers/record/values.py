"""Converts a value of a file to the columns of a field, and refuses invalid values."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Column

from models import ClassificationScheme, classified_label
from models.code_lists.countries import COUNTRIES
from models.code_lists.cpv_codes import cpv_code
from models.money import Money, Price
from models.types import COUNTRY, CPV, UnitPrice
from models.units import HasUnit, unit_code
from resolvers.core.attributes import Kind, entity_of, kind_of
from resolvers.core.codecs import codec_for, codec_of
from resolvers.core.json_file import show
from resolvers.core.text import UNSTORABLE, normalized

#: The column of a field, or the two columns of an amount.
Field = Sequence[Column[Any]]

#: Short enough for exact decimal arithmetic.
AMOUNT = re.compile(r"\d{1,18}(\.\d{1,9})?", re.ASCII)


class RecordError(ValueError):
    """The record cannot be loaded; each line of the message says where and what an error is."""


def read(field: Field, value: Any) -> dict[str, Any]:
    """Return the column values for `value`, by the names of the columns of `field`.

    Raises ValueError; the message says what is wrong with the value.
    """
    if value is None:
        _refuse(not all(column.nullable for column in field), "a value is required, not null")
        return dict.fromkeys((column.name for column in field), None)
    if len(field) > 1:
        return dict(zip((column.name for column in field), _amount(field[0], value), strict=True))
    return {field[0].name: _value(field[0], value)}


def with_check_digit(values: dict[str, Any]) -> dict[str, Any]:
    """Return the code of a classification as it is stored, by the name of its column; empty if it is no CPV code.

    Raises ValueError if the code is wrong.
    """
    scheme, code = values.get("classification_scheme"), values.get("classification_code")
    if scheme is not ClassificationScheme.CPV or code is None:
        return {}
    return {"classification_code": cpv_code(code)}


def _refuse(fault: object, message: str) -> None:
    if fault:
        raise ValueError(message)


def _expect(holds: object, value: object, expected: str) -> None:
    _refuse(not holds, f"{show(value)} is not {expected}")


def _amount(column: Column[Any], value: Any) -> Money | Price:
    expected = 'an amount such as {"amount": "1250.50", "currency": "EUR"}'
    _expect(isinstance(value, dict) and value.keys() == {"amount", "currency"}, value, expected)
    amount, currency = value["amount"], value["currency"]
    _expect(isinstance(amount, str) and AMOUNT.fullmatch(amount), amount, "a decimal number in quotes, without a sign")
    _expect(isinstance(currency, str) and len(currency) == 3, currency, "a currency of ISO 4217")  # noqa: PLR2004
    return (Price if isinstance(column.type, UnitPrice) else Money).of(amount, currency)


def _value(column: Column[Any], value: Any) -> Any:
    if isinstance(value, str) and (label := classified_label(value)):
        _refuse(label, f"{label} marks classified information: remove it, this system is not accredited for it")
    kind = kind_of(column.type)
    if kind is Kind.TEXTS:
        _expect(isinstance(value, list), value, "a list of texts")
        return [_text(item, None) for item in value]
    if kind is Kind.TEXT:
        text = _text(value, getattr(column.type, "length", None))
        text = unit_code(text) if _is_unit(column) else text
        if column.type is COUNTRY:
            _expect(text in COUNTRIES, text, "a country code that ISO 3166-1 assigns, such as EE")
        return cpv_code(text) if column.type is CPV else text
    return codec_for(column).from_json(value)


def _is_unit(column: Column[Any]) -> bool:
    """Return whether a column has the unit of a quantity, of which the code is stored, as commands do."""
    return column.name == "unit" and "version" in column.table.c and issubclass(entity_of(column.table), HasUnit)


def _text(value: Any, length: int | None) -> str:
    text = normalized(codec_of(Kind.TEXT).from_json(value))
    _refuse(not text, "the text is empty: leave the field out or write null")
    unfit = UNSTORABLE.search(text)
    _refuse(unfit, f"{show(value)} contains the character U+{ord(unfit[0]):04X}, remove it" if unfit else "")
    _refuse(length is not None and len(text) > length, f"the text has {len(text)} characters, shorten it to {length}")
    return text
