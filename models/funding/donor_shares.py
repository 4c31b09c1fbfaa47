"""The share of a donor that sums include."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Boolean, and_, case, func, type_coerce

from models.derived.values import derived
from models.sums import SumExclusion, exclusion_sql, first_exclusion

if TYPE_CHECKING:
    from sqlalchemy.orm import Mapped

    from models.derived.rows import RowAlias
    from models.funding.contributions import Contribution


class HasCountableShare:
    """A donor of a contribution: its share counts once, and a share that is unknown is counted as unknown."""

    if TYPE_CHECKING:
        contribution: Mapped[Contribution]
        share_minor: Mapped[int | None]
        share_currency: Mapped[str | None]

    @derived
    def countable_share_currency(self) -> str | None:
        """Currency of the countable share; that of the contribution."""
        return self.share_currency or self.contribution.amount_currency

    @countable_share_currency.expression
    @staticmethod
    def _countable_share_currency(donor: RowAlias) -> Any:
        given = donor.related("contribution")
        return func.coalesce(donor.share_currency, given.first(given.amount_currency))

    @derived
    def countable_share_minor(self) -> int | None:
        """Share to include in sums: all of a contribution that the donor gives alone; null if none is included."""
        if self.left_out_of_sums:
            return None
        return self.contribution.amount_minor if self.share_minor is None else self.share_minor

    @countable_share_minor.expression
    @staticmethod
    def _countable_share_minor(donor: RowAlias) -> Any:
        given = donor.related("contribution")
        whole = given.first(given.amount_minor)
        return case((donor.counts_in_sums, func.coalesce(donor.share_minor, whole)))

    @derived
    def counts_in_sums(self) -> bool:
        """Whether the donor's part of the contribution is included in sums."""
        return self.left_out_of_sums is None

    @counts_in_sums.expression
    @staticmethod
    def _counts_in_sums(donor: RowAlias) -> Any:
        return type_coerce(donor.left_out_of_sums.is_(None), Boolean())

    @derived
    def left_out_of_sums(self) -> SumExclusion | None:
        """Why sums leave the donor's part out; null if they include it."""
        alone = len(self.contribution.donors) == 1
        unknown = None if alone or self.share_minor is not None else SumExclusion.SHARE_UNKNOWN
        return self.contribution.left_out_of_sums or unknown

    @left_out_of_sums.expression
    @staticmethod
    def _left_out_of_sums(donor: RowAlias) -> Any:
        given = donor.related("contribution")
        other = donor.related("contribution").join("donors")
        unknown = and_(donor.share_minor.is_(None), other.exists(where=other.id != donor.id))
        return first_exclusion(
            given.first(given.left_out_of_sums), exclusion_sql((unknown, SumExclusion.SHARE_UNKNOWN))
        )
