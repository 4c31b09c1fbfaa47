"""Declares the queries and commands of capability areas and capability needs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import inspect, select

from models import CapabilityArea, CapabilityNeed, DeliveryLine, NeedStatus, OrderLine, ProcurementItem
from models.orders.purchase_orders import OPEN_STATUSES
from models.planning.capability_needs import GIVEN_UP
from models.status_facts import IDLE_STATUSES, NEED_STATUSES
from resolvers.access.permissions import is_lead, is_writer
from resolvers.audit.recorder import is_changed
from resolvers.commands.errors import INPUT, Violation
from resolvers.commands.rules.quantities import POSITIVE, quantity_fits_unit
from resolvers.commands.spec import MutationSpec, register_mutation_spec
from resolvers.core.naming import nouns
from resolvers.people.expert_groups import group_is_active
from resolvers.query.spec import QuerySpec, register_query_spec

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from resolvers.commands.errors import Path
    from resolvers.commands.unit_of_work import UnitOfWork

#: The planning figures of a need that can be filtered and sorted by.
COVERAGE = (
    "planned_quantity",
    "ordered_quantity",
    "in_transit_quantity",
    "received_quantity",
    "rejected_quantity",
    "in_kind_quantity",
    "not_yet_secured_quantity",
    "planned_amount",
    "pledged_amount",
    "funded_amount",
    "ordered_amount",
    "in_kind_amount",
    "unmet_amount",
    "unmet_amount_after_in_kind",
    "funded_share",
    "covered_share",
)

register_query_spec(
    QuerySpec(
        CapabilityArea,
        filterable=("id", "code", "name", "named_on", "needs", "earmarked_contributions", "created_at", "updated_at"),
        sortable=("code", "name", "named_on", "created_at", "updated_at"),
        lookup_by=("code",),
    )
)

register_query_spec(
    QuerySpec(
        CapabilityNeed,
        filterable=(
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
            "counts_in_sums",
            "left_out_of_sums",
            "accepted_quantity",
            "outstanding_quantity",
            "fulfilment",
            *COVERAGE,
            "funding_is_lower_bound",
            "area",
            "group",
            "requested_by",
            "procurements",
            "roadmap_lines",
            "allocations",
            "earmarked_contributions",
            "created_at",
            "updated_at",
        ),
        sortable=(
            "reference",
            "title",
            "priority_rank",
            "quantity",
            "needed_by",
            "estimated_cost",
            "outstanding_quantity",
            "fulfilment",
            *COVERAGE,
            "created_at",
            "updated_at",
        ),
        groupable=(
            "marking",
            "status",
            "priority",
            "area",
            "group",
            "requested_by",
            "counts_in_sums",
            "left_out_of_sums",
        ),
        summable={
            "estimated_cost": "estimated_cost",
            **{name: name for name in COVERAGE if name.endswith("_amount")},
        },
    )
)


def need_is_linked_by_writer(unit: UnitOfWork, row: Any, relation: str, path: Path) -> Iterator[Violation]:
    """Only writers of a need's group and leads can link the need, because the link changes the need's status.

    Args:
        unit: The unit of work.
        row: The object that refers to needs.
        relation: The relation to the needs.
        path: The path of the relation in the input.
    """
    added: Sequence[CapabilityNeed] = inspect(row).attrs[relation].history.added or ()
    foreign = [need for need in added if need and not (is_writer(unit.viewer, need) or is_lead(unit.viewer, need))]
    if foreign:
        message = "This need belongs to a group in which you do not have write permission. Ask a lead to link it."
        yield Violation(path, "need_of_another_group", message)


def given_up_violations(unit: UnitOfWork, needs: Sequence[CapabilityNeed], path: Path) -> Iterator[Violation]:
    """Yield the violation of buying or paying for needs that are REJECTED or WITHDRAWN.

    Args:
        unit: The unit of work.
        needs: The needs.
        path: The path of the needs, or of the status, in the input.
    """
    if dropped := [need for need in needs if need.status in GIVEN_UP]:
        seen = [f"{need.reference} is {need.status.name}" for need in dropped if unit.sees(need)]
        said = f"{', '.join(seen)}." if seen else "A need is REJECTED or WITHDRAWN."
        yield Violation(path, "needs_open", f"{said} Leave that need out, or reopen it first.")


def _is_not_bought(unit: UnitOfWork, row: CapabilityNeed) -> Iterator[Violation]:
    """A need must not be given up while it is being bought, or money is allocated for it."""
    if unit.input.get("to") not in GIVEN_UP:
        return
    at = (*INPUT, "to")
    bought = [each for each in row.procurements if each.status not in IDLE_STATUSES]
    orders = {line.purchase_order for line in row.order_lines if line.purchase_order.status in OPEN_STATUSES}
    if bought or orders:
        names = sorted(each.reference for each in bought if unit.sees(each))
        names += sorted(each.number for each in orders if unit.sees(each))
        said = " by " + ", ".join(names) if names else ""
        yield Violation(
            at,
            "bought",
            f"The need is being bought{said}. Take it out of the procurement, or end what is ordered, first.",
        )
    if any(each.amount_minor for each in row.allocations):
        message = "Money is allocated for this need. Withdraw or reallocate it first."
        yield Violation(at, "allocated", message)


def unit_violations(row: Any, other: Any, noun: str, path: Path) -> Iterator[Violation]:
    """Yield the violation of a line whose unit is not that of the object that it counts towards.

    Args:
        row: The line.
        other: The object that the line counts towards.
        noun: The name of that object in the message.
        path: The path to the line in the input.
    """
    if row.unit is None or row.unit == other.unit:
        return
    remedy = f"send {other.unit}, or omit the unit" if other.unit else f"omit the unit, or give the {noun} a unit first"
    message = f"The unit {row.unit} is not the unit of the {noun}: {remedy}."
    yield Violation((*path, "unit"), "unit", message)


def take_unit(line: Any) -> None:
    """Set the unit of an order line or an item without one: that of its need."""
    if line.need and line.unit is None:
        line.unit = line.need.unit


def _unit_stays(unit: UnitOfWork, row: CapabilityNeed) -> Iterator[Violation]:
    """The unit of a need does not change while lines with another unit count towards it."""
    if "id" not in unit.input or not is_changed(row, "unit"):
        return
    for line in (OrderLine, DeliveryLine, ProcurementItem):
        others: Sequence[Any] = unit.rows(
            select(line).where(line.need_id == row.id, line.unit.is_distinct_from(row.unit))
        )
        if others:
            known = " or ".join(sorted({each.unit or "no unit" for each in others}))
            message = f"{nouns(line.__name__).capitalize()} in {known} count towards this need: keep that unit."
            yield Violation((*INPUT, "unit"), "unit_in_use", message)
            return


register_mutation_spec(
    MutationSpec(CapabilityArea, fields=("code", "name", "description", "named_on", "named_on_precision"))
)

register_mutation_spec(
    MutationSpec(
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
        auto_named=("reference",),
        name_prefix="NEED",
        many_to_many={"recipients": "recipient_ids"},
        ranges={"quantity": POSITIVE},
        approval_statuses=frozenset({NeedStatus.VALIDATED, NeedStatus.REJECTED}),
        reasoned_statuses=frozenset((status, NeedStatus.WITHDRAWN) for status in NEED_STATUSES),
        reasoned_fields=dict.fromkeys(NEED_STATUSES, ("quantity", "unit", "estimated_cost")),
        validators=(group_is_active, _unit_stays, _is_not_bought, quantity_fits_unit("quantity")),
    )
)
