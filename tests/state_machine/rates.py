"""Orders in another currency than their money, in random histories: their exchange rate, debt and bound money."""

from __future__ import annotations

import datetime as dt
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

Row = dict[str, Any]

#: What an order states of its money in euros; a rate is a whole number, as most are in no history.
STATED: Row = {
    "funded_in": "EUR",
    "exchange_rate": Decimal(2),
    "exchange_rate_on": dt.date(2026, 3, 2),
    "exchange_rate_source": "ECB",
}
NOT_STATED: Row = dict.fromkeys(STATED)
RATE = ("exchange_rate", "exchange_rate_on", "exchange_rate_source")


def stated_anew(rate: int) -> Row:
    """Return the fields of an amendment that set a new rate."""
    return {"exchange_rate": Decimal(rate), "exchange_rate_on": dt.date(2026, 3, 3), "exchange_rate_source": "Bank"}


def owed(order: Row) -> int:
    """Return the amount that an order owes: nothing as a draft or cancelled, after an early end the settled amount."""
    if order["status"] in {"DRAFT", "CANCELLED"}:
        return 0
    return (order["value_minor"] if order["settled_minor"] is None else order["settled_minor"]) or 0


def bound(order: Row) -> int:
    """Return the amount of money that an order binds; every currency of a history has two decimals."""
    rate = order["exchange_rate"] or Decimal(1)
    return int((Decimal(owed(order)) / rate).quantize(Decimal(1), ROUND_HALF_EVEN))


def paid_in(order: Row) -> str | None:
    """Return the currency of the money that an order binds."""
    currency: str | None = order["funded_in"] or order["value_currency"]
    return currency
