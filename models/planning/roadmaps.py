"""Roadmaps of acquisitions: the needs to meet in each year, with quantities, amounts and leads."""

from __future__ import annotations

from decimal import Decimal
from enum import Enum, unique
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, Boolean, CheckConstraint, Index, UniqueConstraint, false, func, type_coerce
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Entity, reference_to, sort_indexes
from models.derived.values import computed
from models.documents.document_links import document_links_of
from models.figures.in_force import roadmap_in_force
from models.markings import HasMarking
from models.meetings.targets import action_items_of
from models.money import money_checks
from models.sources.sources import Sourced
from models.status_transitions import HasStatus
from models.types import CODE, CURRENCY, KEY, LINE, PARAGRAPH, Quantity, enum_column
from models.units import HasUnit

if TYPE_CHECKING:
    from models.derived.rows import RowAlias
    from models.documents.document_links import DocumentLink
    from models.meetings.action_items import ActionItem
    from models.meetings.decisions import Decision
    from models.people.participants import Participant
    from models.planning.capability_needs import CapabilityNeed


@unique
class RoadmapStatus(Enum):
    """The status of a roadmap."""

    DRAFT = "In preparation."
    ENDORSED = "In force, until a roadmap that supersedes it is endorsed, or a later decision revokes its endorsement."
    SUPERSEDED = "Replaced by a later roadmap that names it."


ROADMAP_TRANSITIONS = {
    RoadmapStatus.DRAFT: frozenset({RoadmapStatus.ENDORSED}),
    RoadmapStatus.ENDORSED: frozenset({RoadmapStatus.SUPERSEDED}),
    RoadmapStatus.SUPERSEDED: frozenset[RoadmapStatus](),
}

#: A roadmap is superseded when the next roadmap is endorsed.
ROADMAP_AUTOMATIC = frozenset({RoadmapStatus.SUPERSEDED})


class Roadmap(HasStatus, HasMarking, Sourced, Entity):
    """A plan of acquisitions over several years."""

    __tablename__ = "roadmaps"
    natural_key = ("reference",)
    transitions = ROADMAP_TRANSITIONS
    automatic_statuses = ROADMAP_AUTOMATIC

    reference: Mapped[str] = mapped_column(CODE, unique=True, doc="The reference in the register, such as `RM-2`.")
    title: Mapped[str] = mapped_column(LINE, doc="The title.")
    horizon: Mapped[str] = mapped_column(LINE, doc="The period of the roadmap, in the words of the source.")
    first_year: Mapped[int | None] = mapped_column(doc="The first year of the roadmap, if a source names one.")
    last_year: Mapped[int | None] = mapped_column(doc="The last year of the roadmap, if a source names one.")
    status: Mapped[RoadmapStatus] = mapped_column(
        enum_column(RoadmapStatus, "status"), default=RoadmapStatus.DRAFT, doc="The status of the roadmap."
    )
    note: Mapped[str | None] = mapped_column(PARAGRAPH, doc="Details beyond the lines.")
    endorsed_by_id: Mapped[str | None] = mapped_column(KEY, reference_to("decisions"), index=True)
    supersedes_id: Mapped[str | None] = mapped_column(KEY, reference_to("roadmaps"), index=True)

    endorsed_by: Mapped[Decision | None] = relationship(
        foreign_keys=[endorsed_by_id], doc="The decision that endorsed the roadmap."
    )
    supersedes: Mapped[Roadmap | None] = relationship(
        remote_side="Roadmap.id",
        back_populates="successors",
        doc="The roadmap that it replaces when it is endorsed.",
    )
    successors: Mapped[list[Roadmap]] = relationship(
        back_populates="supersedes",
        doc="The roadmaps that name it in `supersedes`; at most one of them is more than a draft.",
    )
    lines: Mapped[list[RoadmapLine]] = relationship(
        back_populates="roadmap", cascade="all, delete-orphan", doc="The lines of the roadmap."
    )
    action_items: Mapped[list[ActionItem]] = action_items_of()
    document_links: Mapped[list[DocumentLink]] = document_links_of()

    @computed("bool")
    @staticmethod
    def is_in_force(roadmap: RowAlias) -> Any:
        """Whether it is the roadmap in force today: the latest that a meeting endorsed until now, and none revoked."""
        key = roadmap_in_force(roadmap.every(Roadmap), func.current_date())
        return type_coerce(func.coalesce(roadmap.id == key, false()), Boolean())

    __table_args__ = (
        CheckConstraint("last_year >= first_year", name="horizon"),
        # One is in force in each line of succession.
        Index(
            "uq_roadmaps_successor",
            "supersedes_id",
            unique=True,
            sqlite_where=sql("status <> 'DRAFT'"),
            postgresql_where=sql("status <> 'DRAFT'"),
        ),
        *sort_indexes("reference", "title", "status", "marking", "first_year", "last_year", "created_at", "updated_at"),
    )


class RoadmapLine(HasUnit, Entity):
    """A line of a roadmap: a capability need planned for a year or quarter, with a quantity, an amount and a lead."""

    __tablename__ = "roadmap_lines"
    natural_key = ("roadmap", "ordinal")
    parent_relation = "roadmap"

    roadmap_id: Mapped[str] = mapped_column(KEY, reference_to("roadmaps", ondelete="CASCADE"))
    ordinal: Mapped[int] = mapped_column(doc="The position in the roadmap, from 1.")
    year: Mapped[int] = mapped_column(doc="The year planned for the need.")
    quarter: Mapped[int | None] = mapped_column(doc="The quarter of the year, if one is planned.")
    quantity: Mapped[Decimal | None] = mapped_column(
        Quantity, doc="The planned number of units; null if it is not stated."
    )
    planned_amount_minor: Mapped[int | None] = mapped_column(BigInteger, doc="The planned amount of money.")
    planned_amount_currency: Mapped[str | None] = mapped_column(CURRENCY)
    need_id: Mapped[str] = mapped_column(KEY, reference_to("capability_needs"))
    lead_participant_id: Mapped[str | None] = mapped_column(KEY, reference_to("participants"))

    roadmap: Mapped[Roadmap] = relationship(back_populates="lines", doc="The roadmap.")
    need: Mapped[CapabilityNeed] = relationship(back_populates="roadmap_lines", doc="The planned capability need.")
    lead_participant: Mapped[Participant | None] = relationship(
        back_populates="roadmap_lines", doc="The participant that leads this part of the plan; null if none is stated."
    )

    __table_args__ = (
        *money_checks("planned_amount"),
        UniqueConstraint("roadmap_id", "ordinal"),
        CheckConstraint("year BETWEEN 2023 AND 2100", name="year"),
        CheckConstraint("quarter BETWEEN 1 AND 4", name="quarter"),
        CheckConstraint("quantity > 0", name="quantity"),
        *sort_indexes(
            "ordinal",
            "year",
            "quarter",
            "quantity",
            "planned_amount_currency+planned_amount_minor",
            "created_at",
            "updated_at",
        ),
        *sort_indexes("ordinal", within="roadmap_id"),
        *sort_indexes("year", within="need_id"),
        *sort_indexes("year", within="lead_participant_id"),
    )
