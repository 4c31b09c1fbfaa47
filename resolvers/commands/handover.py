"""Hands the open work of an expert group over to another group.

Objects marked AMBER_STRICT or RED stay with the former group: their readers are the members of that group or the named
recipients, and the caller, who possibly sees none of these objects, must not change who reads them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from models import (
    ActionItem,
    AgendaItem,
    CapabilityNeed,
    Delivery,
    Document,
    DocumentStatus,
    HasStatus,
    Meeting,
    MeetingStatus,
    Milestone,
    MilestoneStatus,
    Procurement,
    PurchaseOrder,
    Supplier,
)
from models.base import now
from models.meetings.action_items import OPEN_ACTION_ITEMS
from resolvers.commands.errors import INPUT, ValidationError, Violation
from resolvers.commands.marking_changes import NEVER_SHARED
from resolvers.commands.visible_rules import HIDDEN

if TYPE_CHECKING:
    from collections.abc import Collection
    from enum import Enum

    from models import ExpertGroup
    from resolvers.commands.unit_of_work import UnitOfWork


def _not_ended(model: type[HasStatus], *ended: Enum) -> frozenset[Any]:
    return frozenset(each for each in model.transitions if each not in ended and not model.is_ended(each))


COMING = frozenset({MeetingStatus.PLANNED, MeetingStatus.POSTPONED})

#: The work of a group: the type, the relation that leads to the group, and the statuses in which it is open; None for a
#: type without a status.
WORK: tuple[tuple[type[Any], str, Collection[Enum] | None], ...] = (
    (CapabilityNeed, "group", _not_ended(CapabilityNeed)),
    (Procurement, "group", _not_ended(Procurement)),
    (Document, "group", _not_ended(Document, DocumentStatus.SUPERSEDED)),
    (Supplier, "group", None),
    (Milestone, "group", frozenset({MilestoneStatus.OPEN})),
    (Meeting, "group", COMING),
    (ActionItem, "group", OPEN_ACTION_ITEMS),
    (ActionItem, "owner_group", OPEN_ACTION_ITEMS),
)


def hand_over(unit: UnitOfWork, row: ExpertGroup, into: ExpertGroup) -> None:
    """Hand the open work of a group over to another group; each object gets its own audit event.

    Lock both groups before: no object joins the former group while it is locked.

    Raises:
        ValidationError: a delivery would get other readers.
    """
    work = {(model, name): _open_work(unit, row, model, name, open_in) for model, name, open_in in WORK}
    items = _agenda_items(unit, row)
    unit.lock(*{each for rows in work.values() for each in rows}, *{each.meeting for each in items}, *items)
    _check_deliveries(unit, work[Procurement, "group"])
    for (_, name), rows in work.items():
        for each in rows:
            setattr(each, name, into)
            setattr(each, f"{name}_id", into.id)
            if into in getattr(each, "shared_with", ()):
                each.shared_with.remove(into)
    for item in items:
        item.owner_group, item.owner_group_id = into, into.id
        item.meeting.updated_at = now()


def _open_work(
    unit: UnitOfWork, row: ExpertGroup, model: Any, name: str, open_in: Collection[Enum] | None
) -> list[Any]:
    statement = select(model).where(getattr(model, f"{name}_id") == row.id, model.marking.not_in(NEVER_SHARED))
    if open_in is not None:
        statement = statement.where(model.status.in_(open_in))
    return [*unit.session.scalars(statement.order_by(model.id))]


def _agenda_items(unit: UnitOfWork, row: ExpertGroup) -> list[AgendaItem]:
    """Return the items that a group presents at meetings that are still to be held."""
    coming = Meeting.status.in_(COMING), Meeting.marking.not_in(NEVER_SHARED)
    statement = select(AgendaItem).join(AgendaItem.meeting).where(AgendaItem.owner_group_id == row.id, *coming)
    return [*unit.session.scalars(statement.order_by(AgendaItem.id))]


def _check_deliveries(unit: UnitOfWork, procurements: Collection[Procurement]) -> None:
    """Check that no delivery would get other readers with its procurement. Raises ValidationError."""
    statement = (
        select(Delivery)
        .join(Delivery.purchase_order)
        .where(PurchaseOrder.procurement_id.in_([each.id for each in procurements]), Delivery.marking.in_(NEVER_SHARED))
        .order_by(Delivery.reference)
    )
    found = unit.session.scalars(statement).all()
    hidden = {*unit.not_visible(found)}
    if seen := [each for each in found if each not in hidden]:
        message = (
            f"The delivery {seen[0].reference} is {seen[0].marking.name}, and its procurement would belong to the "
            f"other group. Lower its marking to AMBER, or hand the procurement over with updateProcurement first."
        )
        raise ValidationError([Violation((*INPUT, "id"), "delivery", message)])
    if hidden:
        raise ValidationError([HIDDEN])
