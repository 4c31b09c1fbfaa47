"""Conversion once more, in plain Python: sums of several currencies in one, by the reference rates of a day."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from models.code_lists.currencies import EXPONENTS

if TYPE_CHECKING:
    from collections.abc import Sequence

#: The rates of each currency with their days and sources, in any order.
Rates = dict[str, list[tuple[dt.date, Decimal, str]]]


def converted(sums: Sequence[dict[str, str]], rates: Rates, target: str, day: dt.date) -> dict[str, Any]:
    """Return the answer for the sums of each currency."""
    parts = [{**each, **rate_of(rates, each["currency"], day)} for each in sums]
    wanted = rate_of(rates, target, day)
    rate = wanted["rate"]
    is_known = parts and all(part["rate"] for part in parts)
    return {
        "amount": total(parts, rate, target) if rate and is_known else None,
        "currency": target,
        **(wanted if parts else dict.fromkeys(wanted)),
        "of": parts,
    }


def total(parts: Sequence[dict[str, Any]], rate: str, target: str) -> str:
    """Return the sum of the parts, each converted and rounded half to even."""
    scale = 10 ** EXPONENTS[target]
    found = sum(round(Fraction(part["amount"]) / Fraction(part["rate"]) * Fraction(rate) * scale) for part in parts)
    return f"{Decimal(found).scaleb(-EXPONENTS[target]):f}"


def rate_of(rates: Rates, currency: str, day: dt.date) -> dict[str, str | None]:
    """Return the last rate of a currency on or before a day."""
    if currency == "EUR":
        return {"rate": "1", "rateDate": None, "source": None}
    known = [each for each in rates.get(currency, ()) if each[0] <= day]
    if not known:
        return {"rate": None, "rateDate": None, "source": None}
    last, rate, source = max(known)
    return {"rate": f"{rate:f}", "rateDate": last.isoformat(), "source": source}
