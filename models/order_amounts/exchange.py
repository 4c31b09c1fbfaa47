"""Amounts of an order in the currency of the money that pays for it, computed alike in Python and in SQL.

A rate is stated as central banks do for the euro: the units of the order's currency for one unit of the money's. So an
amount is divided by the rate. Each step of the division fits into 64 bits.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from sqlalchemy import BigInteger

from models.code_lists.currencies import EXPONENTS
from models.sql_functions import EngineFunction
from models.types import ExchangeRate

if TYPE_CHECKING:
    from collections.abc import Mapping

#: The smallest and the largest exchange rate.
MIN_RATE, MAX_RATE = Decimal("0.00000001"), 1_000_000


def converted(amount: int, rate: Decimal, currency: str, funding: str) -> int:
    """Return an amount that is not negative in another currency, in minor units and rounded once, half to even.

    Args:
        amount: The amount in minor units of `currency`.
        rate: The units of `currency` for one unit of `funding`, more than 0.
        currency: The currency of the amount.
        funding: The currency of the result.
    """
    units = ExchangeRate.units(rate) * 10 ** EXPONENTS[currency]
    whole, rest = divmod(amount * 10 ** (ExchangeRate.decimals + EXPONENTS[funding]), units)
    return int(whole + int(rest * 2 > units or (rest * 2 == units and whole % 2 == 1)))


def by_decimals(currency: str, values: Mapping[int, object]) -> str:
    """Return the SQL of one value for each number of decimals, by the decimals of a currency.

    Args:
        currency: The SQL of the currency.
        values: The SQL of the value, by the number of decimals.
    """
    usual = 2
    whens = " ".join(
        f"WHEN {currency} IN ({', '.join(repr(code) for code, found in sorted(EXPONENTS.items()) if found == each)}) "
        f"THEN {values[each]}"
        for each in sorted({*EXPONENTS.values()} - {usual})
    )
    return f"CASE {whens} ELSE {values[usual]} END"


def _decimals(currency: str) -> str:
    return by_decimals(currency, {each: each for each in EXPONENTS.values()})


def _factor(powers: Mapping[int, int], otherwise: int) -> str:
    whens = " ".join(f"WHEN {more} THEN {factor}" for more, factor in powers.items())
    return f"CASE {_decimals('{funding}')} - {_decimals('{currency}')} {whens} ELSE {otherwise} END"


# Long division by the rate. An amount is times 10^8, for the decimals of a rate, and times 10 for each decimal that the
# money's currency has more: in three steps, each of at most 10^4, with a remainder of at most 10^14 between them.
_LESS = _factor({-1: 1000, -2: 100, -3: 10, -4: 1}, 10000)
_MORE = _factor({1: 10, 2: 100, 3: 1000, 4: 10000}, 1)
_FIRST = "({amount} % {rate} * 10000)"
_SECOND = f"({_FIRST} % {{rate}} * {_LESS})"
_THIRD = f"({_SECOND} % {{rate}} * {_MORE})"
_REST = f"({_THIRD} % {{rate}})"
_WHOLE = (
    f"((({{amount}} / {{rate}} * 10000 + {_FIRST} / {{rate}}) * {_LESS} + {_SECOND} / {{rate}}) * {_MORE} "
    f"+ {_THIRD} / {{rate}})"
)
_UP = f"CASE WHEN {_REST} * 2 > {{rate}} OR ({_REST} * 2 = {{rate}} AND {_WHOLE} % 2 = 1) THEN 1 ELSE 0 END"
_FITS = (
    f"{{rate}} BETWEEN 1 AND 100000000000000 AND {{amount}} / nullif({{rate}}, 0) <= 100000000000 / {_LESS} / {_MORE}"
)


def converted_sql(amount: str, rate: str, currency: str, funding: str) -> str:
    """Return the SQL of `converted` for the names of columns; null if `fits_sql` does not hold."""
    names = {"amount": amount, "rate": rate, "currency": currency, "funding": funding}
    return f"CASE WHEN {_FITS} THEN {_WHOLE} + {_UP} END".format(**names)


def fits_sql(amount: str, rate: str, currency: str, funding: str) -> str:
    """Return the SQL condition that an amount can be converted in 64 bits: the result is at most about 10^15."""
    return f"({_FITS})".format(amount=amount, rate=rate, currency=currency, funding=funding)


_ABOVE = {"amount": "abs(part.amount)", "rate": "part.rate", "currency": "part.currency", "funding": "part.funding"}
_SIGNED = f"CASE WHEN part.amount < 0 THEN -1 ELSE 1 END * {_WHOLE.format(**_ABOVE)}"
_BELOW = f"CASE WHEN part.amount < 0 AND {_REST.format(**_ABOVE)} > 0 THEN 1 ELSE 0 END"
_DOWN = (
    f"CASE WHEN part.rate IS NULL THEN part.amount WHEN {_FITS.format(**_ABOVE)} THEN {_SIGNED} - {_BELOW} END "
    "FROM (SELECT {0} AS amount, {1} AS rate, {2} AS currency, {3} AS funding LIMIT 1) AS part"
)


class converted_down(  # noqa: N801 - SQL functions are written in lower case
    EngineFunction[int], postgresql=f"(SELECT {_DOWN})", sqlite=f"(SELECT {_DOWN})"
):
    """A part of an order in the money's currency, rounded down, so that the parts never exceed the converted whole.

    The arguments are the amount, the rate, the currency and the money's currency. Without a rate, it is the amount
    itself. Each argument occurs once, because the SQL of an amount can be long: an engine would plan each copy. The
    limit keeps it from putting the copies back.
    """

    type = BigInteger()
