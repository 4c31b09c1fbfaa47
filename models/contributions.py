"""Contributions of one donor or of several donors together."""

from __future__ import annotations

import datetime as dt
from enum import Enum, unique
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, CheckConstraint, UniqueConstraint, and_, case
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.allocations import Allocation
from models.base import Entity, reference_to, sort_indexes
from models.derived.values import derived
from models.markings import HasMarking
from models.money import money_checks
from models.participants import Participant
from models.precision import DatePrecision, Qualifier
from models.sources import Sourced
from models.sql_functions import year_of
from models.status_transitions import HasStatus
from models.types import CODE, CURRENCY, KEY, PARAGRAPH, enum_column

if TYPE_CHECKING:
    from models.deliveries import Delivery
    from models.derived.rows import RowAlias
    from models.published_figures import PublishedFigure


@unique
class ContributionKind(Enum):
    """The form of a contribution."""

    CASH = "Money."
    IN_KIND = "Goods, licences or services."


@unique
class StatementKind(Enum):
    """The meaning of an announced amount."""

    INCREMENT = "The amount of this contribution alone."
    TOTAL_TO_DATE = "The donor's total up to the announcement; left out of sums."


@unique
class ContributionStatus(Enum):
    """The status of a contribution."""

    PLEDGED = "Announced."
    COMMITTED = "Confirmed; its money can pay for orders."
    DISBURSED = "Paid out or handed over."
    CANCELLED = "Cancelled."


#: A contribution can be cancelled only while it has no allocated money.
CONTRIBUTION_TRANSITIONS = {
    ContributionStatus.PLEDGED: frozenset({ContributionStatus.COMMITTED, ContributionStatus.CANCELLED}),
    ContributionStatus.COMMITTED: frozenset({ContributionStatus.DISBURSED, ContributionStatus.CANCELLED}),
    ContributionStatus.DISBURSED: frozenset[ContributionStatus](),
    ContributionStatus.CANCELLED: frozenset[ContributionStatus](),
}


class Contribution(HasStatus, HasMarking, Sourced, Entity):
    """Money or goods that one donor, or several donors together, give to the coalition."""

    __tablename__ = "contributions"
    natural_key = ("reference",)
    transitions = CONTRIBUTION_TRANSITIONS

    reference: Mapped[str] = mapped_column(CODE, unique=True, doc="The reference in the register, such as `CON-004`.")
    kind: Mapped[ContributionKind] = mapped_column(
        enum_column(ContributionKind, "kind"), doc="The form of the contribution."
    )
    status: Mapped[ContributionStatus] = mapped_column(
        enum_column(ContributionStatus, "status"),
        default=ContributionStatus.PLEDGED,
        doc="The status of the contribution.",
    )
    statement_kind: Mapped[StatementKind] = mapped_column(
        enum_column(StatementKind, "statement_kind"), default=StatementKind.INCREMENT, doc="The meaning of the amount."
    )
    amount_minor: Mapped[int | None] = mapped_column(BigInteger, doc="The value; null if no source states it.")
    amount_currency: Mapped[str | None] = mapped_column(CURRENCY)
    amount_qualifier: Mapped[Qualifier] = mapped_column(
        enum_column(Qualifier, "amount_qualifier"), default=Qualifier.EXACT, doc="How the source qualifies the amount."
    )
    announced_on: Mapped[dt.date | None] = mapped_column(
        doc="The date of the announcement; null if no source states it."
    )
    announced_on_precision: Mapped[DatePrecision | None] = mapped_column(
        enum_column(DatePrecision, "announced_on_precision"), doc="The precision of `announcedOn`."
    )
    earmark: Mapped[str | None] = mapped_column(PARAGRAPH, doc="The purpose that the donor stated.")
    note: Mapped[str | None] = mapped_column(PARAGRAPH, doc="Caveats to read before you cite the contribution.")
    part_of_id: Mapped[str | None] = mapped_column(KEY, reference_to("contributions"))

    part_of: Mapped[Contribution | None] = relationship(
        back_populates="parts",
        remote_side="Contribution.id",
        doc="The joint contribution that includes this contribution.",
    )
    parts: Mapped[list[Contribution]] = relationship(
        back_populates="part_of", doc="The published parts of this joint contribution."
    )
    donors: Mapped[list[ContributionDonor]] = relationship(
        back_populates="contribution", cascade="all, delete-orphan", doc="The donors, with their shares where known."
    )
    allocations: Mapped[list[Allocation]] = relationship(
        back_populates="contribution",
        cascade="all, delete-orphan",
        foreign_keys="Allocation.contribution_id",
        doc="The allocations of its money to procurements.",
    )
    deliveries: Mapped[list[Delivery]] = relationship(
        back_populates="contribution", doc="The deliveries of this in-kind contribution."
    )
    published_figures: Mapped[list[PublishedFigure]] = relationship(
        back_populates="contribution", doc="Other figures published about the contribution."
    )

    @hybrid_property
    def announced_year(self) -> int | None:
        """Year of the announcement."""
        return self.announced_on.year if self.announced_on else None

    @announced_year.inplace.expression
    @classmethod
    def _announced_year(cls) -> Any:
        return year_of(cls.announced_on)

    @hybrid_property
    def allocated_currency(self) -> str | None:
        """Currency of the allocated money; the same as the amount's."""
        return self.amount_currency

    @hybrid_property
    def unallocated_currency(self) -> str | None:
        """Currency of the unallocated money; the same as the amount's."""
        return self.amount_currency

    @hybrid_property
    def countable_currency(self) -> str | None:
        """Currency of the countable amount; the same as the amount's."""
        return self.amount_currency

    @derived
    def allocated_minor(self) -> int | None:
        """Sum of the allocations."""
        if self.amount_minor is None:
            return None
        return sum(allocation.amount_minor for allocation in self.allocations)

    @allocated_minor.expression
    @staticmethod
    def _allocated_minor(contribution: RowAlias) -> Any:
        allocation = contribution.related("allocations")
        return case((contribution.amount_minor.is_not(None), allocation.sum(allocation.amount_minor)))

    @derived
    def unallocated_minor(self) -> int | None:
        """Amount that is not allocated yet."""
        return None if self.amount_minor is None else self.amount_minor - (self.allocated_minor or 0)

    @unallocated_minor.expression
    @staticmethod
    def _unallocated_minor(contribution: RowAlias) -> Any:
        return contribution.amount_minor - contribution.allocated_minor

    @derived
    def countable_minor(self) -> int | None:
        """Amount to include in sums; null for a total to date, a part, an upper bound or a cancelled contribution."""
        countable = (
            self.statement_kind is StatementKind.INCREMENT
            and self.part_of is None
            and self.status is not ContributionStatus.CANCELLED
            and self.amount_qualifier is not Qualifier.UP_TO
        )
        return self.amount_minor if countable else None

    @countable_minor.expression
    @staticmethod
    def _countable_minor(contribution: RowAlias) -> Any:
        countable = and_(
            contribution.statement_kind == StatementKind.INCREMENT,
            # Not the key alone: it would reveal a joint contribution that is hidden from the viewer.
            ~contribution.related("part_of").exists(),
            contribution.status != ContributionStatus.CANCELLED,
            contribution.amount_qualifier != Qualifier.UP_TO,
        )
        return case((countable, contribution.amount_minor))

    @derived
    def donor_codes(self) -> str | None:
        """Codes of the donors in alphabetical order, joined by `+`."""
        return "+".join(sorted(donor.participant.code for donor in self.donors)) or None

    @donor_codes.expression
    @staticmethod
    def _donor_codes(contribution: RowAlias) -> Any:
        participant = contribution.related("donors").join("participant")
        return participant.codes(participant.code)

    __table_args__ = (
        *money_checks("amount"),
        # A foreign key of allocations refers to both columns, so that their currencies agree.
        UniqueConstraint("id", "amount_currency"),
        CheckConstraint("part_of_id <> id", name="part_of"),
        *sort_indexes("reference", "kind", "status", "marking", "statement_kind", "amount_currency+amount_minor"),
        *sort_indexes("announced_on", "created_at", "updated_at"),
        *sort_indexes("reference", within="part_of_id"),
    )


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

    __table_args__ = (
        *money_checks("share"),
        UniqueConstraint("contribution_id", "participant_id"),
        *sort_indexes("created_at", "updated_at", "share_currency+share_minor"),
        *sort_indexes("created_at", within="contribution_id"),
        *sort_indexes("created_at", within="participant_id"),
    )
