"""Disbursements: the payments and refunds of a contribution's money, and the tranches in which it is planned."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKeyConstraint, UniqueConstraint
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Entity, reference_to, sort_indexes
from models.derived.values import derived
from models.money import money_checks, signed_money_checks
from models.sources.sources import Sourced
from models.sql_functions import year_of
from models.types import CURRENCY, KEY, PARAGRAPH

if TYPE_CHECKING:
    from models.derived.rows import RowAlias
    from models.funding.contributions import Contribution


class ContributionTranche(Entity):
    """The part of a contribution that the donor plans to pay in one year."""

    __tablename__ = "contribution_tranches"
    natural_key = ("contribution", "year")
    parent_relation = "contribution"

    contribution_id: Mapped[str] = mapped_column(KEY, reference_to("contributions", ondelete="CASCADE"))
    year: Mapped[int] = mapped_column(doc="The year in which the tranche is planned.")
    amount_minor: Mapped[int] = mapped_column(BigInteger, doc="The planned amount.")
    amount_currency: Mapped[str] = mapped_column(CURRENCY)

    contribution: Mapped[Contribution] = relationship(
        back_populates="tranches", foreign_keys=[contribution_id], doc="The contribution."
    )

    @hybrid_property
    def paid_currency(self) -> str:
        """Currency of the paid amount; the same as the planned amount's."""
        return self.amount_currency

    @derived
    def paid_minor(self) -> int:
        """Sum of the disbursements of this tranche, less refunds."""
        entries = self.contribution.disbursements
        return sum(each.amount_minor for each in entries if each.tranche_year == self.year)

    @paid_minor.expression
    @staticmethod
    def _paid_minor(tranche: RowAlias) -> Any:
        entry = tranche.related("contribution").join("disbursements")
        return entry.sum(entry.amount_minor, where=entry.tranche_year == tranche.year)

    __table_args__ = (
        *money_checks("amount"),
        UniqueConstraint("contribution_id", "year"),
        # Deferred, because a contribution and its tranches change their currency one after the other.
        ForeignKeyConstraint(
            ["contribution_id", "amount_currency"],
            ["contributions.id", "contributions.amount_currency"],
            deferrable=True,
            initially="DEFERRED",
        ),
        *sort_indexes("year", "amount_currency+amount_minor", "created_at", "updated_at"),
        *sort_indexes("year", within="contribution_id"),
    )


class Disbursement(Sourced, Entity):
    """A payment of a contribution's money, or a refund of it: a numbered entry that never changes."""

    __tablename__ = "disbursements"
    natural_key = ("contribution", "number")
    parent_relation = "contribution"

    contribution_id: Mapped[str] = mapped_column(KEY, reference_to("contributions"))
    number: Mapped[int] = mapped_column(doc="The number of the entry within the contribution, from 1.")
    paid_on: Mapped[dt.date] = mapped_column(doc="The day of the payment or refund.")
    amount_minor: Mapped[int] = mapped_column(BigInteger, doc="The paid amount; negative for a refund or a reduction.")
    amount_currency: Mapped[str] = mapped_column(CURRENCY)
    tranche_year: Mapped[int | None] = mapped_column(doc="The year of the tranche that it belongs to.")
    corrects: Mapped[int | None] = mapped_column(doc="The number of the earlier entry that it corrects.")
    reason: Mapped[str | None] = mapped_column(PARAGRAPH, doc="The reason; a negative amount always has one.")

    contribution: Mapped[Contribution] = relationship(
        back_populates="disbursements",
        foreign_keys=[contribution_id],
        doc="The contribution.",
    )

    @hybrid_property
    def paid_year(self) -> int:
        """Year of the payment or refund."""
        return self.paid_on.year

    @paid_year.inplace.expression
    @classmethod
    def _paid_year(cls) -> Any:
        return year_of(cls.paid_on)

    __table_args__ = (
        *signed_money_checks("amount"),
        CheckConstraint("amount_minor > 0 OR (amount_minor < 0 AND reason IS NOT NULL)", name="reason"),
        CheckConstraint("number > 0", name="number"),
        CheckConstraint("corrects < number", name="corrects"),
        UniqueConstraint("contribution_id", "number"),
        ForeignKeyConstraint(
            ["contribution_id", "amount_currency"], ["contributions.id", "contributions.amount_currency"]
        ),
        ForeignKeyConstraint(
            ["contribution_id", "tranche_year"], ["contribution_tranches.contribution_id", "contribution_tranches.year"]
        ),
        *sort_indexes("paid_on", "number", "tranche_year", "amount_currency+amount_minor", "created_at", "updated_at"),
        *sort_indexes("number", within="contribution_id"),
    )
