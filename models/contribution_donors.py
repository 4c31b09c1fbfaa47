"""Donors of contributions, each with its share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import BigInteger, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Entity, reference_to, sort_indexes
from models.money import money_checks
from models.types import CURRENCY, KEY

if TYPE_CHECKING:
    from models.contributions import Contribution
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

    __table_args__ = (
        *money_checks("share"),
        UniqueConstraint("contribution_id", "participant_id"),
        *sort_indexes("created_at", "updated_at", "share_currency+share_minor"),
        *sort_indexes("created_at", within="contribution_id"),
        *sort_indexes("created_at", within="participant_id"),
    )
