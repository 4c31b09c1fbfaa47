"""Formats the values of attributes as JSON, identically on both engines."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, String, case, cast, type_coerce
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from models.code_lists.currencies import EXPONENTS
from models.sql_functions import EngineFunction
from models.types import ExchangeRate, Quantity, UnitPrice
from resolvers.core.attributes import Kind
from resolvers.sql.json_expressions import JsonBoolean, JsonColumn, JsonObject, literal_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import ColumnElement

    from resolvers.query.selection import SelectedField

#: A share is stored as an integer number of ten-thousandths.
SHARE_DECIMALS = 4

#: The decimals of the kinds that are written without needless zeros.
SHORT_DECIMALS = {Kind.QUANTITY: Quantity.decimals, Kind.EXCHANGE_RATE: ExchangeRate.decimals}


def as_json(kind: Kind, value: Any) -> ColumnElement[Any]:
    """Return the JSON of a plain value: the stored value in the format of the schema."""
    if kind is Kind.BOOLEAN:
        return JsonBoolean(value)
    if kind is Kind.TEXTS:
        return JsonColumn(value)
    if kind is Kind.MOMENT:
        return moment_text(value)
    if kind is Kind.SHARE or kind in SHORT_DECIMALS:
        most = SHORT_DECIMALS.get(kind)
        return decimal_text(value, SHARE_DECIMALS) if most is None else short_decimal_text(value, most, 0)
    if kind is Kind.ENUM:
        return type_coerce(value, String)
    plain: ColumnElement[Any] = value
    return plain


def global_id(type_name: str, key: ColumnElement[Any]) -> ColumnElement[str]:
    """Return the global id of an object: its type name and its key."""
    return literal_text(f"{type_name}:") + cast(key, String)


def amount_text(minor: ColumnElement[Any], currency: ColumnElement[Any]) -> ColumnElement[str]:
    """Return an amount as decimal text with the decimals of its currency (ISO 4217); two unless listed.

    A unit price has more decimals if these are not zero.
    """
    usual = 2
    text = _price_text if isinstance(minor.type, UnitPrice) else decimal_text
    whens = []
    for exponent in sorted(set(EXPONENTS.values()) - {usual}):
        codes = [literal_text(code) for code, found in sorted(EXPONENTS.items()) if found == exponent]
        whens.append((currency.in_(codes), text(minor, exponent)))
    return case(*whens, else_=text(minor, usual))


def _price_text(minor: ColumnElement[Any], exponent: int) -> ColumnElement[str]:
    return short_decimal_text(minor, exponent + UnitPrice.decimals, exponent)


def short_decimal_text(units: ColumnElement[Any], decimals: int, least: int) -> ColumnElement[str]:
    """Return an integer of the smallest units as decimal text with at least `least` decimals and no more zeros."""
    return without_zeros(decimal_text(type_coerce(units, BigInteger), decimals), least, decimals - least)


def money_object(
    fields: Sequence[SelectedField], minor: ColumnElement[Any], currency: ColumnElement[Any]
) -> JsonObject:
    """Return the JSON of an amount of money, with the selected fields."""
    texts = {"amount": amount_text(minor, currency), "currency": currency, "__typename": literal_text("Money")}
    return JsonObject([(field.key, texts[field.name]) for field in fields])


class decimal_text(FunctionElement[str]):  # noqa: N801 - SQL functions are written in lower case
    """Formats an integer in minor units as decimal text with the given number of decimals."""

    type = String()
    inherit_cache = False

    def __init__(self, units: ColumnElement[Any], decimals: int) -> None:
        super().__init__(units)
        self.decimals = decimals


@compiles(decimal_text, "postgresql")
def _decimal_on_postgresql(element: decimal_text, compiler: Any, **options: Any) -> str:
    units = compiler.process(element.clauses, **options)
    # The product of numerics has as many decimals as the factor: 8700 * 0.01 is 87.00.
    return f"CAST(({units}) * {Decimal(1).scaleb(-element.decimals):f} AS TEXT)"


@compiles(decimal_text, "sqlite")
def _decimal_on_sqlite(element: decimal_text, compiler: Any, **options: Any) -> str:
    units, one = compiler.process(element.clauses, **options), 10**element.decimals
    if one == 1:
        return f"CAST({units} AS TEXT)"
    sign = f"CASE WHEN ({units}) < 0 THEN '-' ELSE '' END"
    text = f"printf('%s%d.%0{element.decimals}d', {sign}, abs({units}) / {one}, abs({units}) % {one})"
    # printf would format null as text.
    return f"CASE WHEN ({units}) IS NOT NULL THEN {text} END"


class moment_text(  # noqa: N801 - SQL functions are written in lower case
    EngineFunction[str],
    postgresql="""to_char({0} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')""",
    sqlite="{0}",
):
    """Formats a UTC timestamp as RFC 3339 text with six decimals, identical to `to_json`."""

    type = String()


class without_zeros(FunctionElement[str]):  # noqa: N801 - SQL functions are written in lower case
    """A decimal text whose last `spare` decimals have no trailing zeros; `least` decimals come before them."""

    type = String()
    inherit_cache = False

    def __init__(self, text: ColumnElement[Any], least: int, spare: int) -> None:
        super().__init__(text)
        self.spare = spare
        self.has_others = least > 0


@compiles(without_zeros)
def _without_zeros(element: without_zeros, compiler: Any, **options: Any) -> str:
    text, spare = compiler.process(element.clauses, **options), element.spare
    if element.has_others:
        first = f"substr({text}, 1, length({text}) - {spare})"
        return f"({first} || rtrim(substr({text}, length({text}) - {spare - 1}), '0'))"
    return f"rtrim(rtrim({text}, '0'), '.')"
