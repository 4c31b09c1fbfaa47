"""Contributions of one donor or of several donors together."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, Boolean, CheckConstraint, UniqueConstraint, and_, case, type_coerce
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Entity, reference_to, sort_indexes
from models.derived.values import derived
from models.documents.document_links import document_links_of
from models.funding.allocations import Allocation
from models.funding.contribution_status import (
    CONTRIBUTION_TRANSITIONS,
    ContributionKind,
    ContributionStatus,
    StatementKind,
)
from models.funding.donor_shares import HasCountableShare
from models.funding.earmarks import HasEarmarks
from models.markings import HasMarking
from models.meetings.targets import action_items_of
from models.money import money_checks
from models.precision import DatePrecision, Qualifier
from models.search.searched import Searched
from models.sources.sources import Sourced
from models.sql_functions import year_of
from models.status_transitions import HasStatus
from models.sums import SumExclusion, exclusion_sql
from models.types import CODE, CURRENCY, KEY, PARAGRAPH, enum_column

if TYPE_CHECKING:
    from models.derived.rows import RowAlias
    from models.documents.document_links import DocumentLink
    from models.funding.disbursements import ContributionTranche, Disbursement
    from models.meetings.action_items import ActionItem
    from models.orders.deliveries import Delivery
    from models.people.participants import Participant
    from models.sources.published_figures import PublishedFigure


class Contribution(HasStatus, HasMarking, HasEarmarks, Sourced, Entity):
    """Money or goods that one donor, or several donors together, give to the coalition."""

    __tablename__ = "contributions"
    natural_key = ("reference",)
    searched = Searched("reference", "", ("earmark", "note"))
    transitions = CONTRIBUTION_TRANSITIONS
    reopens = frozenset(
        {
            (ContributionStatus.DISBURSED, ContributionStatus.COMMITTED),
            (ContributionStatus.CANCELLED, ContributionStatus.PLEDGED),
        }
    )

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
    committed_on: Mapped[dt.date | None] = mapped_column(
        doc="The date on which the donor committed it; null if no source states it."
    )
    committed_on_precision: Mapped[DatePrecision | None] = mapped_column(
        enum_column(DatePrecision, "committed_on_precision"), doc="The precision of `committedOn`."
    )
    earmark: Mapped[str | None] = mapped_column(PARAGRAPH, doc="The purpose, in the words of the donor.")
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
    tranches: Mapped[list[ContributionTranche]] = relationship(
        back_populates="contribution",
        cascade="all, delete-orphan",
        foreign_keys="ContributionTranche.contribution_id",
        doc="The parts that are planned to be paid in one year each.",
    )
    disbursements: Mapped[list[Disbursement]] = relationship(
        back_populates="contribution",
        cascade="all, delete-orphan",
        foreign_keys="Disbursement.contribution_id",
        doc="The payments and refunds.",
    )
    deliveries: Mapped[list[Delivery]] = relationship(
        back_populates="contribution", doc="The deliveries of this in-kind contribution."
    )
    published_figures: Mapped[list[PublishedFigure]] = relationship(
        back_populates="contribution", doc="Other figures published about the contribution."
    )
    action_items: Mapped[list[ActionItem]] = action_items_of()
    document_links: Mapped[list[DocumentLink]] = document_links_of()

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
        """Amount that is not allocated yet, from the contribution or its parts; null if it cannot be allocated."""
        if not self.counts_in_sums or self.kind is ContributionKind.IN_KIND:
            return None
        allocations = [*self.allocations, *(each for part in self.parts for each in part.allocations)]
        allocated = [each for each in allocations if each.amount_currency == self.amount_currency]
        return (self.amount_minor or 0) - sum(each.amount_minor for each in allocated)

    @unallocated_minor.expression
    @staticmethod
    def _unallocated_minor(contribution: RowAlias) -> Any:
        part = contribution.related("parts").join("allocations")
        of_parts = part.sum(part.amount_minor, where=part.amount_currency == contribution.amount_currency)
        left = contribution.amount_minor - contribution.allocated_minor - of_parts
        return case((and_(contribution.counts_in_sums, contribution.kind == ContributionKind.CASH), left))

    @hybrid_property
    def paid_currency(self) -> str | None:
        """Currency of the paid amount; the same as the amount's."""
        return self.amount_currency

    @derived
    def paid_minor(self) -> int | None:
        """Paid amount: the whole amount if the status is DISBURSED, otherwise the sum of the disbursements."""
        if self.amount_minor is None or self.status is ContributionStatus.DISBURSED:
            return self.amount_minor
        return sum(entry.amount_minor for entry in self.disbursements)

    @paid_minor.expression
    @staticmethod
    def _paid_minor(contribution: RowAlias) -> Any:
        entry = contribution.related("disbursements")
        paid = case(
            (contribution.status == ContributionStatus.DISBURSED, contribution.amount_minor),
            else_=entry.sum(entry.amount_minor),
        )
        return case((contribution.amount_minor.is_not(None), paid))

    @derived
    def countable_minor(self) -> int | None:
        """Amount to include in sums; null for a total to date, a part, an upper bound or a cancelled contribution."""
        return self.amount_minor if self.counts_in_sums else None

    @countable_minor.expression
    @staticmethod
    def _countable_minor(contribution: RowAlias) -> Any:
        return case((contribution.counts_in_sums, contribution.amount_minor))

    @derived
    def counts_in_sums(self) -> bool:
        """Whether the amount is included in sums."""
        return self.left_out_of_sums is None

    @counts_in_sums.expression
    @staticmethod
    def _counts_in_sums(contribution: RowAlias) -> Any:
        return type_coerce(contribution.left_out_of_sums.is_(None), Boolean())

    @derived
    def left_out_of_sums(self) -> SumExclusion | None:
        """Why sums leave the contribution out; null if they include it."""
        reasons = {
            SumExclusion.CANCELLED: self.status is ContributionStatus.CANCELLED,
            SumExclusion.TOTAL_TO_DATE: self.statement_kind is StatementKind.TOTAL_TO_DATE,
            SumExclusion.PART: self.part_of is not None,
            SumExclusion.UPPER_BOUND: self.amount_qualifier is Qualifier.UP_TO,
            SumExclusion.AMOUNT_UNKNOWN: self.amount_minor is None,
        }
        return next((reason for reason, holds in reasons.items() if holds), None)

    @left_out_of_sums.expression
    @staticmethod
    def _left_out_of_sums(contribution: RowAlias) -> Any:
        return exclusion_sql(
            (contribution.status == ContributionStatus.CANCELLED, SumExclusion.CANCELLED),
            (contribution.statement_kind == StatementKind.TOTAL_TO_DATE, SumExclusion.TOTAL_TO_DATE),
            # Not the key alone: it would reveal a joint contribution that is hidden from the viewer.
            (contribution.related("part_of").exists(), SumExclusion.PART),
            (contribution.amount_qualifier == Qualifier.UP_TO, SumExclusion.UPPER_BOUND),
            (contribution.amount_minor.is_(None), SumExclusion.AMOUNT_UNKNOWN),
        )

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
        *sort_indexes("announced_on", "committed_on", "created_at", "updated_at"),
        *sort_indexes("reference", within="part_of_id"),
    )


class ContributionDonor(HasCountableShare, Entity):
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
