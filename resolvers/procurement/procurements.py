"""Declares the queries and commands of procurements."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import inspect

from models import NeedStatus, Procurement, ProcurementStatus, PurchaseOrderStatus
from models.orders.purchase_orders import AMENDABLE_STATUSES, OPEN_STATUSES
from resolvers.commands.errors import INPUT, Violation
from resolvers.commands.rules.periods import ends_after_start
from resolvers.commands.rules.quantities import quantities_of_lines_fit_unit
from resolvers.commands.spec import MutationSpec, register_mutation_spec
from resolvers.commands.uniqueness import unique_among_visible
from resolvers.meetings.decisions import is_in_force
from resolvers.people.expert_groups import group_is_active
from resolvers.planning import capability_needs
from resolvers.procurement.awards import agreement_keeps_its_call_offs, ceiling_violations, procurement_is_awarded
from resolvers.procurement.procurement_items import ITEM, has_needs_and_items, items_serve_needs
from resolvers.query.spec import QuerySpec, register_query_spec

if TYPE_CHECKING:
    from collections.abc import Iterator

    from resolvers.commands.unit_of_work import UnitOfWork

#: The statuses of procurements that are not started or have ended without an order.
IDLE = frozenset({ProcurementStatus.PLANNING, ProcurementStatus.UNSUCCESSFUL, ProcurementStatus.CANCELLED})
#: The statuses in which the procurement method was already used, so that it can no longer change.
CHOSEN_BY_METHOD = (
    ProcurementStatus.TENDERING,
    ProcurementStatus.UNSUCCESSFUL,
    ProcurementStatus.AWARDED,
    ProcurementStatus.ORDERED,
    ProcurementStatus.DELIVERING,
)
#: The statuses in which orders are placed, so that they stay call-offs from the same framework agreement.
BOUGHT = (ProcurementStatus.ORDERED, ProcurementStatus.DELIVERING)

register_query_spec(
    QuerySpec(
        Procurement,
        filterable=(
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
            "tender_starts_on",
            "tender_ends_on",
            "number_of_tenderers",
            "priority",
            "decided_priority",
            "priority_decision",
            "has_framework_agreement",
            "ceiling",
            "framework_starts_on",
            "framework_ends_on",
            "framework",
            "called_off",
            "remaining",
            "call_offs",
            "estimated_value",
            "funded_amount",
            "pledged_amount",
            "unmet_amount",
            "funded_share",
            "counts_in_sums",
            "left_out_of_sums",
            "is_overdue",
            "group",
            "procuring_entity",
            "lead_participant",
            "needs",
            "items",
            "awards",
            "purchase_orders",
            "allocations",
            "funders",
            "created_at",
            "updated_at",
        ),
        sortable=(
            "reference",
            "title",
            "planned_year",
            "approved_on",
            "tender_ends_on",
            "priority_rank",
            "framework_ends_on",
            "remaining",
            "estimated_value",
            "unmet_amount",
            "funded_share",
            "created_at",
            "updated_at",
        ),
        groupable=(
            "marking",
            "status",
            "method",
            "category",
            "priority",
            "planned_year",
            "group",
            "procuring_entity",
            "lead_participant",
            "counts_in_sums",
            "left_out_of_sums",
        ),
        summable={name: name for name in ("estimated_value", "funded_amount", "pledged_amount", "unmet_amount")},
    )
)


def _needs_are_validated(unit: UnitOfWork, row: Procurement) -> Iterator[Violation]:
    """The needs of an active procurement must be validated."""
    early = [need for need in row.needs if need.status in {NeedStatus.DRAFT, NeedStatus.SUBMITTED}]
    if row.status not in IDLE and early:
        at = "needIds" if "need_ids" in unit.input else "to"
        seen = sorted(f"{need.reference} is {need.status.name}" for need in early if unit.sees(need))
        said = ", ".join(seen) or "A need of the procurement is not VALIDATED yet"
        yield Violation((*INPUT, at), "needs_validated", f"{said}. Validate the need first, or leave it out.")


def _needs_are_not_given_up(unit: UnitOfWork, row: Procurement) -> Iterator[Violation]:
    """Nothing is bought for a need that is REJECTED or WITHDRAWN."""
    if "need_ids" in unit.input or row.status not in {*IDLE, ProcurementStatus.COMPLETED}:
        at = "needIds" if "need_ids" in unit.input else "to"
        yield from capability_needs.given_up_violations(unit, row.needs, (*INPUT, at))


def _needs_are_its_own(unit: UnitOfWork, row: Procurement) -> Iterator[Violation]:
    """Only writers of a need's group and leads can link the need to a procurement."""
    yield from capability_needs.need_is_linked_by_writer(unit, row, "needs", (*INPUT, "needIds"))


def _needs_with_money_stay(unit: UnitOfWork, row: Procurement) -> Iterator[Violation]:
    """A need for which money is allocated stays a need of the procurement."""
    named = {each.need for each in row.allocations if each.need and each.amount_minor}
    if "need_ids" in unit.input and named - {*row.needs}:
        message = "Money is allocated for a need that this list leaves out. Send its id too, or change that allocation."
        yield Violation((*INPUT, "needIds"), "allocated", message)


def _needs_that_are_ordered_stay(unit: UnitOfWork, row: Procurement) -> Iterator[Violation]:
    """A need for which the procurement has an order in progress, or a draft, stays a need of the procurement."""
    if "id" not in unit.input or "need_ids" not in unit.input:
        return
    kept = {*row.needs}
    lines = [
        line
        for order in row.purchase_orders
        for line in (order.lines if order.status in {PurchaseOrderStatus.DRAFT, *AMENDABLE_STATUSES} else ())
        if line.need in {*inspect(row).attrs["needs"].history.deleted} and line.need not in kept
    ]
    if lines:
        hidden = {*unit.not_visible([*{line.purchase_order for line in lines}])}
        named = {
            f"{line.purchase_order.number} has a line for {line.need.reference}"
            for line in lines
            if line.need and line.purchase_order not in hidden
        }
        said = ", ".join(sorted(named)) or "An order has a line for a need that this list leaves out"
        message = f"{said}. Send the need too, or end the order first."
        yield Violation((*INPUT, "needIds"), "ordered", message)


def _priority_is_decided(unit: UnitOfWork, row: Procurement) -> Iterator[Violation]:
    """A decided priority has a decision that is adopted and not revoked, and the decision has a priority."""
    is_sent = row.decided_priority and "decided_priority" in unit.input
    decision = next(iter(unit.seen(row.priority_decision)), None) if is_sent else row.priority_decision
    if (row.decided_priority is None) != (decision is None):
        name = "priorityDecisionId" if "priority_decision_id" in unit.input else "decidedPriority"
        message = "A decided priority has a priority and a decision. Set decidedPriority and priorityDecisionId."
        yield Violation((*INPUT, name), "decided", message)
    elif decision and not is_in_force(decision):
        message = f"{decision.reference} is not in force. Choose a decision that is ADOPTED and not revoked."
        yield Violation((*INPUT, "priorityDecisionId"), "priority_decision", message)


def _calls_off_from_an_agreement(_unit: UnitOfWork, row: Procurement) -> Iterator[Violation]:
    """A call-off names a procurement with a framework agreement, and has none of its own."""
    agreed = row.framework
    if agreed is not None and not agreed.has_framework_agreement:
        message = f"{agreed.reference} has no framework agreement. Choose one with hasFrameworkAgreement."
        yield Violation((*INPUT, "frameworkId"), "framework", message)
    elif agreed is not None and row.has_framework_agreement:
        message = "A procurement that calls off has no framework agreement of its own. Omit one of them."
        yield Violation((*INPUT, "frameworkId"), "framework", message)


def _agreement_fits_its_call_offs(unit: UnitOfWork, row: Procurement) -> Iterator[Violation]:
    """A framework agreement stays while there are call-offs, and its ceiling covers them."""
    terms = ("ceiling_minor", "framework_starts_on", "framework_ends_on")
    if not row.has_framework_agreement and any(getattr(row, name) is not None for name in terms):
        message = "A ceiling and a period belong to a framework agreement. Set hasFrameworkAgreement, or omit them."
        yield Violation((*INPUT, "hasFrameworkAgreement"), "framework_agreement", message)
    if not row.has_framework_agreement and row.call_offs:
        message = "Other procurements call off from this framework agreement, so it stays."
        yield Violation((*INPUT, "hasFrameworkAgreement"), "call_offs", message)
    orders = [order for order in row.orders_called_off() if order.owed_amount()]
    if row.ceiling_minor is not None and any(order.value_currency != row.ceiling_currency for order in orders):
        message = "Orders under the framework agreement are in another currency. Set the ceiling in that currency."
        yield Violation((*INPUT, "ceiling"), "framework_currency", message)
    yield from ceiling_violations(unit, row, (*INPUT, "ceiling"))


def _everything_arrived(unit: UnitOfWork, row: Procurement) -> Iterator[Violation]:
    """A procurement must not be completed before all its orders are delivered or have ended."""
    if unit.input.get("to") is not ProcurementStatus.COMPLETED:
        return
    if waiting := [each for each in row.purchase_orders if each.status in {PurchaseOrderStatus.DRAFT, *OPEN_STATUSES}]:
        hidden = {*unit.not_visible(waiting)}
        seen = sorted(f"{each.number} is {each.status.name}" for each in waiting if each not in hidden)
        said = f"{', '.join(seen)}." if seen else "An order of the procurement is open."
        message = f"{said} Each order must be DELIVERED, or have ended, first. A draft can be placed or CANCELLED."
        yield Violation((*INPUT, "to"), "orders_open", message)


def _release_money(_unit: UnitOfWork, row: Procurement) -> None:
    """Set the allocations of a cancelled procurement to 0."""
    if row.status is ProcurementStatus.CANCELLED:
        for allocation in row.allocations:
            allocation.amount_minor = 0


register_mutation_spec(
    MutationSpec(
        Procurement,
        fields=(
            "reference",
            "ocid",
            "title",
            "description",
            "marking",
            "method",
            "method_rationale",
            "tender_starts_on",
            "tender_ends_on",
            "number_of_tenderers",
            "category",
            "decided_priority",
            "priority_decision",
            "has_framework_agreement",
            "ceiling",
            "framework_starts_on",
            "framework_ends_on",
            "framework",
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
        auto_named=("reference",),
        name_prefix="PROC",
        many_to_many={"needs": "need_ids", "funders": "funder_ids", "recipients": "recipient_ids"},
        children={"items": ITEM},
        ranges={"planned_year": (2023, 2100), "number_of_tenderers": (0, None)},
        approval_statuses=frozenset({ProcurementStatus.APPROVED, ProcurementStatus.CANCELLED}),
        locked_fields={
            **dict.fromkeys(CHOSEN_BY_METHOD, ("method",)),
            **dict.fromkeys(BOUGHT, ("method", "framework")),
        },
        lock_also=("needs", "items.need", "framework"),
        validators=(
            has_needs_and_items,
            unique_among_visible("ocid"),
            group_is_active,
            _needs_are_validated,
            _needs_are_not_given_up,
            _needs_are_its_own,
            _needs_with_money_stay,
            _needs_that_are_ordered_stay,
            _priority_is_decided,
            _calls_off_from_an_agreement,
            _agreement_fits_its_call_offs,
            agreement_keeps_its_call_offs,
            ends_after_start("framework_starts_on", "framework_ends_on"),
            quantities_of_lines_fit_unit("quantity", lines="items"),
            items_serve_needs,
            ends_after_start("tender_starts_on", "tender_ends_on"),
            procurement_is_awarded,
            _everything_arrived,
        ),
        after_flush=(_release_money,),
    )
)
