"""The money that an order binds: where it is in another currency than the order, a stated rate converts it."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from sqlalchemy import BigInteger, CheckConstraint, Computed
from sqlalchemy.orm import Mapped, mapped_column

from models.base import sort_indexes
from models.money import MAX_MINOR
from models.order_amounts.exchange import MAX_RATE, converted, converted_sql, fits_sql
from models.types import CURRENCY, LINE, ExchangeRate

#: The amount that an order owes: its value, or after its end the settled amount.
OWED = (
    "CASE WHEN status IN ('DRAFT', 'CANCELLED') AND value_minor IS NOT NULL THEN 0 "
    "WHEN settled_minor IS NOT NULL THEN settled_minor ELSE value_minor END"
)
_RATE = ("exchange_rate", "value_currency", "funded_in")
BOUND = f"CASE WHEN exchange_rate IS NULL THEN {OWED} ELSE {converted_sql(f'({OWED})', *_RATE)} END"
BOUND_CURRENCY = "coalesce(funded_in, value_currency)"

#: What an order in another currency than its money states: all of it, or nothing.
EXCHANGE = ("funded_in", "exchange_rate", "exchange_rate_on", "exchange_rate_source")
_NONE, _ALL = (" AND ".join(f"{name} IS {null}" for name in EXCHANGE) for null in ("NULL", "NOT NULL"))
STATED = f"({_NONE}) OR ({_ALL} AND exchange_rate BETWEEN 1 AND {ExchangeRate.units(MAX_RATE)})"
FITS = f"exchange_rate IS NULL OR value_minor IS NULL OR {fits_sql('value_minor', *_RATE)}"


class HasExchange:
    """An order with the currency and the amount of the money that it binds."""

    value_currency: Mapped[str | None]

    funded_in: Mapped[str | None] = mapped_column(
        CURRENCY, doc="The currency of the allocated money that pays; null if it is the currency of the order."
    )
    exchange_rate: Mapped[Decimal | None] = mapped_column(
        ExchangeRate,
        doc="The units of the order's currency for one unit of `fundedIn`, as central banks state rates of the "
        "euro: `1.0823` if one euro is 1.0823 US dollars. The contract or a bank states it.",
    )
    exchange_rate_on: Mapped[dt.date | None] = mapped_column(doc="The day of the exchange rate.")
    exchange_rate_source: Mapped[str | None] = mapped_column(
        LINE, doc="The source of the exchange rate, such as the contract or a bank."
    )
    bound_minor: Mapped[int | None] = mapped_column(
        BigInteger,
        Computed(BOUND, persisted=True),
        doc="The amount of money that the order binds, also where less is allocated: `owed`, converted with the "
        "exchange rate if the money is in another currency, rounded once, half to even.",
    )
    bound_currency: Mapped[str | None] = mapped_column(CURRENCY, Computed(BOUND_CURRENCY, persisted=True))

    def paying_currency(self) -> str | None:
        """Return the currency of the money that the order binds."""
        return self.funded_in or self.value_currency

    def in_money(self, amount: int, currency: str | None) -> int:
        """Return an amount of the order in the currency of its money; both are in minor units."""
        if not (self.exchange_rate and currency and self.funded_in):
            return amount
        return converted(amount, self.exchange_rate, currency, self.funded_in)


#: What the table of orders adds for exchange rates.
EXCHANGE_ARGUMENTS = (
    CheckConstraint(STATED, name="exchange_rate"),
    CheckConstraint("length(funded_in) = 3 AND funded_in <> value_currency", name="funded_in"),
    CheckConstraint(FITS, name="exchange_fits"),
    CheckConstraint(f"bound_minor BETWEEN 0 AND {MAX_MINOR}", name="bound"),
    *sort_indexes("bound_currency+bound_minor", "funded_in"),
)
