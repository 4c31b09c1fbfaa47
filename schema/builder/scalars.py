"""The contract's scalars: their formats, and the messages for values that are not valid."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NewType
from urllib.parse import urlsplit

import strawberry

from models.code_lists.countries import COUNTRIES
from models.code_lists.currencies import EXPONENTS
from models.money import MAX_MINOR, Money
from models.units import MAX_QUANTITY

if TYPE_CHECKING:
    from collections.abc import Callable

    from strawberry.types.scalar import ScalarDefinition

BigInt = NewType("BigInt", int)
CountryCode = NewType("CountryCode", str)
CpvCode = NewType("CpvCode", str)
CurrencyCode = NewType("CurrencyCode", str)
Json = NewType("Json", object)
Quantity = NewType("Quantity", Decimal)
Url = NewType("Url", str)

#: The largest integer that every JSON implementation reads exactly (RFC 8259, section 6).
MAX_BIG_INT = 2**53 - 1
DECIMAL = re.compile(r"-?[0-9]{1,18}(\.[0-9]{1,8})?")
QUANTITY = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,3})?")
#: A number of more decimals than amounts and rates have.
TOO_PRECISE = re.compile(r"-?[0-9]{1,18}\.[0-9]{9,}")
#: A number of more digits than both take.
TOO_LARGE = re.compile(r"-?[0-9]{19,}(\.[0-9]+)?")


def _text(value: Any, form: str) -> str:
    if not isinstance(value, str):
        message = f"write it as text, such as {form}"
        raise TypeError(message)
    return value


def _matching(pattern: str, form: str) -> Callable[[Any], str]:
    def parse(value: Any) -> str:
        if not re.fullmatch(pattern, _text(value, form)):
            message = f"write it like {form}"
            raise ValueError(message)
        return str(value)

    return parse


def _moment(value: Any) -> dt.datetime:
    form = '"2024-04-03T09:30:00Z"'
    if not re.fullmatch(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)", _text(value, form)):
        message = f"write a date and time with its UTC offset, such as {form}"
        raise ValueError(message)
    try:
        # Python leaves out the digits after microseconds, which no stored time has.
        return dt.datetime.fromisoformat(value.upper()).astimezone(dt.UTC)
    except (OverflowError, ValueError) as error:
        message = f"this date and time does not exist; write it like {form}"
        raise ValueError(message) from error


def _date(value: Any) -> dt.date:
    form = '"2024-04-03"'
    if not re.fullmatch(r"\d{4}-\d\d-\d\d", _text(value, form)):
        message = f"write a date like {form}"
        raise ValueError(message)
    try:
        return dt.date.fromisoformat(value)
    except ValueError as error:
        message = f"this date does not exist; write a date like {form}"
        raise ValueError(message) from error


def _decimal(value: Any) -> Decimal:
    form = '"87000000.00"'
    if not DECIMAL.fullmatch(_text(value, form)):
        message = f"write a decimal number as text, such as {form}"
        if TOO_LARGE.fullmatch(value):
            message = f"the number is too large; the largest amount in EUR is {Money(MAX_MINOR, 'EUR').amount}"
        elif TOO_PRECISE.fullmatch(value):
            message = "the number has too many decimals; write at most 8"
        raise ValueError(message)
    return Decimal(value)


def _quantity(value: Any) -> Decimal:
    text = value if isinstance(value, str) else _number_text(value)
    if not QUANTITY.fullmatch(text):
        message = 'write a number with at most three decimals, such as 10 or "2.5"'
        if TOO_LARGE.fullmatch(text):
            message = f"the number is too large; the largest quantity is {MAX_QUANTITY}"
        raise ValueError(message)
    return Decimal(text)


def _number_text(value: Any) -> str:
    if type(value) not in {int, float}:
        message = 'write a number, such as 10 or "2.5"'
        raise TypeError(message)
    # The shortest text of a float is the number that the client wrote.
    return str(value).removesuffix(".0")


def _country(value: Any) -> str:
    if _text(value, '"EE"') not in COUNTRIES:
        message = 'write a country code that ISO 3166-1 assigns, such as "EE"'
        raise ValueError(message)
    return str(value)


def _currency(value: Any) -> str:
    if _text(value, '"EUR"') not in EXPONENTS:
        message = 'write an ISO 4217 currency code, such as "EUR"'
        raise ValueError(message)
    return str(value)


def _url(value: Any) -> str:
    form = '"https://example.org/document"'
    if urlsplit(_text(value, form)).scheme not in {"http", "https"} or not urlsplit(value).netloc:
        message = f"write a web address, such as {form}"
        raise ValueError(message)
    return str(value)


def _big_int(value: Any) -> int:
    if type(value) is not int or abs(value) > MAX_BIG_INT:
        message = f"write a whole number between -{MAX_BIG_INT} and {MAX_BIG_INT}"
        raise ValueError(message)
    return value


def _any(value: Any) -> Any:
    return value


def _scalar(name: str, parse: Callable[[Any], Any], specified_by: str, description: str) -> ScalarDefinition:
    return strawberry.scalar(
        name=name, parse_value=parse, serialize=str, specified_by_url=specified_by, description=description
    )


SCALARS: dict[object, ScalarDefinition] = {
    dt.datetime: _scalar(
        "DateTime",
        _moment,
        "https://www.rfc-editor.org/rfc/rfc3339",
        "A date and time with its UTC offset, such as `2024-04-03T09:30:00Z`; responses are in UTC. Digits after "
        "microseconds are ignored.",
    ),
    dt.date: _scalar("Date", _date, "https://www.rfc-editor.org/rfc/rfc3339", "A date, such as `2024-04-03`."),
    Decimal: _scalar(
        "Decimal",
        _decimal,
        "https://www.w3.org/TR/xmlschema11-2/#decimal",
        "An exact decimal number, written as a string, such as `87000000.00`.",
    ),
    Quantity: _scalar(
        "Quantity",
        _quantity,
        "https://www.w3.org/TR/xmlschema11-2/#decimal",
        "An exact quantity with at most three decimals, written as a string, such as `10` or `2.5`; "
        "an input can also be a number.",
    ),
    CountryCode: _scalar(
        "CountryCode",
        _country,
        "https://www.iso.org/iso-3166-country-codes.html",
        "An ISO 3166-1 country code of two capital letters that is assigned, such as `EE`; `XK` is Kosovo.",
    ),
    CurrencyCode: _scalar(
        "CurrencyCode",
        _currency,
        "https://www.iso.org/iso-4217-currency-codes.html",
        "An ISO 4217 currency code of three capital letters, such as `EUR`. A withdrawn one, such as `HRK`, is for "
        "amounts of a day before its end.",
    ),
    CpvCode: _scalar(
        "CpvCode",
        _matching("[0-9]{8}(-[0-9])?", '"32420000-3"'),
        "https://eur-lex.europa.eu/eli/reg/2008/213/oj",
        "A code of the Common Procurement Vocabulary with its check digit, such as `32420000-3`. An input can omit the "
        "check digit: `32420000` is the same code.",
    ),
    Url: _scalar("URL", _url, "https://url.spec.whatwg.org/", "A web address with `http` or `https`."),
    Json: _scalar(
        "JSON",
        _any,
        "https://www.rfc-editor.org/rfc/rfc8259",
        "A JSON value without a fixed structure.",
    ),
    BigInt: _scalar(
        "BigInt",
        _big_int,
        "https://www.rfc-editor.org/rfc/rfc8259#section-6",
        "A whole number of at most 53 bits, written as a JSON number.",
    ),
}
