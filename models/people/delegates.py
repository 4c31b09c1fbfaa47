"""Delegates: the persons who speak for a participant in meetings, each in a period."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from sqlalchemy import CheckConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Entity, reference_to, sort_indexes
from models.types import KEY, LINE

if TYPE_CHECKING:
    from models.administration.accounts import Account
    from models.people.participants import Participant


class Delegate(Entity):
    """A delegate: a person who speaks for a participant in meetings in a period, which gives no access."""

    __tablename__ = "delegates"
    natural_key = ("participant", "valid_from")

    participant_id: Mapped[str] = mapped_column(KEY, reference_to("participants", ondelete="CASCADE"))
    account_id: Mapped[str | None] = mapped_column(KEY, reference_to("accounts"))
    person_name: Mapped[str | None] = mapped_column(
        LINE, doc="The name of a person without an account; null if the person has one."
    )
    valid_from: Mapped[dt.date] = mapped_column(doc="The first day on which the person speaks for the participant.")
    expires_on: Mapped[dt.date | None] = mapped_column(
        doc="The last day on which the person speaks for the participant; null while it is open."
    )

    participant: Mapped[Participant] = relationship(
        back_populates="delegates", doc="The participant for which the person speaks."
    )
    account: Mapped[Account | None] = relationship(doc="The account of the person; null if the person has none.")

    def speaks_on(self, day: dt.date) -> bool:
        """Return whether the person speaks for the participant on a day."""
        return self.valid_from <= day and (self.expires_on is None or day <= self.expires_on)

    __table_args__ = (
        CheckConstraint("(account_id IS NULL) <> (person_name IS NULL)", name="one_person"),
        CheckConstraint("expires_on >= valid_from", name="period"),
        *sort_indexes("person_name", "valid_from", "expires_on", "created_at", "updated_at"),
        *sort_indexes("valid_from", within="participant_id"),
        *sort_indexes("valid_from", within="account_id"),
    )
