"""Which objects count in the sums of lists, and why the others are left out."""

from __future__ import annotations

from enum import Enum, unique
from typing import Any, ClassVar

from sqlalchemy import Enum as EnumColumn
from sqlalchemy import String, case, func, literal, type_coerce
from sqlalchemy.ext.hybrid import hybrid_property


@unique
class SumExclusion(Enum):
    """The reason why sums leave an object out."""

    AMOUNT_UNKNOWN = "No source states the amount."
    CANCELLED = "The contribution is cancelled."
    TOTAL_TO_DATE = "The amount is a running total, which includes other contributions."
    PART = "The amount is included in that of a joint contribution."
    UPPER_BOUND = "The amount is an upper bound."
    SHARE_UNKNOWN = "The share of the donor in a joint contribution is unknown."


def exclusion_sql(*cases: tuple[Any, SumExclusion]) -> Any:
    """Return the SQL of the reason whose condition is the first to hold; null if none does."""
    reasons = case(*((condition, literal(reason.name, String)) for condition, reason in cases))
    return type_coerce(reasons, EnumColumn(SumExclusion, native_enum=False, length=40))


def first_exclusion(*reasons: Any) -> Any:
    """Return the SQL of the first of `reasons` that is not null; null if all are."""
    return type_coerce(func.coalesce(*reasons), reasons[-1].type)


class Summed:
    """An entity whose amount is summed, with the reason why a sum leaves it out.

    Attributes:
        summed_amount: The name of the amount.
    """

    summed_amount: ClassVar[str]

    @hybrid_property
    def counts_in_sums(self) -> bool:
        """Whether the amount is included in sums."""
        return getattr(self, f"{self.summed_amount}_minor") is not None

    @counts_in_sums.inplace.expression
    @classmethod
    def _counts_in_sums(cls) -> Any:
        return getattr(cls, f"{cls.summed_amount}_minor").is_not(None)

    @hybrid_property
    def left_out_of_sums(self) -> SumExclusion | None:
        """Why sums leave the object out; null if they include it."""
        return None if self.counts_in_sums else SumExclusion.AMOUNT_UNKNOWN

    @left_out_of_sums.inplace.expression
    @classmethod
    def _left_out_of_sums(cls) -> Any:
        amount = getattr(cls, f"{cls.summed_amount}_minor")
        return exclusion_sql((amount.is_(None), SumExclusion.AMOUNT_UNKNOWN))
