"""The value-added tax (VAT) of an amount, computed alike in Python and in SQL, in 64 bits at every step."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, Integer, case, cast, func, type_coerce

from models.types import Quantity

if TYPE_CHECKING:
    from decimal import Decimal

#: The highest VAT rate, in percent.
MAX_RATE = 100

#: How many units of a rate times an amount are one minor unit of VAT: thousandths of a percent.
_UNITS = 100 * 10**Quantity.decimals


def vat_of(amount: int | None, rate: Decimal | None) -> int | None:
    """Return the VAT of an amount in minor units, rounded half to even; None if the amount or the rate is unknown.

    Args:
        amount: The amount without VAT, in minor units; the VAT of a negative amount is negative.
        rate: The rate in percent, with at most three decimals.
    """
    if amount is None or rate is None:
        return None
    whole: int
    rest: int
    whole, rest = divmod(abs(amount) * Quantity.units(rate), _UNITS)
    vat = whole + int(rest * 2 > _UNITS or (rest * 2 == _UNITS and whole % 2 == 1))
    return vat if amount >= 0 else -vat


def vat_sql(amount: Any, rate: Any) -> Any:
    """Return the SQL of `vat_of` for the columns of an amount and a rate."""
    size, units = func.abs(amount, type_=BigInteger), cast(type_coerce(rate, Integer), BigInteger)
    # The amount is at most 10^15: its parts times the rate fit into 64 bits.
    part = size % _UNITS * units
    whole = size // _UNITS * units + part // _UNITS
    rest = part % _UNITS * 2
    up = case((rest > _UNITS, 1), ((rest == _UNITS) & (whole % 2 == 1), 1), else_=0)
    return type_coerce((whole + up) * case((amount < 0, -1), else_=1), BigInteger)
