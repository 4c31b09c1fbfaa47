"""The thematic expert groups and their memberships."""

from __future__ import annotations

import datetime as dt
from enum import Enum, unique
from typing import TYPE_CHECKING, Any

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, and_, func, or_, text
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Entity, now, reference_to, sort_indexes
from models.search.searched import Searched
from models.sources.sources import Sourced
from models.status_transitions import HasStatus
from models.types import CODE, KEY, LINE, PARAGRAPH, enum_column

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement

    from models.administration.accounts import Account
    from models.documents.documents import Document
    from models.funding.contributions import Contribution
    from models.meetings.action_items import ActionItem
    from models.meetings.decisions import Decision
    from models.meetings.meetings import Meeting
    from models.people.deputies import Deputy
    from models.planning.capability_needs import CapabilityNeed
    from models.planning.milestones import Milestone
    from models.procurement.procurements import Procurement


@unique
class ThemeStatus(Enum):
    """Whether the theme of a group is published."""

    PUBLISHED = "The coalition has published the theme."
    PLACEHOLDER = "No source names the theme; the theme is a working title."


@unique
class ExpertGroupStatus(Enum):
    """The status of an expert group."""

    ACTIVE = "The group is active."
    DISSOLVED = "The group has ended its work."


EXPERT_GROUP_TRANSITIONS = {
    ExpertGroupStatus.ACTIVE: frozenset({ExpertGroupStatus.DISSOLVED}),
    ExpertGroupStatus.DISSOLVED: frozenset({ExpertGroupStatus.ACTIVE}),
}


class ExpertGroup(HasStatus, Sourced, Entity):
    """A thematic group of experts; the Steering Group created four of them on 2024-04-03."""

    __tablename__ = "expert_groups"
    natural_key = ("code",)
    searched = Searched("code", "name", ("theme", "mandate"))
    transitions = EXPERT_GROUP_TRANSITIONS
    reopens = frozenset({(ExpertGroupStatus.DISSOLVED, ExpertGroupStatus.ACTIVE)})

    ordinal: Mapped[int] = mapped_column(unique=True, doc="The number of the group.")
    code: Mapped[str] = mapped_column(CODE, unique=True, doc="The short code, such as `EG1`.")
    name: Mapped[str | None] = mapped_column(LINE, doc="The name; null while no source publishes it.")
    theme: Mapped[str | None] = mapped_column(LINE, doc="The theme; check `themeStatus` before you cite it.")
    theme_status: Mapped[ThemeStatus] = mapped_column(
        enum_column(ThemeStatus, "theme_status"), doc="Whether the theme is published or a working title."
    )
    mandate: Mapped[str | None] = mapped_column(PARAGRAPH, doc="The mandate of the group.")
    status: Mapped[ExpertGroupStatus] = mapped_column(
        enum_column(ExpertGroupStatus, "status"), default=ExpertGroupStatus.ACTIVE, doc="The status of the group."
    )
    created_by_id: Mapped[str | None] = mapped_column(KEY, reference_to("decisions", closes_a_circle=True), index=True)
    merged_into_id: Mapped[str | None] = mapped_column(KEY, reference_to("expert_groups"))

    created_by: Mapped[Decision | None] = relationship(
        foreign_keys=[created_by_id], doc="The decision that created the group."
    )
    merged_into: Mapped[ExpertGroup | None] = relationship(
        remote_side="ExpertGroup.id",
        back_populates="merged_groups",
        doc="The group that took over the open work when this group was merged into it; null unless it is `DISSOLVED`.",
    )
    merged_groups: Mapped[list[ExpertGroup]] = relationship(
        back_populates="merged_into", doc="The former groups that were merged into the group."
    )
    memberships: Mapped[list[GroupMembership]] = relationship(
        back_populates="group", cascade="all, delete-orphan", doc="The memberships of persons in the group."
    )
    documents: Mapped[list[Document]] = relationship(back_populates="group", doc="The documents that the group owns.")
    shared_documents: Mapped[list[Document]] = relationship(
        secondary="document_shares",
        back_populates="shared_with",
        doc="The documents that other groups share with the group.",
    )
    capability_needs: Mapped[list[CapabilityNeed]] = relationship(
        back_populates="group", doc="The capability needs that the group is responsible for."
    )
    milestones: Mapped[list[Milestone]] = relationship(
        back_populates="group", doc="The milestones that the group works towards."
    )
    procurements: Mapped[list[Procurement]] = relationship(
        back_populates="group", doc="The procurements that the group is responsible for."
    )
    earmarked_contributions: Mapped[list[Contribution]] = relationship(
        secondary="contribution_earmarked_groups",
        back_populates="earmarked_groups",
        doc="The contributions that donors give for the work of the group.",
    )
    meetings: Mapped[list[Meeting]] = relationship(back_populates="group", doc="The meetings of the group.")
    action_items: Mapped[list[ActionItem]] = relationship(
        back_populates="group",
        foreign_keys="ActionItem.group_id",
        doc="The action items that the group monitors.",
    )
    owned_action_items: Mapped[list[ActionItem]] = relationship(
        back_populates="owner_group",
        foreign_keys="ActionItem.owner_group_id",
        doc="The action items that the group owns.",
    )

    __table_args__ = (
        CheckConstraint("ordinal >= 1", name="ordinal"),
        *sort_indexes("ordinal", "code", "name", "theme_status", "status", "created_at", "updated_at"),
        *sort_indexes("ordinal", within="merged_into_id"),
    )


@unique
class GroupRole(Enum):
    """The role of a person in an expert group."""

    CHAIR = "Chairs the group; one at a time."
    CO_CHAIR = "Acts for the chair, with the same permissions."
    SECRETARY = "Manages the documents of the group."
    MEMBER = "Reads and writes the objects of the group."
    OBSERVER = "Reads the objects of the group; cannot write."


class GroupMembership(Entity):
    """The membership of a person in an expert group; an expired membership gives no access."""

    __tablename__ = "group_memberships"
    natural_key = ("group", "account")
    owned_through = "group"

    group_id: Mapped[str] = mapped_column(KEY, reference_to("expert_groups", ondelete="CASCADE"))
    account_id: Mapped[str] = mapped_column(KEY, reference_to("accounts", ondelete="CASCADE"))
    role: Mapped[GroupRole] = mapped_column(enum_column(GroupRole, "role"), doc="The role of the person in the group.")
    valid_from: Mapped[dt.date] = mapped_column(doc="The first day of the membership.")
    expires_on: Mapped[dt.date | None] = mapped_column(doc="The last day of the membership; null while it is open.")

    group: Mapped[ExpertGroup] = relationship(back_populates="memberships", doc="The expert group.")
    account: Mapped[Account] = relationship(back_populates="group_memberships", doc="The account of the person.")
    deputies: Mapped[list[Deputy]] = relationship(
        back_populates="deputy_for", cascade="all, delete-orphan", doc="The persons who act for this member."
    )

    @hybrid_property
    def in_force(self) -> bool:
        """Whether the membership is valid today (UTC); only a valid membership gives access."""
        today = now().date()
        return self.valid_from <= today and (self.expires_on is None or today <= self.expires_on)

    @in_force.inplace.expression
    @classmethod
    def _in_force(cls) -> Any:
        today = func.current_date()
        return cls.held_on(today)

    @classmethod
    def held_on(cls, day: Any) -> ColumnElement[bool]:
        """Return the SQL condition that the membership is in force on a day."""
        return and_(cls.valid_from <= day, or_(cls.expires_on.is_(None), cls.expires_on >= day))

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
