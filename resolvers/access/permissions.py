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
from enum import Enum, unique
from typing import TYPE_CHECKING, Any

import models as m
from models import Scope
from resolvers.access.viewer import INSIDE, NO_GROUP

if TYPE_CHECKING:
    from models import Entity
    from resolvers.access.viewer import Viewer


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


def owning_group(row: Any) -> str:
    """Give the key of the group that owns an object, by itself or through what it belongs to."""
    for relation in ("procurement", "purchase_order", "document"):
        owner = getattr(row, relation, None)
        if owner is not None:
            return owning_group(owner)
    return getattr(row, "group_id", None) or NO_GROUP
