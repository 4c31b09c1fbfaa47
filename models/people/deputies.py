"""Deputies: persons who act for a member of an expert group in a period, or at one meeting."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Entity, reference_to, sort_indexes
from models.types import KEY

if TYPE_CHECKING:
    from models.administration.accounts import Account
    from models.meetings.meetings import Meeting
    from models.people.expert_groups import GroupMembership


class Deputy(Entity):
    """A deputy: a person who acts for a member of an expert group, with the rights of that member."""

    __tablename__ = "deputies"
    natural_key = ("deputy_for", "account")
    owned_through = "deputy_for"

    deputy_for_id: Mapped[str] = mapped_column(KEY, reference_to("group_memberships", ondelete="CASCADE"))
    account_id: Mapped[str] = mapped_column(KEY, reference_to("accounts", ondelete="CASCADE"))
    valid_from: Mapped[dt.date] = mapped_column(doc="The first day on which the deputy has the rights of the member.")
    expires_on: Mapped[dt.date] = mapped_column(doc="The last day on which the deputy has the rights of the member.")
    meeting_id: Mapped[str | None] = mapped_column(KEY, reference_to("meetings"))

    deputy_for: Mapped[GroupMembership] = relationship(
        back_populates="deputies",
        doc="The membership for which the deputy acts. The deputy has its role on the days on which it is valid "
        "too, and loses the rights when it ends.",
    )
    account: Mapped[Account] = relationship(doc="The account of the deputy.")
    meeting: Mapped[Meeting | None] = relationship(
        doc="The meeting of the group for which the deputy is appointed: the deputy has the rights only on its days. "
        "Null if the deputy is appointed for the whole period."
    )

    __table_args__ = (
        UniqueConstraint("deputy_for_id", "account_id", "valid_from"),
        CheckConstraint("expires_on >= valid_from", name="period"),
        *sort_indexes("valid_from", "expires_on", "created_at", "updated_at"),
        *sort_indexes("valid_from", within="deputy_for_id"),
        *sort_indexes("valid_from", within="account_id"),
        *sort_indexes("valid_from", within="meeting_id"),
    )
