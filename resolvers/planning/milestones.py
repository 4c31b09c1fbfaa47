"""Declares the queries and commands of milestones."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models import Milestone, MilestoneStatus
from models.base import now
from resolvers.commands.errors import INPUT, Violation
from resolvers.commands.spec import MutationSpec, register_mutation_spec
from resolvers.people.expert_groups import group_is_active
from resolvers.query.spec import QuerySpec, register_query_spec

if TYPE_CHECKING:
    from collections.abc import Iterator

    from resolvers.commands.unit_of_work import UnitOfWork

register_query_spec(
    QuerySpec(
        Milestone,
        filterable=(
            "id",
            "reference",
            "title",
            "status",
            "marking",
            "due_on",
            "is_overdue",
            "ended_on",
            "group",
            "created_at",
            "updated_at",
        ),
        sortable=("reference", "title", "due_on", "ended_on", "created_at", "updated_at"),
        groupable=("marking", "status", "is_overdue", "group"),
    )
)


def _set_end(unit: UnitOfWork, row: Milestone) -> None:
    """Set the day on which a milestone ends to today, unless it is given, and its reason; clear both when it opens."""
    if "to" not in unit.input:
        return
    if row.status is MilestoneStatus.OPEN:
        row.ended_on = None
    elif row.ended_on is None:
        row.ended_on = now().date()
    row.drop_reason = unit.reason if row.status is MilestoneStatus.DROPPED else None


def _ends_by_today(unit: UnitOfWork, row: Milestone) -> Iterator[Violation]:
    """Check that only a milestone that ends gets the day of its end, and that the day is not in the future."""
    if unit.input.get("ended_on") is None or row.ended_on is None:
        return
    today = now().date()
    if row.status is MilestoneStatus.OPEN:
        message = "An OPEN milestone has no day on which it ended. Omit endedOn."
        yield Violation((*INPUT, "endedOn"), "ended_on", message)
    elif row.ended_on > today:
        message = f"The day is after today, {today} (UTC). Give today or an earlier day, or change dueOn instead."
        yield Violation((*INPUT, "endedOn"), "ended_on", message)


register_mutation_spec(
    MutationSpec(
        Milestone,
        fields=("reference", "title", "description", "marking", "due_on", "group"),
        auto_named=("reference",),
        name_prefix="MS",
        many_to_many={"recipients": "recipient_ids"},
        transition_fields=("ended_on",),
        reasoned_statuses=frozenset({MilestoneStatus.DROPPED}),
        validators=(group_is_active, _ends_by_today),
        before_flush=(_set_end,),
    )
)
