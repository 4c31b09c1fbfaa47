"""Capability areas, and the capability needs of Ukraine's forces."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from enum import Enum, unique
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, CheckConstraint, Computed, and_, case, literal, type_coerce
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Entity, reference_to, sort_indexes
from models.derived.shares import share, share_sql
from models.derived.values import derived
from models.documents.comment_threads import comment_threads_of
from models.documents.document_links import document_links_of
from models.drafts import HasDrafts
from models.figures.coverage import HasCoverage
from models.figures.need_funding import HasFunding
from models.markings import HasMarking
from models.meetings.targets import action_items_of
from models.money import money_checks
from models.orders.deliveries import COUNTED_STATUSES
from models.precision import DatePrecision
from models.search.searched import Searched
from models.sources.sources import Sourced
from models.sums import Summed
from models.types import CODE, CPV, CURRENCY, KEY, LINE, PARAGRAPH, Quantity, enum_column
from models.units import HasUnit, have_same_unit

if TYPE_CHECKING:
    from models.derived.rows import RowAlias
    from models.documents.comment_threads import CommentThread
    from models.documents.document_links import DocumentLink
    from models.funding.allocations import Allocation
    from models.funding.contributions import Contribution
    from models.meetings.action_items import ActionItem
    from models.orders.delivery_lines import DeliveryLine
    from models.orders.order_lines import OrderLine
    from models.people.expert_groups import ExpertGroup
    from models.people.participants import Participant
    from models.planning.roadmaps import RoadmapLine
    from models.procurement.procurements import Procurement


class CapabilityArea(Sourced, Entity):
    """A capability area that the coalition or Ukraine has named in public."""

    __tablename__ = "capability_areas"
    natural_key = ("code",)

    code: Mapped[str] = mapped_column(CODE, unique=True, doc="The short code, such as `CYBER`.")
    name: Mapped[str] = mapped_column(LINE, doc="The name.")
    description: Mapped[str | None] = mapped_column(PARAGRAPH, doc="The scope of the area, and the published wording.")
    named_on: Mapped[dt.date | None] = mapped_column(doc="The date on which the area was named in public.")
    named_on_precision: Mapped[DatePrecision | None] = mapped_column(
        enum_column(DatePrecision, "named_on_precision"), doc="The precision of `namedOn`."
    )

    needs: Mapped[list[CapabilityNeed]] = relationship(back_populates="area", doc="The needs in this area.")
    earmarked_contributions: Mapped[list[Contribution]] = relationship(
        secondary="contribution_earmarked_areas",
        back_populates="earmarked_areas",
        doc="The contributions that donors give for this area.",
    )

    __table_args__ = (*sort_indexes("code", "name", "named_on", "created_at", "updated_at"),)


@unique
class Priority(Enum):
    """The urgency of a need or an action item."""

    CRITICAL = "Must be met first."
    HIGH = "Must be met soon."
    MEDIUM = "Important, but can wait until the next year."
    LOW = "Desirable."


PRIORITY_RANK = "CASE priority WHEN 'CRITICAL' THEN 1 WHEN 'HIGH' THEN 2 WHEN 'MEDIUM' THEN 3 WHEN 'LOW' THEN 4 END"


@unique
class NeedStatus(Enum):
    """The status of a capability need."""

    DRAFT = "In preparation."
    SUBMITTED = "Submitted, not yet reviewed."
    VALIDATED = "Reviewed and accepted by the group."
    PLANNED = "Planned on a roadmap."
    IN_PROCUREMENT = "A procurement is in progress."
    PARTIALLY_MET = "Partly delivered and accepted."
    MET = "Fully delivered and accepted."
    REJECTED = "Reviewed and rejected."
    WITHDRAWN = "Withdrawn."


NEED_TRANSITIONS = {
    NeedStatus.DRAFT: frozenset({NeedStatus.SUBMITTED, NeedStatus.WITHDRAWN}),
    NeedStatus.SUBMITTED: frozenset({NeedStatus.VALIDATED, NeedStatus.REJECTED, NeedStatus.WITHDRAWN}),
    NeedStatus.VALIDATED: frozenset({NeedStatus.PLANNED, NeedStatus.REJECTED, NeedStatus.WITHDRAWN}),
    NeedStatus.PLANNED: frozenset({NeedStatus.IN_PROCUREMENT, NeedStatus.WITHDRAWN}),
    NeedStatus.IN_PROCUREMENT: frozenset({NeedStatus.PARTIALLY_MET, NeedStatus.WITHDRAWN}),
    NeedStatus.PARTIALLY_MET: frozenset({NeedStatus.MET, NeedStatus.WITHDRAWN}),
    NeedStatus.MET: frozenset[NeedStatus](),
    NeedStatus.REJECTED: frozenset({NeedStatus.SUBMITTED}),
    NeedStatus.WITHDRAWN: frozenset({NeedStatus.SUBMITTED}),
}

#: A roadmap line sets PLANNED; procurements and accepted deliveries set the others.
NEED_AUTOMATIC = frozenset({NeedStatus.PLANNED, NeedStatus.IN_PROCUREMENT, NeedStatus.PARTIALLY_MET, NeedStatus.MET})

#: The needs that were given up, so that nothing more is bought for them.
GIVEN_UP = (NeedStatus.REJECTED, NeedStatus.WITHDRAWN)


class CapabilityNeed(HasDrafts, HasMarking, HasUnit, HasCoverage, HasFunding, Summed, Sourced, Entity):
    """A capability that Ukraine's forces lack, with the quantity, the priority and the date."""

    __tablename__ = "capability_needs"
    natural_key = ("reference",)
    searched = Searched("reference", "title", ("gap_statement",))
    owned_through = "group"
    transitions = NEED_TRANSITIONS
    automatic_statuses = NEED_AUTOMATIC
    summed_amount = "estimated_cost"
    reopens = frozenset((status, NeedStatus.SUBMITTED) for status in GIVEN_UP)

    reference: Mapped[str] = mapped_column(CODE, unique=True, doc="The reference in the register, such as `NEED-003`.")
    title: Mapped[str] = mapped_column(LINE, doc="The needed capability, in one line.")
    gap_statement: Mapped[str | None] = mapped_column(PARAGRAPH, doc="The capability gap and its consequences.")
    status: Mapped[NeedStatus] = mapped_column(
        enum_column(NeedStatus, "status"), default=NeedStatus.DRAFT, doc="The status of the need."
    )
    priority: Mapped[Priority | None] = mapped_column(
        enum_column(Priority, "priority"), doc="The urgency; null if no source ranks the need."
    )
    priority_rank: Mapped[int | None] = mapped_column(
        Computed(PRIORITY_RANK, persisted=True), doc="The priority as a number; 1 is the most urgent."
    )
    quantity: Mapped[Decimal | None] = mapped_column(
        Quantity, doc="The number of units needed; null if no source states it."
    )
    cpv_code: Mapped[str | None] = mapped_column(CPV, doc="The code in the Common Procurement Vocabulary (CPV).")
    estimated_cost_minor: Mapped[int | None] = mapped_column(BigInteger, doc="The estimated cost of meeting the need.")
    estimated_cost_currency: Mapped[str | None] = mapped_column(CURRENCY)
    needed_by: Mapped[dt.date | None] = mapped_column(doc="The date by which the capability is needed.")
    area_id: Mapped[str] = mapped_column(KEY, reference_to("capability_areas"))
    group_id: Mapped[str | None] = mapped_column(KEY, reference_to("expert_groups"))
    requested_by_id: Mapped[str | None] = mapped_column(KEY, reference_to("participants"))

    area: Mapped[CapabilityArea] = relationship(back_populates="needs", doc="The capability area of the need.")
    group: Mapped[ExpertGroup | None] = relationship(
        back_populates="capability_needs", doc="The expert group that is responsible for the need."
    )
    requested_by: Mapped[Participant | None] = relationship(
        back_populates="requested_needs", doc="The participant that requested the capability."
    )
    procurements: Mapped[list[Procurement]] = relationship(
        secondary="procurement_needs",
        back_populates="needs",
        doc="The procurements that are intended to meet the need.",
    )
    roadmap_lines: Mapped[list[RoadmapLine]] = relationship(
        back_populates="need", doc="The roadmap lines that plan the need."
    )
    order_lines: Mapped[list[OrderLine]] = relationship(
        back_populates="need", doc="The order lines that are intended to meet the need."
    )
    delivery_lines: Mapped[list[DeliveryLine]] = relationship(
        back_populates="need", doc="The delivery lines that count towards the need."
    )
    allocations: Mapped[list[Allocation]] = relationship(
        back_populates="need", foreign_keys="Allocation.need_id", doc="The allocations whose money is for this need."
    )
    earmarked_contributions: Mapped[list[Contribution]] = relationship(
        secondary="contribution_earmarked_needs",
        back_populates="earmarked_needs",
        doc="The contributions that donors give for this need.",
    )
    action_items: Mapped[list[ActionItem]] = action_items_of()
    document_links: Mapped[list[DocumentLink]] = document_links_of()
    comment_threads: Mapped[list[CommentThread]] = comment_threads_of("need")

    @derived
    def accepted_quantity(self) -> Decimal:
        """Units accepted and not returned, from all fully or partly accepted deliveries, in the need's unit."""
        counted = (
            line.remaining
            for line in self.delivery_lines
            if line.delivery.status in COUNTED_STATUSES and line.unit == self.unit
        )
        return sum(counted, Decimal(0))

    @accepted_quantity.expression
    @staticmethod
    def _accepted_quantity(need: RowAlias) -> Any:
        line = need.related("delivery_lines")
        counts = and_(line.join("delivery").status.in_(COUNTED_STATUSES), have_same_unit(line, need))
        return type_coerce(line.sum(line.accepted - line.returned, where=counts), Quantity())

    @derived
    def outstanding_quantity(self) -> Decimal | None:
        """Units still missing, at least 0; null while the needed quantity is unknown."""
        return None if self.quantity is None else max(self.quantity - self.accepted_quantity, Decimal(0))

    @outstanding_quantity.expression
    @staticmethod
    def _outstanding_quantity(need: RowAlias) -> Any:
        left = need.quantity - need.accepted_quantity
        return type_coerce(case((left < 0, literal(0)), else_=left), Quantity())

    @derived
    def fulfilment(self) -> int | None:
        """Share of the needed quantity that is accepted, from 0 to 1; null while the needed quantity is unknown."""
        return share(self.accepted_quantity, self.quantity)

    @fulfilment.expression
    @staticmethod
    def _fulfilment(need: RowAlias) -> Any:
        return share_sql(need.accepted_quantity, need.quantity)

    __table_args__ = (
        *money_checks("estimated_cost"),
        CheckConstraint("quantity > 0", name="quantity"),
        CheckConstraint("length(cpv_code) = 10", name="cpv_code"),
        *sort_indexes(
            "reference", "title", "status", "marking", "priority", "priority_rank", "quantity", "cpv_code", "needed_by"
        ),
        *sort_indexes("estimated_cost_currency+estimated_cost_minor", "created_at", "updated_at"),
        *sort_indexes("reference", within="area_id"),
        *sort_indexes("reference", within="group_id"),
        *sort_indexes("reference", within="requested_by_id"),
    )
