"""Money in the contract."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import strawberry

from schema.builder.scalars import CurrencyCode


@strawberry.type(description="An amount of money in one currency. Amounts of different currencies are never added.")
class Money:
    """An amount of money."""

    amount: Decimal = strawberry.field(description="The exact amount, with the decimals of its currency.")
    currency: CurrencyCode = strawberry.field(description="The currency.")


@strawberry.input(description="An amount of money in one currency.")
class MoneyInput:
    """An amount of money."""

    amount: Decimal = strawberry.field(description="The exact amount, with at most the decimals of its currency.")
    currency: CurrencyCode = strawberry.field(description="The currency.")


_DAY = "The day of that rate; null for EUR, and if the rate is unknown."
_SOURCE = "The source of that rate; null for EUR, and if the rate is unknown."


@strawberry.type(description="The sum of one currency, with the rate by which it is converted.")
class ConvertedPart:
    """The sum of one currency, with the rate by which it is converted."""

    amount: Decimal = strawberry.field(description="The exact sum, with the decimals of its currency.")
    currency: CurrencyCode = strawberry.field(description="The currency.")
    rate: Decimal | None = strawberry.field(
        description="Units of `currency` for one euro; null if no rate of the day or of an earlier one is loaded."
    )
    rate_date: dt.date | None = strawberry.field(description=_DAY)
    source: str | None = strawberry.field(description=_SOURCE)


@strawberry.type(
    description="Sums of several currencies, converted into one: each currency once, rounded half to even, then added."
)
class ConvertedMoney:
    """Sums of several currencies, converted into one."""

    amount: Decimal | None = strawberry.field(
        description="The sum of the converted parts; null if there are no parts, or if a rate is unknown."
    )
    currency: CurrencyCode = strawberry.field(description="The requested currency.")
    rate: Decimal | None = strawberry.field(
        description="Units of `currency` for one euro; null if there are no parts, or if the rate is unknown."
    )
    rate_date: dt.date | None = strawberry.field(description=_DAY)
    source: str | None = strawberry.field(description=_SOURCE)
    of: list[ConvertedPart] = strawberry.field(description="The sums of each currency, sorted by currency code.")
