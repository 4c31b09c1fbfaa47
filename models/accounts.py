"""The people who work with the coalition's data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Entity, reference_to, sorted_by
from models.types import KEY, LINE

if TYPE_CHECKING:
    from models.expert_groups import GroupMembership
    from models.participants import Participant


class Account(Entity):
    """A person of a participant who works in the coalition's groups."""

    __tablename__ = "accounts"
    natural_key = ("email",)

    display_name: Mapped[str] = mapped_column(LINE, doc="How the person is named here.")
    email: Mapped[str] = mapped_column(LINE, unique=True)
    participant_id: Mapped[str] = mapped_column(KEY, reference_to("participants"))

    participant: Mapped[Participant] = relationship(back_populates="accounts", doc="Whom the person works for.")
    group_memberships: Mapped[list[GroupMembership]] = relationship(
        back_populates="account", doc="The expert groups the person belongs to."
    )

    __table_args__ = (
        *sorted_by("display_name", "created_at", "updated_at"),
        *sorted_by("display_name", within="participant_id"),
    )
