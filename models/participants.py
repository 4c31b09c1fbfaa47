"""The states, organisations and agencies of the coalition, and their membership over time."""

from __future__ import annotations

import datetime as dt
from enum import Enum, unique
from typing import TYPE_CHECKING

from sqlalchemy import CheckConstraint, Index, and_, or_, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Entity, reference_to, sort_indexes
from models.precision import DatePrecision
from models.sources import Sourced
from models.types import CODE, COUNTRY, KEY, LINE, enum_column

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement

    from models.accounts import Account
    from models.contributions import ContributionDonor
    from models.meetings import Attendance
    from models.procurements import Procurement
    from models.published_figures import PublishedFigure


@unique
class ParticipantKind(Enum):
    """What a participant is."""

    STATE = "A state."
    ORGANISATION = "An international organisation."
    AGENCY = "An agency that buys or delivers for the coalition."


class Participant(Sourced, Entity):
    """A state, organisation or agency that takes part in the coalition's work in some role."""

    __tablename__ = "participants"
    natural_key = ("code",)

    code: Mapped[str] = mapped_column(CODE, unique=True, doc="Its short code, such as `EE`, `NATO` or `NSPA`.")
    name: Mapped[str] = mapped_column(LINE, doc="Its English name.")
    kind: Mapped[ParticipantKind] = mapped_column(enum_column(ParticipantKind, "kind"), doc="What it is.")
    country_code: Mapped[str | None] = mapped_column(COUNTRY, unique=True, doc="ISO 3166-1 code; only a state has one.")
    beneficiary: Mapped[bool] = mapped_column(default=False, doc="Whether the coalition's support goes to it.")

    memberships: Mapped[list[CoalitionMembership]] = relationship(
        back_populates="participant", cascade="all, delete-orphan", doc="Its roles in the coalition over time."
    )
    accounts: Mapped[list[Account]] = relationship(back_populates="participant", doc="The accounts of its people.")
    donations: Mapped[list[ContributionDonor]] = relationship(
        back_populates="participant", doc="Its part in contributions, alone or with others."
    )
    attendances: Mapped[list[Attendance]] = relationship(back_populates="participant", doc="The meetings it attended.")
    led_procurements: Mapped[list[Procurement]] = relationship(
        back_populates="lead_participant",
        foreign_keys="Procurement.lead_participant_id",
        doc="The procurements it leads.",
    )
    published_figures: Mapped[list[PublishedFigure]] = relationship(
        back_populates="participant", doc="Published figures that are of this participant alone."
    )

    __table_args__ = (
        CheckConstraint("country_code IS NULL OR kind = 'STATE'", name="country_code_of_a_state"),
        *sort_indexes("code", "name", "kind", "country_code", "beneficiary", "created_at", "updated_at"),
    )


@unique
class CoalitionRole(Enum):
    """The role in which a participant belongs to the coalition."""

    LEAD = "Leads the coalition; votes."
    PARTICIPANT = "Takes part in full; votes."
    OBSERVER = "Observes; does not vote."
    ORGANISATION = "An organisation that attends or serves; does not vote."


#: Who has a vote in the Steering Group.
VOTING_ROLES = frozenset({CoalitionRole.LEAD, CoalitionRole.PARTICIPANT})


class CoalitionMembership(Sourced, Entity):
    """A period in which a participant belonged to the coalition in one role; its periods do not overlap."""

    __tablename__ = "coalition_memberships"
    natural_key = ("participant", "role")
    parent_relation = "participant"

    participant_id: Mapped[str] = mapped_column(KEY, reference_to("participants", ondelete="CASCADE"))
    role: Mapped[CoalitionRole] = mapped_column(enum_column(CoalitionRole, "role"), doc="Its role in this period.")
    instrument: Mapped[str | None] = mapped_column(LINE, doc="By what act it joined.")
    valid_from: Mapped[dt.date | None] = mapped_column(doc="Since when; null where no source says.")
    valid_from_precision: Mapped[DatePrecision | None] = mapped_column(
        enum_column(DatePrecision, "valid_from_precision"), doc="How exactly that date is known."
    )
    valid_to: Mapped[dt.date | None] = mapped_column(doc="Until when; null while it lasts.")

    participant: Mapped[Participant] = relationship(back_populates="memberships", doc="Whose membership it is.")

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

    @classmethod
    def held_on(cls, day: dt.date) -> ColumnElement[bool]:
        """Give the condition that a membership holds on a day; an end that is not known is open."""
        begun = or_(cls.valid_from.is_(None), cls.valid_from <= day)
        return and_(begun, or_(cls.valid_to.is_(None), cls.valid_to >= day))
