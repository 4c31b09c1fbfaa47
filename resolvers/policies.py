"""Who may see and who may change what: one table for each, in the words of the rules below them.

`visible` gives the SQL predicate of a type's rows. The rights of whoever asks come in as
bind parameters (`entities`) or as settings of the statement (`wall`), so that one
predicate serves all. What has no line in the table is not read at all.

The markings are those of the Traffic Light Protocol (TLP 2.0, FIRST, 2022); what they
admit to here is the coalition's own rule:

- CLEAR is read by everybody, GREEN by every account;
- AMBER by leads and participants, by the owning group, and by the groups it is shared with;
- AMBER_STRICT by the owning group;
- RED by the recipients it names, and by nobody else;
- a draft by those who write in the owning group, as far as its marking admits them;
- an event of the trail by whoever did it, and by those who write in the group that owned its object
  then, as far as the markings then admit them: all of them only where everything it tells of is
  still theirs to see;
- what belongs to something else is read where that is read. A row that two others meet in
  is read where both are: it would tell of the hidden one.

What no group owns is kept by the leads.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, unique
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, and_, cast, inspect, or_, select, true
from sqlalchemy.orm import aliased

import models as m
from models import Scope
from models.types import KEY
from resolvers.json_sql import constant, each_item, item_part
from resolvers.sight import (
    Rule,
    doer_or_writers_then,
    everybody,
    marking_admits,
    no_foreign_draft,
    signed_in,
)
from resolvers.viewers import INSIDE, NO_GROUP

if TYPE_CHECKING:
    from collections.abc import Collection

    from models import Entity, Identified
    from resolvers.sight import Rights
    from resolvers.viewers import Viewer


@dataclass(frozen=True)
class With:
    """Whoever sees what the row belongs to; where it belongs to nothing, there is nothing to hide."""

    relation: str

    def __call__(self, row: Any, rights: Rights) -> ColumnElement[bool]:
        """Give the condition that the other row is visible."""
        return self.seen(row, lambda other: visible(other, rights))

    def seen(self, row: Any, condition: Any) -> ColumnElement[bool]:
        """Give whether the row this one belongs to is there and meets a condition, or there is none."""
        relation = inspect(row).mapper.relationships[self.relation]
        other = aliased(relation.mapper.class_)
        ((local, _),) = relation.local_remote_pairs or []
        key = getattr(row, inspect(row).mapper.get_property_by_column(local).key)
        source = inspect(other).selectable
        found = select(1).select_from(source).where(other.id == key, condition(other)).correlate_except(source).exists()
        return or_(key.is_(None), found) if local.nullable else found


@dataclass(frozen=True)
class Names:
    """Whoever sees everything that the row names: a list of types and keys in a column."""

    column: str

    def __call__(self, row: Any, rights: Rights) -> ColumnElement[bool]:
        """Give the condition that nothing of it is hidden."""
        return self.seen(row, lambda other: visible(other, rights))

    def seen(self, row: Any, condition: Any) -> ColumnElement[bool]:
        """Give whether all that the row names is there and meets a condition."""
        item = each_item(getattr(row, self.column)).table_valued("value")
        kind, key = item_part(item.c.value, 0), cast(item_part(item.c.value, 1), KEY)
        kinds = []
        for model in GUARDED:
            other = aliased(model)
            source = inspect(other).selectable
            there = select(1).select_from(source).where(other.id == key, condition(other)).correlate_except(source)
            kinds.append(and_(kind == constant(model.__name__), there.exists()))
        return ~select(1).select_from(item).where(~or_(*kinds)).correlate_except(item).exists()


#: Who sees the rows of each type: all its rules must hold.
SEEN_BY: dict[type[Identified], tuple[Rule, ...]] = {
    m.Participant: (everybody,),
    m.CoalitionMembership: (everybody,),
    m.ExpertGroup: (everybody,),
    m.CapabilityArea: (everybody,),
    m.PublishedFigure: (everybody,),
    m.Account: (signed_in,),
    m.GroupMembership: (signed_in,),
    m.Document: (marking_admits, no_foreign_draft),
    m.DocumentVersion: (With("document"),),
    m.CapabilityNeed: (marking_admits, no_foreign_draft),
    # A roadmap that is no more than a draft is the Steering Group's, known as such: its marking says who reads it.
    m.Roadmap: (marking_admits,),
    m.RoadmapLine: (With("roadmap"), With("need")),
    m.Contribution: (marking_admits,),
    m.ContributionDonor: (With("contribution"),),
    m.Allocation: (With("contribution"), With("procurement")),
    m.Procurement: (marking_admits,),
    m.PurchaseOrder: (no_foreign_draft, With("procurement")),
    m.OrderLine: (With("purchase_order"),),
    m.Delivery: (marking_admits, With("purchase_order"), With("contribution")),
    m.DeliveryLine: (With("delivery"),),
    m.Meeting: (marking_admits,),
    m.AgendaItem: (With("meeting"),),
    m.Attendance: (With("meeting"),),
    m.Decision: (With("meeting"),),
    m.Vote: (With("decision"),),
    m.DecisionTarget: (With("decision"), With("procurement"), With("roadmap")),
    m.AuditEvent: (doer_or_writers_then, Names("names")),
}

#: What may be hidden by itself, and not only with what it belongs to.
GUARDED = tuple(model for model, rules in SEEN_BY.items() if {marking_admits, no_foreign_draft} & {*rules})


def visible(row: Any, rights: Rights, known: Collection[str] = ()) -> ColumnElement[bool]:
    """Give the predicate of the rows that may be seen.

    Args:
        row: The entity, or an alias of it.
        rights: The rights of whoever asks.
        known: Relations of the row whose targets are known to be visible, so that none is asked of them again.

    Raises:
        LookupError: for a type that has no line in the table.
    """
    rules = SEEN_BY[inspect(row).mapper.class_]
    needed = [rule for rule in rules if not (isinstance(rule, With) and rule.relation in known)]
    return and_(true(), *(rule(row, rights) for rule in needed if rule is not everybody))


def belongs_to(model: type[Identified]) -> frozenset[str]:
    """Give the relations of a type without whose targets its rows are not seen."""
    return frozenset(rule.relation for rule in SEEN_BY[model] if isinstance(rule, With))


@unique
class Permission(Enum):
    """What somebody may do here beyond reading what markings and memberships admit to."""

    WRITE = "Write the papers, needs, procurements and meetings of the groups one works in."
    DECIDE = "Decide in the groups one chairs: what is validated, shared or marked lower, and who belongs to them."
    CONTRIBUTE = "State what one's own participant contributes."
    KEEP = "Keep the register: participants, accounts, groups, roadmaps, and whatever no group owns."


@unique
class Action(Enum):
    """What is done to an object."""

    CREATE = "It is entered."
    UPDATE = "Its fields are changed."
    TRANSITION = "Its status is changed."
    DECIDE = "Its status is changed to one that only those who decide may give it."
    SHARE = "It is shared with others, or they are named as its recipients."
    MARK_LOWER = "Its marking is lowered."


#: One reason for which a viewer may change an object.
Right = Callable[["Viewer", Any], bool]


def keeps(viewer: Viewer, _row: Any) -> bool:
    """The leads keep the register."""
    return NO_GROUP in viewer.writes


def writes(viewer: Viewer, row: Any) -> bool:
    """Whoever writes in the group that owns it."""
    return owning_group(row) in viewer.writes


def decides(viewer: Viewer, row: Any) -> bool:
    """Whoever chairs the group that owns it."""
    return owning_group(row) in viewer.chairs


def appoints(viewer: Viewer, row: m.GroupMembership) -> bool:
    """Whoever chairs the group; and the leads where nobody else is its chair, so that they appoint and release it."""
    others = (each for each in row.group.memberships if each is not row)
    chaired = any(each.role is m.GroupRole.CHAIR and each.in_force for each in others)
    return decides(viewer, row) or (keeps(viewer, row) and not chaired)


def contributes(viewer: Viewer, row: m.Contribution) -> bool:
    """Leads and participants, where they are among the donors."""
    inside = bool(INSIDE.intersection(viewer.roles))
    return inside and any(viewer.participant == donor.participant_id for donor in row.donors)


def nobody(_viewer: Viewer, _row: Any) -> bool:
    """Nobody: it follows from other changes, or never changes."""
    return False


_REGISTER: dict[Action, Right] = dict.fromkeys(Action, keeps)
_PAPER: dict[Action, Right] = {
    Action.CREATE: writes,
    Action.UPDATE: writes,
    Action.TRANSITION: writes,
    Action.DECIDE: decides,
    Action.SHARE: decides,
    Action.MARK_LOWER: decides,
}

#: Who may change the objects of each type, by what is done; rows that belong to one of these change with it.
CHANGED_BY: dict[type[Entity], dict[Action, Right]] = {
    m.Participant: _REGISTER,
    m.ExpertGroup: _REGISTER,
    m.CapabilityArea: _REGISTER,
    m.PublishedFigure: _REGISTER,
    m.Roadmap: _REGISTER,
    m.Account: _REGISTER,
    m.GroupMembership: dict.fromkeys(Action, appoints),
    m.Document: _PAPER,
    m.CapabilityNeed: _PAPER,
    m.Procurement: _PAPER,
    m.PurchaseOrder: _PAPER,
    m.Delivery: _PAPER,
    m.Meeting: _PAPER,
    m.Contribution: dict.fromkeys(Action, contributes),
    m.Allocation: _REGISTER,
    m.DocumentVersion: {**dict.fromkeys(Action, nobody), Action.CREATE: writes},
}


def may(action: Action, row: Entity, viewer: Viewer) -> bool:
    """Tell whether a viewer may do something to an object, which must be one that he or she sees."""
    if viewer.account is None or Scope.WRITE not in viewer.scopes:
        return False
    return CHANGED_BY.get(type(row), {}).get(action, nobody)(viewer, row)


#: What to do where a right is lacking.
ASK: dict[Right, str] = {
    keeps: "ask a lead.",
    writes: "ask somebody who writes in its group, or a lead where no group owns it.",
    decides: "ask the chair of its group, or a lead where no group owns it.",
    contributes: "ask somebody of one of its donors.",
    appoints: "ask the chair of the group, or a lead where it has none.",
    nobody: "nobody does, for it follows from other changes or never changes.",
}


def whom_to_ask(action: Action, row: Entity) -> str:
    """Say who may do something to an object."""
    return ASK[CHANGED_BY.get(type(row), {}).get(action, nobody)]


def permissions(viewer: Viewer) -> tuple[Permission, ...]:
    """Give what a viewer may do beyond reading, somewhere."""
    if viewer.account is None or Scope.WRITE not in viewer.scopes:
        return ()
    held = {
        Permission.WRITE: bool(viewer.writes),
        Permission.DECIDE: bool(viewer.chairs),
        Permission.CONTRIBUTE: bool(INSIDE.intersection(viewer.roles)),
        Permission.KEEP: NO_GROUP in viewer.writes,
    }
    return tuple(permission for permission in Permission if held[permission])


def is_draft(row: Any) -> bool:
    """Tell whether an object is a draft that only those see who write in its group."""
    return no_foreign_draft in SEEN_BY[type(row)] and row.status.name == "DRAFT"


def owning_group(row: Any) -> str:
    """Give the key of the group that owns an object, by itself or through what it belongs to."""
    for relation in ("procurement", "purchase_order", "document"):
        owner = getattr(row, relation, None)
        if owner is not None:
            return owning_group(owner)
    return getattr(row, "group_id", None) or NO_GROUP
