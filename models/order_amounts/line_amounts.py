"""The SQL of the amount of an order line, which the database computes and stores."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import BigInteger

from models.sql_functions import EngineFunction
from models.types import Quantity

if TYPE_CHECKING:
    from decimal import Decimal

#: Whether the amount of a line fits into 64 bits at every step: the amount is at most about 10^15 minor units.
AMOUNT_FITS = (
    "quantity <= 100000000000000 AND (quantity = 0 OR "
    "unit_price_minor / 10000 <= 1000000000000000000 / nullif(quantity, 0))"
)

# Thousandths times ten-thousandths of a minor unit: whole minor units come first, so that no step exceeds 64 bits.
_PART = "(unit_price_minor - unit_price_minor / 10000 * 10000)"
_FINE = f"(quantity * {_PART})"
_WHOLE = f"(quantity * (unit_price_minor / 10000) + {_FINE} / 10000)"
_REST = f"(({_WHOLE} - {_WHOLE} / 1000 * 1000) * 10000 + {_FINE} - {_FINE} / 10000 * 10000)"
_ODD = f"{_WHOLE} / 1000 - {_WHOLE} / 2000 * 2 = 1"
_UP = f"CASE WHEN {_REST} > 5000000 OR ({_REST} = 5000000 AND {_ODD}) THEN 1 ELSE 0 END"
_ROUNDED = f"{_WHOLE} / 1000 + {_UP}"
#: The quantity times the unit price, rounded half to even to minor units; the database computes and stores it.
LINE_AMOUNT = (
    f"CASE WHEN {AMOUNT_FITS} THEN ({_ROUNDED}) * CASE WHEN kind IN ('DISCOUNT', 'CREDIT') THEN -1 ELSE 1 END END"
)
LINE_AMOUNT_CURRENCY = "CASE WHEN quantity IS NOT NULL THEN unit_price_currency END"


def amount_fits(quantity: Decimal | None, price: Decimal | None) -> bool:
    """Return whether the database can compute the amount of a line, as `AMOUNT_FITS` says."""
    if not quantity or price is None:
        return True
    return Quantity.units(quantity) <= 10**14 and int(price) <= 10**18 // Quantity.units(quantity)


#: The same for the arguments of a SQL function.
_OF_UNITS = f"CASE WHEN {AMOUNT_FITS} THEN {_ROUNDED} END".replace("unit_price_minor", "{1}").replace("quantity", "{0}")


class cost_of_units(  # noqa: N801 - SQL functions are written in lower case
    EngineFunction[int], postgresql=f"({_OF_UNITS})", sqlite=f"({_OF_UNITS})"
):
    """The cost of a quantity at a unit price, rounded as the amount of a line; null without a price.

    The arguments are a quantity in thousandths, and a column with the unit price.
    """

    type = BigInteger()
