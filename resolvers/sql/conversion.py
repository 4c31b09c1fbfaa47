"""The sum of converted amounts in SQL: exact, however large the amounts and the rates are."""
# ruff: noqa: S608 - the arguments of the function are columns

from __future__ import annotations

from sqlalchemy import String

from models.code_lists.currencies import EXPONENTS
from models.order_amounts.exchange import by_decimals
from models.sql_functions import EngineFunction

_EXPONENTS = sorted({*EXPONENTS.values()})
_POWERS = {each: f"CAST({10**each} AS NUMERIC)" for each in _EXPONENTS}
_UNITS = {each: f"CAST({f'{10**-each:.{each}f}'} AS NUMERIC)" for each in _EXPONENTS}
# The amount `a` is divided by `b`: div() is exact for numerics, and the rest decides how the quotient `q` is rounded.
_CONVERTED = (
    "(SELECT sign(a) * (q + CASE WHEN (abs(a) - q * b) * 2 > b OR ((abs(a) - q * b) * 2 = b AND q % 2 = 1) "
    "THEN 1 ELSE 0 END) FROM (SELECT a, b, div(abs(a), b) AS q FROM (SELECT "
    f"CAST({{0}} AS NUMERIC) * {{3}} * {by_decimals('{4}', _POWERS)} AS a, "
    f"CAST({{1}} AS NUMERIC) * {by_decimals('{2}', _POWERS)} AS b) AS scaled) AS divided)"
)


class converted_sum(  # noqa: N801 - SQL functions are written in lower case
    EngineFunction[str],
    postgresql=(
        f"CASE WHEN bool_and({{1}} IS NOT NULL AND {{3}} IS NOT NULL) "
        f"THEN CAST(sum({_CONVERTED}) * {by_decimals('{4}', _UNITS)} AS TEXT) END"
    ),
    sqlite="converted_sum(json_group_array(json_array({0}, {1}, {2})), {3}, {4})",
):
    """The sum of amounts, each converted once and rounded half to even, as decimal text; null if a rate is unknown.

    The arguments are the amount in minor units, the rate of its currency, the currency, the rate of the target, and the
    target. Rates are units for one euro, as integers of the same fractions. SQLite's is in `core.conversion`.
    """

    type = String()
