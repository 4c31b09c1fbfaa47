"""Visibility once more, in plain Python over loaded entities, and the entities that one viewer sees.

The rules are written again here, without any code of `resolvers/`, so that both can be compared.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from sqlalchemy import inspect, select
from sqlalchemy.orm import object_session
from sqlalchemy.orm.attributes import set_committed_value

from models import Account, Deputy, HasId
from tests.reference.filters import MODELS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

#: The relations without whose targets a row is not seen; where there is no target, nothing is hidden.
BELONGS_TO = {
    "DocumentVersion": ("document",),
    "DocumentLink": (
        "document",
        "need",
        "procurement",
        "purchase_order",
        "delivery",
        "roadmap",
        "contribution",
        "decision",
        "agenda_item",
    ),
    "ReviewRequest": ("document_version",),
    "CommentThread": ("document", "need", "procurement"),
    "Comment": ("thread",),
    "RoadmapLine": ("roadmap", "need"),
    "ContributionDonor": ("contribution",),
    "ContributionTranche": ("contribution",),
    "Disbursement": ("contribution",),
    "PublishedFigure": ("contribution",),
    "Allocation": ("contribution", "procurement"),
    "ProcurementItem": ("procurement",),
    "Award": ("procurement",),
    "PurchaseOrder": ("procurement",),
    "OrderLine": ("purchase_order",),
    "OrderAmendment": ("purchase_order",),
    "OrderAmendmentLine": ("amendment",),
    "Delivery": ("purchase_order", "contribution"),
    "DeliveryLine": ("delivery",),
    "DeliveryReturn": ("delivery_line",),
    "AgendaItem": ("meeting", "action_item"),
    "Attendance": ("meeting",),
    "Attendee": ("attendance",),
    "Minutes": ("meeting", "document"),
    "Decision": ("meeting",),
    "Vote": ("decision",),
    "ActionItemTarget": (
        "action_item",
        "need",
        "contribution",
        "document",
        "purchase_order",
        "procurement",
        "roadmap",
    ),
    "DecisionTarget": ("decision", "procurement", "roadmap"),
}
#: How to get from an entity to the group that owns it; the leads own the others.
OWNERS: dict[str, Callable[[Any], Any]] = {
    "Document": lambda each: each.group,
    "DocumentVersion": lambda each: each.document.group,
    "DocumentLink": lambda each: each.document.group,
    "ReviewRequest": lambda each: each.document.group,
    "CommentThread": lambda each: (each.document or each.need or each.procurement).group,
    "Comment": lambda each: owner_of(each.thread),
    "CapabilityNeed": lambda each: each.group,
    "GroupMembership": lambda each: each.group,
    "Deputy": lambda each: each.deputy_for.group,
    "Meeting": lambda each: each.group,
    "AgendaItem": lambda each: each.meeting.group,
    "Milestone": lambda each: each.group,
    "ActionItem": lambda each: each.group,
    "ActionItemTarget": lambda each: each.action_item.group,
    "Attendance": lambda each: each.meeting.group,
    "Attendee": lambda each: each.attendance.meeting.group,
    "Minutes": lambda each: each.meeting.group,
    "Decision": lambda each: each.meeting.group,
    "DecisionTarget": lambda each: each.decision.meeting.group,
    "Vote": lambda each: each.decision.meeting.group,
    "Supplier": lambda each: each.group,
    "Procurement": lambda each: each.group,
    "ProcurementItem": lambda each: each.procurement.group,
    "Award": lambda each: each.procurement.group,
    "Allocation": lambda each: each.procurement.group,
    "PurchaseOrder": lambda each: each.procurement.group,
    "OrderLine": lambda each: each.purchase_order.procurement.group,
    "OrderAmendment": lambda each: each.purchase_order.procurement.group,
    "OrderAmendmentLine": lambda each: each.amendment.purchase_order.procurement.group,
    "Delivery": lambda each: each.purchase_order and each.purchase_order.procurement.group,
    "DeliveryLine": lambda each: each.delivery.purchase_order and each.delivery.purchase_order.procurement.group,
    "DeliveryReturn": lambda each: OWNERS["DeliveryLine"](each.delivery_line),
}
OF_ACCOUNTS = ("Account", "Contact", "GroupMembership", "Deputy", "Delegate")
#: What the public does not see, also where it sees what the row belongs to.
NOT_FOR_THE_PUBLIC = ("ReviewRequest", "CommentThread")
WITH_DRAFTS = ("Document", "CapabilityNeed", "PurchaseOrder")
#: The status that a draft can end in, and that other objects can have as well.
ENDED_DRAFTS = {"Document": "WITHDRAWN", "CapabilityNeed": "WITHDRAWN", "PurchaseOrder": "CANCELLED"}
WRITING = ("CHAIR", "CO_CHAIR", "SECRETARY", "MEMBER")
DECIDING = ("CHAIR", "CO_CHAIR")


class Eye:
    """The rights of one account to see entities, or those of the public."""

    def __init__(self, account: Account | None) -> None:
        self.account = account
        today = dt.datetime.now(dt.UTC).date()
        memberships = account.participant.memberships if account else []
        current = [each for each in memberships if _lasts(each.valid_from, each.valid_to, today)]
        self.roles = {each.role.name for each in current}
        self.left = bool(memberships) and not current
        self.inside = bool(self.roles & {"LEAD", "PARTICIPANT"})
        self.leads = "LEAD" in self.roles
        own = account.group_memberships if account else []
        own = [*own, *(_acts_for(account, today) if account else ())]
        self.memberships = [each for each in own if _lasts(each.valid_from, each.expires_on, today)]

    def belongs_to(self, group: Any, roles: Iterable[str] | None = None) -> bool:
        """Return whether the account is in a group, in one of `roles`; entities without a group belong to the leads."""
        if group is None:
            return self.leads
        return any(each.group is group and (roles is None or each.role.name in roles) for each in self.memberships)

    def sees(self, entity: Any) -> bool:
        """Return whether the account sees an entity."""
        name = type(entity).__name__
        if name in OF_ACCOUNTS or (name in NOT_FOR_THE_PUBLIC and self.account is None):
            return self.account is not None and (name != "Contact" or self._may_contact(entity.account))
        if name in WITH_DRAFTS and _was_never_shown(entity) and not self.belongs_to(owner_of(entity), WRITING):
            return False
        if name == "DocumentVersion" and entity.draft_since and not self.belongs_to(owner_of(entity), WRITING):
            return False
        if hasattr(entity, "recipients") and not self._is_admitted(entity):
            return False
        records: dict[str, Callable[[Any], bool]] = {"AuditEvent": self._is_told, "Change": self._sees_objects_of}
        if name in records and not records[name](entity):
            return False
        owners = [getattr(entity, relation) for relation in BELONGS_TO.get(name, ())]
        known = self.account is not None or name != "Attendee"
        return known and all(owner is None or self.sees(owner) for owner in owners)

    def _may_contact(self, account: Account) -> bool:
        """Return whether the account is the other one, a lead, or in a group of the other one."""
        today = dt.datetime.now(dt.UTC).date()
        held = [each for each in account.group_memberships if _lasts(each.valid_from, each.expires_on, today)]
        return account is self.account or self.leads or any(self.belongs_to(each.group) for each in held)

    def _is_told(self, event: Any) -> bool:
        """Return whether the account sees an audit event, by the event's fields and the objects that it names."""
        session: Any = object_session(event)
        named = [session.get(MODELS[kind], key) for kind, key in event.names]
        if not all(each is not None and self.sees(each) for each in named):
            return False
        if self.account is not None and event.actor is self.account:
            return True
        group = event.group_id and session.get(MODELS["ExpertGroup"], event.group_id)
        if not self.belongs_to(group or None, WRITING):
            return False
        marking = event.marking.name if event.marking else "CLEAR"
        if not {"CLEAR": True, "GREEN": not self.left, "AMBER": self.inside}.get(marking, False):
            return False
        return event.readers is None or any(self.account and key == self.account.id for _, key in event.readers)

    def _sees_objects_of(self, change: Any) -> bool:
        """Return whether the account sees the object of a change, and the one that the change refers to, if any."""
        session: Any = object_session(change)
        row = session.get(MODELS[change.entity_type], change.entity_key)
        if row is None or getattr(row, "erased_at", None) or not self.sees(row):
            return False
        other = change.through_type and session.get(MODELS[change.through_type], change.through_key)
        return change.through_type is None or (other is not None and self.sees(other))

    def _is_admitted(self, entity: Any) -> bool:
        marking, owned = entity.marking.name, self.belongs_to(owner_of(entity))
        if marking == "CLEAR":
            return True
        if self.account is None:
            return False
        if marking == "GREEN":
            return not self.left
        if marking == "AMBER":
            return self.inside or owned or any(map(self.belongs_to, getattr(entity, "shared_with", ())))
        if marking == "AMBER_STRICT":
            return owned
        return self.account in entity.recipients

    def permissions(self) -> list[str]:
        """Return the permissions of the account beyond reading."""
        held = {
            "WRITE": self.leads or any(each.role.name in WRITING for each in self.memberships),
            "DECIDE": self.leads or any(each.role.name in DECIDING for each in self.memberships),
            "CONTRIBUTE": self.inside,
            "MAINTAIN": self.leads,
        }
        return [name for name, holds in held.items() if holds]


def leave_what_is_seen(entities: Mapping[str, list[HasId]], eye: Eye) -> dict[str, list[HasId]]:
    """Return the entities that an account sees, and remove the others from every relation between them."""
    seen = {name: [entity for entity in found if eye.sees(entity)] for name, found in entities.items()}
    kept = {id(entity) for found in seen.values() for entity in found}
    # Only once all is judged: what is taken away would be missed by the rules.
    for entity in [entity for found in seen.values() for entity in found]:
        for relation in inspect(type(entity)).relationships:
            if issubclass(relation.mapper.class_, HasId):
                left = _left(getattr(entity, relation.key), kept)
                set_committed_value(entity, relation.key, left)
                if left is None:
                    _forget_keys(entity, relation)
    return seen


def _forget_keys(entity: Any, relation: Any) -> None:
    """Remove the keys by which an entity names an invisible object."""
    for column in relation.local_columns:
        if column.foreign_keys and column.nullable:
            set_committed_value(entity, inspect(type(entity)).get_property_by_column(column).key, None)


def _left(related: Any, kept: set[int]) -> Any:
    if isinstance(related, list):
        return [each for each in related if id(each) in kept]
    return related if id(related) in kept else None


def owner_of(entity: Any) -> Any:
    """Return the group that owns an entity; None where the leads own it."""
    owner = OWNERS.get(type(entity).__name__)
    return owner(entity) if owner else None


def _was_never_shown(entity: Any) -> bool:
    ended = entity.status.name == ENDED_DRAFTS.get(type(entity).__name__)
    return entity.status.name == "DRAFT" or (ended and entity.visible_since is None)


def _acts_for(account: Account, today: dt.date) -> Iterable[Any]:
    """Yield the memberships for which an account acts today."""
    session: Any = object_session(account)
    for each in session.scalars(select(Deputy).where(Deputy.account_id == account.id)):
        if (each.meeting is None or _takes_place(each.meeting, today)) and _lasts(
            each.valid_from, each.expires_on, today
        ):
            yield each.deputy_for


def _takes_place(meeting: Any, today: dt.date) -> bool:
    if meeting.held_on is None or meeting.status.name not in {"PLANNED", "HELD"}:
        return False
    last = meeting.ends_at.date() if meeting.ends_at else meeting.held_on
    return bool(meeting.held_on <= today <= max(last, meeting.held_on))


def _lasts(first: dt.date | None, last: dt.date | None, today: dt.date) -> bool:
    return (first is None or first <= today) and (last is None or today <= last)
