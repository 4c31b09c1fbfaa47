"""What Ukraine's forces need, by capability area, and how far deliveries meet it."""

from __future__ import annotations

import datetime as dt
from enum import Enum, unique
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, CheckConstraint, Computed, case, literal
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Entity, reference_to, sort_indexes
from models.deliveries import COUNTED_STATUSES
from models.derived.shares import share, share_sql
from models.derived.values import derived
from models.markings import HasMarking
from models.money import money_checks
from models.precision import DatePrecision
from models.sources import Sourced
from models.status_transitions import HasStatus
from models.types import CODE, CPV, CURRENCY, KEY, LINE, PARAGRAPH, enum_column, text

if TYPE_CHECKING:
    from models.deliveries import DeliveryLine
    from models.derived.rows import RowAlias
    from models.expert_groups import ExpertGroup
    from models.participants import Participant
    from models.procurements import Procurement
    from models.roadmaps import RoadmapLine


class CapabilityArea(Sourced, Entity):
    """A field of capability that the coalition or Ukraine has named in public."""

    __tablename__ = "capability_areas"
    natural_key = ("code",)

    code: Mapped[str] = mapped_column(CODE, unique=True, doc="Its short code, such as `CYBER`.")
    name: Mapped[str] = mapped_column(LINE, doc="Its name.")
    description: Mapped[str | None] = mapped_column(PARAGRAPH, doc="What it covers, and in what words it was named.")
    named_on: Mapped[dt.date | None] = mapped_column(doc="When it was named in public.")
    named_on_precision: Mapped[DatePrecision | None] = mapped_column(
        enum_column(DatePrecision, "named_on_precision"), doc="How exactly that date is known."
    )

    needs: Mapped[list[CapabilityNeed]] = relationship(back_populates="area", doc="The needs in this area.")

    __table_args__ = (*sort_indexes("code", "name", "named_on", "created_at", "updated_at"),)


@unique
class Priority(Enum):
    """How urgent a need is."""

    CRITICAL = "Must be met first."
    HIGH = "Must be met soon."
    MEDIUM = "Matters, and can wait for the next year."
    LOW = "Good to have."


PRIORITY_RANK = "CASE priority WHEN 'CRITICAL' THEN 1 WHEN 'HIGH' THEN 2 WHEN 'MEDIUM' THEN 3 WHEN 'LOW' THEN 4 END"


@unique
class NeedStatus(Enum):
    """Where a capability need stands."""

    DRAFT = "Being written."
    SUBMITTED = "Stated, not yet examined."
    VALIDATED = "Examined and accepted by the group."
    PLANNED = "On a roadmap."
    IN_PROCUREMENT = "Being bought."
    PARTIALLY_MET = "Part of it is delivered and accepted."
    MET = "All of it is delivered and accepted."
    REJECTED = "Examined and turned down."
    WITHDRAWN = "Taken back."


NEED_TRANSITIONS = {
    NeedStatus.DRAFT: frozenset({NeedStatus.SUBMITTED, NeedStatus.WITHDRAWN}),
    NeedStatus.SUBMITTED: frozenset({NeedStatus.VALIDATED, NeedStatus.REJECTED, NeedStatus.WITHDRAWN}),
    NeedStatus.VALIDATED: frozenset({NeedStatus.PLANNED, NeedStatus.REJECTED, NeedStatus.WITHDRAWN}),
    NeedStatus.PLANNED: frozenset({NeedStatus.IN_PROCUREMENT, NeedStatus.WITHDRAWN}),
    NeedStatus.IN_PROCUREMENT: frozenset({NeedStatus.PARTIALLY_MET, NeedStatus.WITHDRAWN}),
    NeedStatus.PARTIALLY_MET: frozenset({NeedStatus.MET, NeedStatus.WITHDRAWN}),
    NeedStatus.MET: frozenset[NeedStatus](),
    NeedStatus.REJECTED: frozenset[NeedStatus](),
    NeedStatus.WITHDRAWN: frozenset[NeedStatus](),
}

#: PLANNED follows from a line of a roadmap, the others from procurements and from what deliveries brought.
NEED_AUTOMATIC = frozenset({NeedStatus.PLANNED, NeedStatus.IN_PROCUREMENT, NeedStatus.PARTIALLY_MET, NeedStatus.MET})


class CapabilityNeed(HasStatus, HasMarking, Sourced, Entity):
    """A capability that is lacking: what, how much, for whom and by when."""

    __tablename__ = "capability_needs"
    natural_key = ("reference",)
    transitions = NEED_TRANSITIONS
    automatic_statuses = NEED_AUTOMATIC

    reference: Mapped[str] = mapped_column(CODE, unique=True, doc="Its name in the register, such as `NEED-003`.")
    title: Mapped[str] = mapped_column(LINE, doc="What is needed.")
    gap_statement: Mapped[str | None] = mapped_column(PARAGRAPH, doc="What is lacking, and what follows from it.")
    status: Mapped[NeedStatus] = mapped_column(
        enum_column(NeedStatus, "status"), default=NeedStatus.DRAFT, doc="Where it stands."
    )
    priority: Mapped[Priority | None] = mapped_column(
        enum_column(Priority, "priority"), doc="How urgent it is; null where no source ranks it."
    )
    priority_rank: Mapped[int | None] = mapped_column(
        Computed(PRIORITY_RANK, persisted=True), doc="The priority as a number, 1 the most urgent."
    )
    quantity: Mapped[int | None] = mapped_column(doc="How many units are needed; null where no source says.")
    unit: Mapped[str | None] = mapped_column(text(40), doc="What is counted.")
    cpv_code: Mapped[str | None] = mapped_column(CPV, doc="What it is in the Common Procurement Vocabulary.")
    estimated_cost_minor: Mapped[int | None] = mapped_column(BigInteger, doc="What meeting it is expected to cost.")
    estimated_cost_currency: Mapped[str | None] = mapped_column(CURRENCY)
    needed_by: Mapped[dt.date | None] = mapped_column(doc="The last day on which it still helps.")
    area_id: Mapped[str] = mapped_column(KEY, reference_to("capability_areas"))
    group_id: Mapped[str | None] = mapped_column(KEY, reference_to("expert_groups"))
    requested_by_id: Mapped[str | None] = mapped_column(KEY, reference_to("participants"))

    area: Mapped[CapabilityArea] = relationship(back_populates="needs", doc="The capability area it belongs to.")
    group: Mapped[ExpertGroup | None] = relationship(back_populates="capability_needs", doc="The group in charge.")
    requested_by: Mapped[Participant | None] = relationship(doc="Who stated it.")
    procurements: Mapped[list[Procurement]] = relationship(
        secondary="procurement_needs", back_populates="needs", doc="The procurements that are to meet it."
    )
    roadmap_lines: Mapped[list[RoadmapLine]] = relationship(back_populates="need", doc="Where roadmaps plan it.")
    delivery_lines: Mapped[list[DeliveryLine]] = relationship(
        back_populates="need", doc="What was delivered towards it."
    )

    @derived
    def accepted_quantity(self) -> int:
        """Units accepted so far, over all deliveries that count."""
        return sum(line.accepted or 0 for line in self.delivery_lines if line.delivery.status in COUNTED_STATUSES)

    @accepted_quantity.expression
    @staticmethod
    def _accepted_quantity(need: RowAlias) -> Any:
        line = need.related("delivery_lines")
        return line.sum(line.accepted, where=line.join("delivery").status.in_(COUNTED_STATUSES))

    @derived
    def outstanding_quantity(self) -> int | None:
        """Units still lacking, never below nought; null while the needed quantity is unknown."""
        return None if self.quantity is None else max(self.quantity - self.accepted_quantity, 0)

    @outstanding_quantity.expression
    @staticmethod
    def _outstanding_quantity(need: RowAlias) -> Any:
        left = need.quantity - need.accepted_quantity
        return case((left < 0, literal(0)), else_=left)

    @derived
    def fulfilment(self) -> int | None:
        """Share of the needed quantity that is accepted, from 0 to 1; null while that quantity is unknown."""
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
