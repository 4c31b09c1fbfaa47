"""Money in the contract."""

from __future__ import annotations

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
