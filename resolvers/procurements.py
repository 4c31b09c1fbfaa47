"""How procurements may be read and written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models import NeedStatus, Procurement, ProcurementStatus
from models.purchase_orders import OPEN_STATUSES
from resolvers import capability_needs
from resolvers.commands.errors import INPUT, Violation
from resolvers.commands.spec import Writing, writable
from resolvers.commands.standard_changes import advance
from resolvers.expert_groups import the_group_is_at_work
from resolvers.query.spec import Reading, readable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from resolvers.commands.unit_of_work import Unit

#: Procurements that nobody works on by now.
IDLE = frozenset({ProcurementStatus.PLANNING, ProcurementStatus.UNSUCCESSFUL, ProcurementStatus.CANCELLED})
#: From here on suppliers were chosen by its method.
CHOSEN_BY_METHOD = (
    ProcurementStatus.TENDERING,
    ProcurementStatus.UNSUCCESSFUL,
    ProcurementStatus.AWARDED,
    ProcurementStatus.ORDERED,
    ProcurementStatus.DELIVERING,
)

readable(
    Reading(
        Procurement,
        where=(
            "id",
            "ocid",
            "reference",
            "title",
            "status",
            "marking",
            "method",
            "category",
            "cpv_code",
            "planned_year",
            "approved_on",
            "estimated_value",
            "is_overdue",
            "group",
            "procuring_entity",
            "lead_participant",
            "needs",
            "purchase_orders",
            "allocations",
            "funders",
            "created_at",
            "updated_at",
        ),
        order=("reference", "title", "planned_year", "approved_on", "estimated_value", "created_at", "updated_at"),
        groups=(
            "marking",
            "status",
            "method",
            "category",
            "planned_year",
            "group",
            "procuring_entity",
            "lead_participant",
        ),
        sums={"estimated_value": "estimated_value"},
    )
)


def _needs_are_validated(unit: Unit, row: Procurement) -> Iterator[Violation]:
    """What is bought was validated before."""
    if row.status not in IDLE and any(need.status in {NeedStatus.DRAFT, NeedStatus.SUBMITTED} for need in row.needs):
        at = "needIds" if "need_ids" in unit.given else "to"
        yield Violation((*INPUT, at), "needs_validated", "One of its needs is not validated yet: have it validated.")


def _needs_are_its_own(unit: Unit, row: Procurement) -> Iterator[Violation]:
    """A need is bought by who states it, or by the leads."""
    yield from capability_needs.taken_up(unit, row, "needs", (*INPUT, "needIds"))


def _everything_arrived(unit: Unit, row: Procurement) -> Iterator[Violation]:
    """It is completed once every order that binds is delivered; drafts bind nothing."""
    completed = unit.given.get("to") is ProcurementStatus.COMPLETED
    if completed and any(order.status in OPEN_STATUSES for order in row.purchase_orders):
        message = "Something is still to come of its orders: it is completed when each is DELIVERED or CLOSED."
        yield Violation((*INPUT, "to"), "orders_open", message)


def _buy_needs(_unit: Unit, row: Procurement) -> None:
    """Its needs are being bought once it is approved."""
    if row.status not in IDLE:
        for need in row.needs:
            advance(need, NeedStatus.IN_PROCUREMENT)


def _release_money(_unit: Unit, row: Procurement) -> None:
    """What is given up binds no money: it is the contributions' again."""
    if row.status is ProcurementStatus.CANCELLED:
        for allocation in row.allocations:
            allocation.amount_minor = 0


writable(
    Writing(
        Procurement,
        fields=(
            "reference",
            "ocid",
            "title",
            "description",
            "marking",
            "method",
            "category",
            "cpv_code",
            "estimated_value",
            "estimated_value_qualifier",
            "planned_year",
            "approved_on",
            "approved_on_precision",
            "group",
            "procuring_entity",
            "lead_participant",
        ),
        named=("reference",),
        prefix="PROC",
        links={"needs": "need_ids", "funders": "funder_ids", "recipients": "recipient_ids"},
        ranges={"planned_year": (2023, 2100)},
        decided=frozenset({ProcurementStatus.APPROVED, ProcurementStatus.CANCELLED}),
        sealed=dict.fromkeys(CHOSEN_BY_METHOD, ("method",)),
        guards=("needs",),
        checks=(the_group_is_at_work, _needs_are_validated, _needs_are_its_own, _everything_arrived),
        consequences=(_buy_needs, _release_money),
    )
)
