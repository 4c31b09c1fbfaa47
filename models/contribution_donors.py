"""Donors of contributions, each with its share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, Boolean, UniqueConstraint, and_, case, func, type_coerce
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Entity, reference_to, sort_indexes
from models.derived.values import derived
from models.money import money_checks
from models.sums import SumExclusion, exclusion_sql, first_exclusion
from models.types import CURRENCY, KEY

if TYPE_CHECKING:
    from models.contributions import Contribution
    from models.derived.rows import RowAlias
    from models.participants import Participant


class ContributionDonor(Entity):
    """A donor of a contribution, with its share."""

    __tablename__ = "contribution_donors"
    natural_key = ("contribution", "participant")
    parent_relation = "contribution"

    contribution_id: Mapped[str] = mapped_column(KEY, reference_to("contributions", ondelete="CASCADE"))
    participant_id: Mapped[str] = mapped_column(KEY, reference_to("participants"))
    share_minor: Mapped[int | None] = mapped_column(BigInteger, doc="The donor's share; null if it is unknown.")
    share_currency: Mapped[str | None] = mapped_column(CURRENCY)

    contribution: Mapped[Contribution] = relationship(back_populates="donors", doc="The contribution.")
    participant: Mapped[Participant] = relationship(back_populates="donations", doc="The donor.")

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

    __table_args__ = (
        *money_checks("share"),
        UniqueConstraint("contribution_id", "participant_id"),
        *sort_indexes("created_at", "updated_at", "share_currency+share_minor"),
        *sort_indexes("created_at", within="contribution_id"),
        *sort_indexes("created_at", within="participant_id"),
    )
