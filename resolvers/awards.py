"""Declares the queries and commands of awards."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models import Award, AwardStatus, ProcurementStatus
from resolvers.commands.errors import INPUT, Violation
from resolvers.commands.spec import MutationSpec, register_mutation_spec
from resolvers.query.spec import QuerySpec, register_query_spec

if TYPE_CHECKING:
    from collections.abc import Iterator

    from models import PurchaseOrder
    from resolvers.commands.unit_of_work import UnitOfWork

#: The statuses of procurements in which no supplier can be selected.
WITHOUT_TENDERS = frozenset({ProcurementStatus.PLANNING, ProcurementStatus.UNSUCCESSFUL, ProcurementStatus.CANCELLED})

register_query_spec(
    QuerySpec(
        Award,
        filterable=(
            "id",
            "number",
            "title",
            "status",
            "awarded_on",
            "value",
            "procurement",
            "suppliers",
            "items",
            "purchase_orders",
            "created_at",
            "updated_at",
        ),
        sortable=("number", "title", "awarded_on", "value", "created_at", "updated_at"),
        groupable=("status", "procurement"),
        summable={"value": "value"},
    )
)


def _items_are_of_the_procurement(unit: UnitOfWork, row: Award) -> Iterator[Violation]:
    """The items must be items of the procurement."""
    if any(item.procurement is not row.procurement for item in row.items):
        at = "itemIds" if "item_ids" in unit.input else "procurementId"
        message = "An item is not one of the procurement. Choose items of the procurement, or omit them."
        yield Violation((*INPUT, at), "item", message)


def _can_be_in_force(unit: UnitOfWork, row: Award) -> Iterator[Violation]:
    """An award in force must have a supplier and a procurement that is under way."""
    if unit.input.get("to") is not AwardStatus.ACTIVE:
        return
    if not row.suppliers:
        message = "The award has no supplier. Enter its suppliers first."
        yield Violation((*INPUT, "to"), "suppliers", message)
    if row.procurement.status in WITHOUT_TENDERS:
        message = f"The procurement is {row.procurement.status.name}. Change its status before you award it."
        yield Violation((*INPUT, "to"), "awarded", message)


def _is_still_bought(unit: UnitOfWork, row: Award) -> Iterator[Violation]:
    """New awards must not be added to a procurement that has ended."""
    status = row.procurement.status
    if "id" not in unit.input and row.procurement.is_ended(status):
        message = f"The procurement is {status.name} and accepts no more awards. Choose a procurement in progress."
        yield Violation((*INPUT, "procurementId"), "ended", message)


def order_fits_award(unit: UnitOfWork, row: PurchaseOrder) -> Iterator[Violation]:
    """An order under an award must have its procurement and one of its suppliers; to be placed, it must be ACTIVE."""
    award = row.award
    if award is None:
        return
    if award.procurement is not row.procurement:
        message = "The award belongs to another procurement. Choose an award of the procurement of the order."
        yield Violation((*INPUT, "awardId"), "award", message)
    if row.supplier and row.supplier not in award.suppliers:
        at = "supplierId" if "supplier_id" in unit.input else "awardId"
        message = "The supplier is not one of the award. Choose one of its suppliers, or another award."
        yield Violation((*INPUT, at), "award_supplier", message)
    to = unit.input.get("to")
    if to is not None and to.name == "PLACED" and award.status is not AwardStatus.ACTIVE:
        message = f"The award is {award.status.name}. An order can be placed only under an award that is ACTIVE."
        yield Violation((*INPUT, "to"), "award_status", message)


register_mutation_spec(
    MutationSpec(
        Award,
        create_only=("procurement",),
        fields=("number", "title", "awarded_on", "value"),
        auto_named=("number",),
        name_prefix="AWD",
        many_to_many={"suppliers": "supplier_ids", "items": "item_ids"},
        reasoned_statuses=frozenset({AwardStatus.CANCELLED, AwardStatus.UNSUCCESSFUL}),
        locked_fields={AwardStatus.ACTIVE: ("suppliers", "items", "value")},
        lock_also=("procurement",),
        validators=(_is_still_bought, _items_are_of_the_procurement, _can_be_in_force),
    )
)
