"""The priority of a procurement: the highest of its open needs, or the one that a decision sets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import CheckConstraint, case, func, literal, type_coerce
from sqlalchemy.orm import Mapped, declared_attr, mapped_column, relationship

from models.base import reference_to, sort_indexes
from models.derived.values import derived
from models.planning.capability_needs import GIVEN_UP, NeedStatus, Priority
from models.types import KEY, enum_column

if TYPE_CHECKING:
    from models.derived.rows import RowAlias
    from models.meetings.decisions import Decision
    from models.planning.capability_needs import CapabilityNeed

#: The needs that no longer count, because they are met or were given up.
ENDED_NEEDS = (NeedStatus.MET, *GIVEN_UP)
#: The rank of each priority; 1 is the most urgent.
RANKS = {priority: rank for rank, priority in enumerate(Priority, start=1)}


class HasPriority:
    """Mixin for procurements: their priority, and the decision that can set it."""

    decided_priority: Mapped[Priority | None] = mapped_column(
        enum_column(Priority, "decided_priority"),
        doc="The priority that `priorityDecision` sets, until a later decision revokes that.",
    )
    priority_decision_id: Mapped[str | None] = mapped_column(KEY, reference_to("decisions"))

    if TYPE_CHECKING:
        needs: Mapped[list[CapabilityNeed]]

    @declared_attr
    @classmethod
    def priority_decision(cls) -> Mapped[Decision | None]:
        """Return the relation to the decision."""
        return relationship("Decision", doc="The decision that sets `decidedPriority`.")

    @derived
    def priority(self) -> Priority | None:
        """The priority that a decision sets, or else the highest of the open needs; null if there is none."""
        rank = self.priority_rank
        return next((priority for priority, each in RANKS.items() if each == rank), None)

    @priority.expression
    @staticmethod
    def _priority(procurement: RowAlias) -> Any:
        names = ((procurement.priority_rank == rank, literal(each.name)) for each, rank in RANKS.items())
        return type_coerce(case(*names), enum_column(Priority, "priority"))

    @derived
    def priority_rank(self) -> int | None:
        """The priority as a number; 1 is the most urgent."""
        if self.decided_priority is not None:
            return RANKS[self.decided_priority]
        ranks = (need.priority_rank for need in self.needs if need.status not in ENDED_NEEDS)
        return min((rank for rank in ranks if rank is not None), default=None)

    @priority_rank.expression
    @staticmethod
    def _priority_rank(procurement: RowAlias) -> Any:
        need = procurement.related("needs")
        highest = need.figures(need.status.not_in(ENDED_NEEDS), rank=func.min(need.priority_rank)).rank
        decided = case(*((procurement.decided_priority == each, literal(rank)) for each, rank in RANKS.items()))
        return func.coalesce(decided, highest)


#: What the table of procurements adds for the priority.
PRIORITY_ARGUMENTS = (
    CheckConstraint("(decided_priority IS NULL) = (priority_decision_id IS NULL)", name="priority_is_decided"),
    *sort_indexes("decided_priority"),
    *sort_indexes("reference", within="priority_decision_id"),
)
