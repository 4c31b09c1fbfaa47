"""How capability areas and needs may be read and written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import inspect, select

from models import CapabilityArea, CapabilityNeed, NeedStatus
from resolvers.access.permissions import keeps, writes
from resolvers.commands.errors import Violation
from resolvers.commands.spec import Writing, writable
from resolvers.commands.standard_changes import advance
from resolvers.expert_groups import the_group_is_at_work
from resolvers.query.spec import Reading, readable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from resolvers.commands.errors import Path
    from resolvers.commands.unit_of_work import Unit

readable(
    Reading(
        CapabilityArea,
        where=("id", "code", "name", "named_on", "needs", "created_at", "updated_at"),
        order=("code", "name", "named_on", "created_at", "updated_at"),
        unique=("code",),
    )
)

readable(
    Reading(
        CapabilityNeed,
        where=(
            "id",
            "reference",
            "title",
            "status",
            "marking",
            "priority",
            "quantity",
            "cpv_code",
            "needed_by",
            "estimated_cost",
            "accepted_quantity",
            "outstanding_quantity",
            "fulfilment",
            "area",
            "group",
            "requested_by",
            "procurements",
            "roadmap_lines",
            "created_at",
            "updated_at",
        ),
        order=(
            "reference",
            "title",
            "priority_rank",
            "quantity",
            "needed_by",
            "estimated_cost",
            "outstanding_quantity",
            "fulfilment",
            "created_at",
            "updated_at",
        ),
        groups=("marking", "status", "priority", "area", "group", "requested_by"),
        sums={"estimated_cost": "estimated_cost"},
    )
)


def follow_deliveries(unit: Unit, row: CapabilityNeed) -> None:
    """Move a need to where what is accepted towards it leads; what of it is met is known where its quantity is."""
    if row.transitions[row.status].isdisjoint(row.followed):
        return
    accepted = unit.session.scalar(select(CapabilityNeed.accepted_quantity).where(CapabilityNeed.id == row.id)) or 0
    if accepted:
        met = row.quantity is not None and accepted >= row.quantity
        advance(row, NeedStatus.MET if met else NeedStatus.PARTIALLY_MET)


def taken_up(unit: Unit, row: Any, relation: str, path: Path) -> Iterator[Violation]:
    """What is to meet a need is said by its own group, or by the leads: it moves the need on, and ends it.

    Args:
        unit: The unit of work.
        row: What refers to needs.
        relation: By which relation.
        path: Where that stands in the input.
    """
    added: Sequence[CapabilityNeed] = inspect(row).attrs[relation].history.added or ()
    foreign = [need for need in added if need and not (writes(unit.viewer, need) or keeps(unit.viewer, need))]
    if foreign:
        message = "Name needs of a group that you write in; what is for those of others a lead enters."
        yield Violation(path, "taken_up", message)


writable(Writing(CapabilityArea, fields=("code", "name", "description", "named_on", "named_on_precision")))

writable(
    Writing(
        CapabilityNeed,
        fields=(
            "reference",
            "title",
            "gap_statement",
            "marking",
            "priority",
            "quantity",
            "unit",
            "cpv_code",
            "estimated_cost",
            "needed_by",
            "area",
            "group",
            "requested_by",
        ),
        named=("reference",),
        prefix="NEED",
        links={"recipients": "recipient_ids"},
        ranges={"quantity": (1, None)},
        decided=frozenset({NeedStatus.VALIDATED, NeedStatus.REJECTED}),
        checks=(the_group_is_at_work,),
        consequences=(follow_deliveries,),
    )
)
