"""Decisions of meetings, with their targets and votes."""

from __future__ import annotations

from enum import Enum, unique
from typing import TYPE_CHECKING

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Entity, reference_to, sort_indexes
from models.search.searched import Searched
from models.sources.sources import Sourced
from models.types import CODE, KEY, PARAGRAPH, enum_column

if TYPE_CHECKING:
    from models.documents.document_links import DocumentLink
    from models.meetings.action_items import ActionItem
    from models.meetings.meetings import Meeting
    from models.people.expert_groups import ExpertGroup
    from models.people.participants import Participant
    from models.planning.roadmaps import Roadmap
    from models.procurement.procurements import Procurement


@unique
class DecisionKind(Enum):
    """The subject of a decision."""

    ORGANISATION = "Bodies, roles and working methods."
    AGREEMENT = "An agreement or declaration."
    MEMBERSHIP = "Membership of the coalition."
    ROADMAP = "The roadmap of acquisitions."
    PROCUREMENT = "Procurements and purchase orders."
    FUNDING = "Contributions."
    OTHER = "Any other subject."


@unique
class DecisionOutcome(Enum):
    """The outcome of a decision."""

    ADOPTED = "In force, unless a later decision revokes it."
    DEFERRED = "Left to a later meeting."
    REJECTED = "Not adopted."


@unique
class DecisionMethod(Enum):
    """The method of a decision."""

    CONSENSUS = "No participant objected."
    VOTE = "The participants voted."


class Decision(Sourced, Entity):
    """A decision, agreement or announcement of a meeting."""

    __tablename__ = "decisions"
    natural_key = ("reference",)
    searched = Searched("reference", "", ("text",))
    parent_relation = "meeting"

    reference: Mapped[str] = mapped_column(CODE, unique=True, doc="The reference in the register, such as `SG-2/1`.")
    meeting_id: Mapped[str] = mapped_column(KEY, reference_to("meetings", ondelete="CASCADE"))
    ordinal: Mapped[int] = mapped_column(doc="The position among the decisions of the meeting, from 1.")
    kind: Mapped[DecisionKind] = mapped_column(enum_column(DecisionKind, "kind"), doc="The subject.")
    text: Mapped[str] = mapped_column(PARAGRAPH, doc="The text of the decision.")
    outcome: Mapped[DecisionOutcome] = mapped_column(
        enum_column(DecisionOutcome, "outcome"),
        # The server default covers the rows that are there: the sources name decisions that were made.
        default=DecisionOutcome.ADOPTED,
        server_default=DecisionOutcome.ADOPTED.name,
        doc="The outcome; `ADOPTED` unless stated otherwise.",
    )
    method: Mapped[DecisionMethod | None] = mapped_column(
        enum_column(DecisionMethod, "method"), doc="The method; null if no source states it."
    )
    revokes_id: Mapped[str | None] = mapped_column(KEY, reference_to("decisions"), unique=True)

    meeting: Mapped[Meeting] = relationship(back_populates="decisions", doc="The meeting that made the decision.")
    revokes: Mapped[Decision | None] = relationship(
        remote_side="Decision.id",
        back_populates="revoked_by",
        doc="The earlier decision that this decision revokes or replaces.",
    )
    revoked_by: Mapped[list[Decision]] = relationship(
        back_populates="revokes", doc="The later decision that revokes or replaces this decision, if there is one."
    )
    targets: Mapped[list[DecisionTarget]] = relationship(
        back_populates="decision",
        cascade="all, delete-orphan",
        doc="The objects that the decision created, approved or endorsed.",
    )
    votes: Mapped[list[Vote]] = relationship(
        back_populates="decision", cascade="all, delete-orphan", doc="The known votes on the decision."
    )
    action_items: Mapped[list[ActionItem]] = relationship(
        back_populates="decision", doc="The action items that follow from the decision."
    )
    document_links: Mapped[list[DocumentLink]] = relationship(
        back_populates="decision",
        cascade="save-update, merge, delete",
        doc="The links of the documents about this object.",
    )

    __table_args__ = (
        UniqueConstraint("meeting_id", "ordinal"),
        CheckConstraint("revokes_id IS NULL OR outcome = 'ADOPTED'", name="revokes"),
        *sort_indexes("reference", "ordinal", "kind", "outcome", "method", "created_at", "updated_at"),
        *sort_indexes("ordinal", within="meeting_id"),
    )


@unique
class VoteChoice(Enum):
    """The choice of a vote."""

    FOR = "For the decision."
    AGAINST = "Against the decision."
    ABSTAIN = "Abstention."


class Vote(Entity):
    """The vote of a participant on a decision; only a `LEAD` or `PARTICIPANT` at the meeting may vote, once."""

    __tablename__ = "votes"
    natural_key = ("decision", "participant")
    parent_relation = "decision"

    decision_id: Mapped[str] = mapped_column(KEY, reference_to("decisions", ondelete="CASCADE"))
    participant_id: Mapped[str] = mapped_column(KEY, reference_to("participants"))
    choice: Mapped[VoteChoice] = mapped_column(enum_column(VoteChoice, "choice"), doc="The choice.")

    decision: Mapped[Decision] = relationship(back_populates="votes", doc="The decision.")
    participant: Mapped[Participant] = relationship(doc="The participant that voted.")

    __table_args__ = (
        UniqueConstraint("decision_id", "participant_id"),
        *sort_indexes("choice", "created_at", "updated_at"),
        *sort_indexes("created_at", within="decision_id"),
        *sort_indexes("created_at", within="participant_id"),
    )


class DecisionTarget(Entity):
    """An object that a decision refers to; exactly one of the references is set."""

    __tablename__ = "decision_targets"
    natural_key = ("decision", "ordinal")
    parent_relation = "decision"

    decision_id: Mapped[str] = mapped_column(KEY, reference_to("decisions", ondelete="CASCADE"))
    ordinal: Mapped[int] = mapped_column(doc="The position among the targets of the decision, from 1.")
    expert_group_id: Mapped[str | None] = mapped_column(KEY, reference_to("expert_groups"), index=True)
    procurement_id: Mapped[str | None] = mapped_column(KEY, reference_to("procurements"), index=True)
    roadmap_id: Mapped[str | None] = mapped_column(KEY, reference_to("roadmaps"), index=True)
    participant_id: Mapped[str | None] = mapped_column(KEY, reference_to("participants"), index=True)

    decision: Mapped[Decision] = relationship(back_populates="targets", doc="The decision.")
    expert_group: Mapped[ExpertGroup | None] = relationship(
        doc="The expert group that the decision created or instructed."
    )
    procurement: Mapped[Procurement | None] = relationship(doc="The procurement that the decision approved or changed.")
    roadmap: Mapped[Roadmap | None] = relationship(doc="The roadmap that the decision prepared or endorsed.")
    participant: Mapped[Participant | None] = relationship(
        doc="The participant that the decision admitted or instructed."
    )

    __table_args__ = (
        UniqueConstraint("decision_id", "ordinal"),
        CheckConstraint(
            " + ".join(
                f"CASE WHEN {name}_id IS NULL THEN 0 ELSE 1 END"
                for name in ("expert_group", "procurement", "roadmap", "participant")
            )
            + " = 1",
            name="one_target",
        ),
        *sort_indexes("ordinal", "created_at", "updated_at"),
        *sort_indexes("ordinal", within="decision_id"),
    )
