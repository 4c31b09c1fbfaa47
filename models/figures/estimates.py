"""Amounts in the currency of an estimate: that of a need, or that of a procurement."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, String, case, type_coerce

from models.derived.values import computed

if TYPE_CHECKING:
    from models.derived.rows import RowAlias


def currency_of(estimate: str) -> computed:
    """Return the computed currency of an amount: that of the attribute `estimate` of the same row."""

    def currency(row: RowAlias) -> Any:
        return type_coerce(getattr(row, f"{estimate}_currency"), String())

    currency.__doc__ = f"Currency of the amount: that of the {estimate.replace('_', ' ')}."
    return computed("str | None")(currency)


def if_estimated(estimate_minor: Any, amount: Any) -> Any:
    """Return an amount as SQL; null if the estimate is unknown, because the amount then has no currency."""
    return type_coerce(case((estimate_minor.is_not(None), amount)), BigInteger)
