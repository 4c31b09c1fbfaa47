"""The thematic expert groups and who belongs to them."""

from __future__ import annotations

import datetime as dt
from enum import Enum, unique
from typing import TYPE_CHECKING, Any

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, and_, func, or_, text
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Entity, now, reference_to, sort_indexes
from models.sources import Sourced
from models.status_transitions import HasStatus
from models.types import CODE, KEY, LINE, PARAGRAPH, enum_column

if TYPE_CHECKING:
    from models.accounts import Account
    from models.capability_needs import CapabilityNeed
    from models.documents import Document
    from models.meetings import Decision, Meeting
    from models.procurements import Procurement


@unique
class ThemeStatus(Enum):
    """Whether a group's theme is known."""

    PUBLISHED = "The theme is published by the coalition."
    PLACEHOLDER = "No source names the theme; a working title stands in its place."


@unique
class ExpertGroupStatus(Enum):
    """Whether a group is at work."""

    ACTIVE = "The group works."
    DISSOLVED = "The group has ended its work."


EXPERT_GROUP_TRANSITIONS = {
    ExpertGroupStatus.ACTIVE: frozenset({ExpertGroupStatus.DISSOLVED}),
    ExpertGroupStatus.DISSOLVED: frozenset[ExpertGroupStatus](),
}


class ExpertGroup(HasStatus, Sourced, Entity):
    """A thematic group of experts; the Steering Group created four on 2024-04-03 to share expertise."""

    __tablename__ = "expert_groups"
    natural_key = ("code",)
    transitions = EXPERT_GROUP_TRANSITIONS

    ordinal: Mapped[int] = mapped_column(unique=True, doc="Its number among the groups, from 1.")
    code: Mapped[str] = mapped_column(CODE, unique=True, doc="Its short code, such as `EG1`.")
    name: Mapped[str | None] = mapped_column(LINE, doc="Its name; null while no source publishes it.")
    theme: Mapped[str | None] = mapped_column(LINE, doc="Its theme; read `themeStatus` before you cite it.")
    theme_status: Mapped[ThemeStatus] = mapped_column(
        enum_column(ThemeStatus, "theme_status"), doc="Whether that theme is published or stands in for an unknown one."
    )
    mandate: Mapped[str | None] = mapped_column(PARAGRAPH, doc="What it was created to do.")
    status: Mapped[ExpertGroupStatus] = mapped_column(
        enum_column(ExpertGroupStatus, "status"), default=ExpertGroupStatus.ACTIVE, doc="Whether it is at work."
    )
    created_by_id: Mapped[str | None] = mapped_column(KEY, reference_to("decisions", closes_a_circle=True), index=True)

    created_by: Mapped[Decision | None] = relationship(
        foreign_keys=[created_by_id], doc="The decision that created it."
    )
    memberships: Mapped[list[GroupMembership]] = relationship(
        back_populates="group", cascade="all, delete-orphan", doc="Who belongs to it, in what role and until when."
    )
    documents: Mapped[list[Document]] = relationship(back_populates="group", doc="The documents it owns.")
    shared_documents: Mapped[list[Document]] = relationship(
        secondary="document_shares", back_populates="shared_with", doc="The documents other groups share with it."
    )
    capability_needs: Mapped[list[CapabilityNeed]] = relationship(
        back_populates="group", doc="The capability needs in its care."
    )
    procurements: Mapped[list[Procurement]] = relationship(back_populates="group", doc="The procurements in its care.")
    meetings: Mapped[list[Meeting]] = relationship(back_populates="group", doc="Its meetings.")

    __table_args__ = (
        CheckConstraint("ordinal >= 1", name="ordinal"),
        *sort_indexes("ordinal", "code", "name", "theme_status", "status", "created_at", "updated_at"),
    )


@unique
class GroupRole(Enum):
    """The role of a person in an expert group."""

    CHAIR = "Chairs the group; one at a time."
    CO_CHAIR = "Stands in for the chair."
    SECRETARY = "Keeps the group's papers."
    MEMBER = "Works in the group and writes."
    OBSERVER = "Reads; cannot write."


class GroupMembership(Entity):
    """A person's place in an expert group; once expired it gives no access."""

    __tablename__ = "group_memberships"
    natural_key = ("group", "account")

    group_id: Mapped[str] = mapped_column(KEY, reference_to("expert_groups", ondelete="CASCADE"))
    account_id: Mapped[str] = mapped_column(KEY, reference_to("accounts", ondelete="CASCADE"))
    role: Mapped[GroupRole] = mapped_column(enum_column(GroupRole, "role"), doc="The person's role in the group.")
    valid_from: Mapped[dt.date] = mapped_column(doc="The first day of the membership.")
    expires_on: Mapped[dt.date | None] = mapped_column(doc="The last day of the membership; null while open.")

    group: Mapped[ExpertGroup] = relationship(back_populates="memberships", doc="The group.")
    account: Mapped[Account] = relationship(back_populates="group_memberships", doc="The person.")

    @hybrid_property
    def in_force(self) -> bool:
        """Whether it has begun and not expired, by today (UTC): only then does it give access."""
        today = now().date()
        return self.valid_from <= today and (self.expires_on is None or today <= self.expires_on)

    @in_force.inplace.expression
    @classmethod
    def _in_force(cls) -> Any:
        today = func.current_date()
        return and_(cls.valid_from <= today, or_(cls.expires_on.is_(None), cls.expires_on >= today))

    __table_args__ = (
        UniqueConstraint("group_id", "account_id", "valid_from"),
        CheckConstraint("expires_on >= valid_from", name="period"),
        Index(
            "uq_group_memberships_chair",
            "group_id",
            unique=True,
            sqlite_where=text("role = 'CHAIR' AND expires_on IS NULL"),
            postgresql_where=text("role = 'CHAIR' AND expires_on IS NULL"),
        ),
        *sort_indexes("role", "valid_from", "expires_on", "created_at", "updated_at"),
        *sort_indexes("valid_from", within="group_id"),
        *sort_indexes("valid_from", within="account_id"),
    )
