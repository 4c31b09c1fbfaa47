"""Shares of a whole: whole ten-thousandths from 0 to 1, rounded down so that no share is more than was reached."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, case, func, literal, type_coerce

from models.types import Fraction

#: The share of what is reached in full.
FULL = 10_000


def share(part: int, whole: int | None) -> int | None:
    """Return which share of `whole` a part is, at most 1; None where the whole is unknown or 0."""
    return min(part * FULL // whole, FULL) if whole else None


def share_sql(part: Any, whole: Any) -> Any:
    """Return the same as SQL; null where the whole is null or 0."""
    reached = part * literal(FULL) // func.nullif(whole, 0, type_=BigInteger)
    return type_coerce(case((reached > literal(FULL), literal(FULL)), else_=reached), Fraction())
