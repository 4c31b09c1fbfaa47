"""Converts amounts between currencies with integers of any size, for SQLite, whose integers have 64 bits."""

from __future__ import annotations

import json
from decimal import Decimal

from models.code_lists.currencies import EXPONENTS


def converted(minor: int, rate: int, currency: str, target_rate: int, target: str) -> int:
    """Return an amount in another currency, in its minor units and rounded once, half to even.

    Args:
        minor: The amount in minor units of `currency`.
        rate: The units of `currency` for one euro, as an integer of the same fractions as `target_rate`.
        currency: The currency of the amount.
        target_rate: The units of `target` for one euro.
        target: The currency of the result.
    """
    divisor: int = rate * 10 ** EXPONENTS[currency]
    whole, rest = divmod(abs(minor) * target_rate * 10 ** EXPONENTS[target], divisor)
    rounded: int = whole + int(rest * 2 > divisor or (rest * 2 == divisor and whole % 2 == 1))
    return -rounded if minor < 0 else rounded


def converted_sum(parts: str, target_rate: int | None, target: str | None) -> str | None:
    """Return the sum of converted amounts as decimal text; None without amounts, or if a rate is unknown.

    Args:
        parts: A JSON list of amounts, each with its rate and its currency.
        target_rate: The rate of the target.
        target: The currency of the result.
    """
    found = json.loads(parts)
    if not found or target is None or target_rate is None or any(rate is None for _, rate, _ in found):
        return None
    total = sum(converted(minor, rate, currency, target_rate, target) for minor, rate, currency in found)
    digits = tuple(map(int, str(abs(total))))
    return f"{Decimal((int(total < 0), digits, -EXPONENTS[target])):f}"
