"""The roadmap of acquisitions: which need is to be met when, and for how much."""

from __future__ import annotations

from enum import Enum, unique
from typing import TYPE_CHECKING

from sqlalchemy import BigInteger, CheckConstraint, Index, UniqueConstraint
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Entity, reference_to, sort_indexes
from models.markings import HasMarking
from models.money import money_checks
from models.sources import Sourced
from models.status_transitions import HasStatus
from models.types import CODE, CURRENCY, KEY, LINE, PARAGRAPH, enum_column

if TYPE_CHECKING:
    from models.capability_needs import CapabilityNeed
    from models.meetings import Decision


@unique
class RoadmapStatus(Enum):
    """Where a roadmap stands."""

    DRAFT = "Being worked on."
    ENDORSED = "In force; one at a time."
    SUPERSEDED = "Replaced by a later one."


ROADMAP_TRANSITIONS = {
    RoadmapStatus.DRAFT: frozenset({RoadmapStatus.ENDORSED}),
    RoadmapStatus.ENDORSED: frozenset({RoadmapStatus.SUPERSEDED}),
    RoadmapStatus.SUPERSEDED: frozenset[RoadmapStatus](),
}

#: One is superseded when the next is endorsed.
ROADMAP_AUTOMATIC = frozenset({RoadmapStatus.SUPERSEDED})


class Roadmap(HasStatus, HasMarking, Sourced, Entity):
    """A plan of acquisitions over a horizon of years."""

    __tablename__ = "roadmaps"
    natural_key = ("reference",)
    transitions = ROADMAP_TRANSITIONS
    automatic_statuses = ROADMAP_AUTOMATIC

    reference: Mapped[str] = mapped_column(CODE, unique=True, doc="Its name in the register, such as `RM-2`.")
    title: Mapped[str] = mapped_column(LINE, doc="Its title.")
    horizon: Mapped[str] = mapped_column(LINE, doc="The years it covers, in the words of its source.")
    first_year: Mapped[int | None] = mapped_column(doc="The first year it covers, where one is named.")
    last_year: Mapped[int | None] = mapped_column(doc="The last year it covers, where one is named.")
    status: Mapped[RoadmapStatus] = mapped_column(
        enum_column(RoadmapStatus, "status"), default=RoadmapStatus.DRAFT, doc="Where it stands."
    )
    note: Mapped[str | None] = mapped_column(PARAGRAPH, doc="What is known of it beyond its lines.")
    endorsed_by_id: Mapped[str | None] = mapped_column(KEY, reference_to("decisions"), index=True)

    endorsed_by: Mapped[Decision | None] = relationship(foreign_keys=[endorsed_by_id], doc="What put it in force.")
    lines: Mapped[list[RoadmapLine]] = relationship(
        back_populates="roadmap", cascade="all, delete-orphan", doc="What it plans, year by year."
    )

    __table_args__ = (
        CheckConstraint("last_year >= first_year", name="horizon"),
        Index(
            "uq_roadmaps_endorsed",
            "status",
            unique=True,
            sqlite_where=sql("status = 'ENDORSED'"),
            postgresql_where=sql("status = 'ENDORSED'"),
        ),
        *sort_indexes("reference", "title", "status", "marking", "first_year", "last_year", "created_at", "updated_at"),
    )


class RoadmapLine(Entity):
    """A need planned for a year, and perhaps a quarter, with the money foreseen."""

    __tablename__ = "roadmap_lines"
    natural_key = ("roadmap", "ordinal")
    parent_relation = "roadmap"

    roadmap_id: Mapped[str] = mapped_column(KEY, reference_to("roadmaps", ondelete="CASCADE"))
    ordinal: Mapped[int] = mapped_column(doc="Its place in the roadmap, from 1.")
    year: Mapped[int] = mapped_column(doc="The year in which the need is to be met.")
    quarter: Mapped[int | None] = mapped_column(doc="The quarter of that year, 1 to 4, where one is planned.")
    planned_amount_minor: Mapped[int | None] = mapped_column(BigInteger, doc="The money foreseen.")
    planned_amount_currency: Mapped[str | None] = mapped_column(CURRENCY)
    need_id: Mapped[str] = mapped_column(KEY, reference_to("capability_needs"))

    roadmap: Mapped[Roadmap] = relationship(back_populates="lines", doc="The roadmap it stands on.")
    need: Mapped[CapabilityNeed] = relationship(back_populates="roadmap_lines", doc="The need it plans for.")

    __table_args__ = (
        *money_checks("planned_amount"),
        UniqueConstraint("roadmap_id", "ordinal"),
        CheckConstraint("year BETWEEN 2023 AND 2100", name="year"),
        CheckConstraint("quarter BETWEEN 1 AND 4", name="quarter"),
        *sort_indexes(
            "ordinal", "year", "quarter", "planned_amount_currency+planned_amount_minor", "created_at", "updated_at"
        ),
        *sort_indexes("ordinal", within="roadmap_id"),
        *sort_indexes("year", within="need_id"),
    )
