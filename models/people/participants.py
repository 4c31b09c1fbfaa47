"""The states, organisations and agencies of the coalition, and their memberships over time."""

from __future__ import annotations

import datetime as dt
from enum import Enum, unique
from typing import TYPE_CHECKING

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, and_, or_, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Entity, reference_to, sort_indexes
from models.precision import DatePrecision
from models.search.searched import Searched
from models.sources.sources import Sourced
from models.types import CODE, COUNTRY, KEY, LINE, enum_column

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement

    from models.administration.accounts import Account
    from models.funding.contributions import ContributionDonor
    from models.meetings.action_items import ActionItem
    from models.meetings.meetings import Attendance
    from models.orders.deliveries import Delivery
    from models.people.delegates import Delegate
    from models.planning.capability_needs import CapabilityNeed
    from models.planning.roadmaps import RoadmapLine
    from models.procurement.procurements import Procurement
    from models.sources.published_figures import PublishedFigure


@unique
class ParticipantKind(Enum):
    """The kind of a participant."""

    STATE = "A state."
    ORGANISATION = "An international organisation."
    AGENCY = "An agency that procures or delivers for the coalition."


class Participant(Sourced, Entity):
    """A state, organisation or agency that takes part in the work of the coalition."""

    __tablename__ = "participants"
    natural_key = ("code",)
    searched = Searched("code", "name")

    code: Mapped[str] = mapped_column(CODE, unique=True, doc="The short code, such as `EE`, `NATO` or `NSPA`.")
    name: Mapped[str] = mapped_column(LINE, doc="The name in English.")
    kind: Mapped[ParticipantKind] = mapped_column(enum_column(ParticipantKind, "kind"), doc="The kind of participant.")
    country_code: Mapped[str | None] = mapped_column(
        COUNTRY, unique=True, doc="The ISO 3166-1 code of a state; null for others."
    )
    beneficiary: Mapped[bool] = mapped_column(
        default=False, doc="Whether the participant receives the coalition's support."
    )

    memberships: Mapped[list[CoalitionMembership]] = relationship(
        back_populates="participant", cascade="all, delete-orphan", doc="The memberships in the coalition over time."
    )
    former_names: Mapped[list[FormerName]] = relationship(
        back_populates="participant", doc="The names and codes before each renaming."
    )
    accounts: Mapped[list[Account]] = relationship(
        back_populates="participant", doc="The accounts of persons who work for the participant."
    )
    donations: Mapped[list[ContributionDonor]] = relationship(
        back_populates="participant", doc="The contributions it donates to, alone or with others."
    )
    delegates: Mapped[list[Delegate]] = relationship(
        back_populates="participant",
        cascade="all, delete-orphan",
        doc="The persons who speak for the participant in meetings, over time.",
    )
    attendances: Mapped[list[Attendance]] = relationship(
        back_populates="participant", doc="The attendances at meetings."
    )
    led_procurements: Mapped[list[Procurement]] = relationship(
        back_populates="lead_participant",
        foreign_keys="Procurement.lead_participant_id",
        doc="The procurements that the participant leads.",
    )
    requested_needs: Mapped[list[CapabilityNeed]] = relationship(
        back_populates="requested_by", doc="The capability needs that the participant requested."
    )
    roadmap_lines: Mapped[list[RoadmapLine]] = relationship(
        back_populates="lead_participant", doc="The lines of roadmaps that the participant leads."
    )
    deliveries: Mapped[list[Delivery]] = relationship(
        back_populates="recipient", doc="The deliveries that the participant receives."
    )
    published_figures: Mapped[list[PublishedFigure]] = relationship(
        back_populates="participant", doc="The published figures about this participant alone."
    )
    action_items: Mapped[list[ActionItem]] = relationship(
        back_populates="owner_participant", doc="The action items that the participant owns."
    )

    __table_args__ = (
        CheckConstraint("country_code IS NULL OR kind = 'STATE'", name="country_code_of_a_state"),
        *sort_indexes("code", "name", "kind", "country_code", "beneficiary", "created_at", "updated_at"),
    )


class FormerName(Entity):
    """A name and a code that a participant had until a day; no other participant gets the code."""

    __tablename__ = "former_names"
    natural_key = ("participant", "until")
    parent_relation = "participant"

    participant_id: Mapped[str] = mapped_column(KEY, reference_to("participants", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(LINE, doc="The name in English until that day.")
    code: Mapped[str] = mapped_column(CODE, doc="The code until that day.")
    until: Mapped[dt.date] = mapped_column(doc="The last day of this name and this code.")

    participant: Mapped[Participant] = relationship(back_populates="former_names", doc="The participant.")

    __table_args__ = (
        UniqueConstraint("participant_id", "until"),
        *sort_indexes("name", "code", "until", "created_at", "updated_at"),
        *sort_indexes("until", within="participant_id"),
    )


@unique
class CoalitionRole(Enum):
    """The role of a participant in the coalition."""

    LEAD = "Leads the coalition; votes."
    PARTICIPANT = "Full participant; votes."
    OBSERVER = "Observes; does not vote."
    ORGANISATION = "An organisation that attends meetings or provides services; does not vote."


#: The roles that may vote in the Steering Group.
VOTING_ROLES = frozenset({CoalitionRole.LEAD, CoalitionRole.PARTICIPANT})


class CoalitionMembership(Sourced, Entity):
    """A period in which a participant has one role in the coalition; periods of a participant never overlap."""

    __tablename__ = "coalition_memberships"
    natural_key = ("participant", "role")
    parent_relation = "participant"

    participant_id: Mapped[str] = mapped_column(KEY, reference_to("participants", ondelete="CASCADE"))
    role: Mapped[CoalitionRole] = mapped_column(enum_column(CoalitionRole, "role"), doc="The role in this period.")
    instrument: Mapped[str | None] = mapped_column(
        LINE, doc="The act by which the participant joined, such as a declaration."
    )
    valid_from: Mapped[dt.date | None] = mapped_column(
        doc="The first day of the membership; null if no source states it."
    )
    valid_from_precision: Mapped[DatePrecision | None] = mapped_column(
        enum_column(DatePrecision, "valid_from_precision"), doc="The precision of `validFrom`."
    )
    valid_to: Mapped[dt.date | None] = mapped_column(doc="The last day of the membership; null while it is open.")

    participant: Mapped[Participant] = relationship(back_populates="memberships", doc="The participant.")

    __table_args__ = (
        CheckConstraint("valid_to >= valid_from", name="period"),
        Index(
            "uq_coalition_memberships_current",
            "participant_id",
            unique=True,
            sqlite_where=text("valid_to IS NULL"),
            postgresql_where=text("valid_to IS NULL"),
        ),
        *sort_indexes("role", "valid_from", "valid_to", "created_at", "updated_at"),
        *sort_indexes("valid_from", within="participant_id"),
    )

    def is_held_on(self, day: dt.date) -> bool:
        """Return whether this membership is valid on a day; a null start or end is open."""
        return (self.valid_from is None or self.valid_from <= day) and (self.valid_to is None or day <= self.valid_to)

    @classmethod
    def held_on(cls, day: dt.date) -> ColumnElement[bool]:
        """Return the SQL form of `is_held_on`."""
        begun = or_(cls.valid_from.is_(None), cls.valid_from <= day)
        return and_(begun, or_(cls.valid_to.is_(None), cls.valid_to >= day))
