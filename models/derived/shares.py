"""Shares from 0 to 1, as integers of ten-thousandths, rounded down so that no share is overstated."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, case, func, literal, type_coerce

from models.types import Fraction

if TYPE_CHECKING:
    from decimal import Decimal

#: The share 1, in ten-thousandths.
FULL = 10_000

_STEP = 100


def share(part: Decimal | int, whole: Decimal | int | None) -> int | None:
    """Return `part` / `whole` as a share, at most 1; None if the whole is None or 0."""
    return min(int(part * FULL // whole), FULL) if whole else None


def share_sql(part: Any, whole: Any) -> Any:
    """Return the SQL form of `share`; null if the whole is null or 0."""
    whole = func.nullif(whole, 0, type_=BigInteger)
    # Two steps of a hundredth each: ten thousand times an amount can exceed 64 bits.
    hundredths = part * literal(_STEP) // whole
    rest = part * literal(_STEP) - hundredths * whole
    reached = hundredths * literal(_STEP) + rest * literal(_STEP) // whole
    return type_coerce(case((part >= whole, literal(FULL)), else_=reached), Fraction())
