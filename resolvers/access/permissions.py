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
from resolvers.access.viewer import LEADS_GROUP, MEMBER_ROLES

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
PermissionRule = Callable[["Viewer", Any], bool]


def is_lead(viewer: Viewer, _row: Any) -> bool:
    """The leads keep the register."""
    return LEADS_GROUP in viewer.writable_groups


def is_writer(viewer: Viewer, row: Any) -> bool:
    """Whoever writes in the group that owns it."""
    return owning_group(row) in viewer.writable_groups


def is_chair(viewer: Viewer, row: Any) -> bool:
    """Whoever chairs the group that owns it."""
    return owning_group(row) in viewer.chaired_groups


def may_appoint(viewer: Viewer, row: m.GroupMembership) -> bool:
    """Whoever chairs the group; and the leads where nobody else is its chair, so that they appoint and release it."""
    others = (each for each in row.group.memberships if each is not row)
    chaired = any(each.role is m.GroupRole.CHAIR and each.in_force for each in others)
    return is_chair(viewer, row) or (is_lead(viewer, row) and not chaired)


def is_donor(viewer: Viewer, row: m.Contribution) -> bool:
    """Leads and participants, where they are among the donors."""
    inside = bool(MEMBER_ROLES.intersection(viewer.roles))
    return inside and any(viewer.participant == donor.participant_id for donor in row.donors)


def nobody(_viewer: Viewer, _row: Any) -> bool:
    """Nobody: it follows from other changes, or never changes."""
    return False


_REFERENCE_DATA: dict[Action, PermissionRule] = dict.fromkeys(Action, is_lead)


_GROUP_CONTENT: dict[Action, PermissionRule] = {
    Action.CREATE: is_writer,
    Action.UPDATE: is_writer,
    Action.TRANSITION: is_writer,
    Action.DECIDE: is_chair,
    Action.SHARE: is_chair,
    Action.MARK_LOWER: is_chair,
}


#: Who may change the objects of each type, by what is done; rows that belong to one of these change with it.
PERMISSIONS: dict[type[Entity], dict[Action, PermissionRule]] = {
    m.Participant: _REFERENCE_DATA,
    m.ExpertGroup: _REFERENCE_DATA,
    m.CapabilityArea: _REFERENCE_DATA,
    m.PublishedFigure: _REFERENCE_DATA,
    m.Roadmap: _REFERENCE_DATA,
    m.Account: _REFERENCE_DATA,
    m.GroupMembership: dict.fromkeys(Action, may_appoint),
    m.Document: _GROUP_CONTENT,
    m.CapabilityNeed: _GROUP_CONTENT,
    m.Procurement: _GROUP_CONTENT,
    m.PurchaseOrder: _GROUP_CONTENT,
    m.Delivery: _GROUP_CONTENT,
    m.Meeting: _GROUP_CONTENT,
    m.Contribution: dict.fromkeys(Action, is_donor),
    m.Allocation: _REFERENCE_DATA,
    m.DocumentVersion: {**dict.fromkeys(Action, nobody), Action.CREATE: is_writer},
}


def check_permissions(model: type[Entity]) -> None:
    """Check that a type has a line in the table, with a rule for every action. Raises LookupError where it has not."""
    missing = [action.name for action in Action if action not in PERMISSIONS.get(model, {})]
    if missing:
        lacks = f"no rule for {', '.join(missing)}" if model in PERMISSIONS else "no line"
        message = (
            f"{model.__name__} has {lacks} in PERMISSIONS of resolvers/access/permissions.py: add who may change its "
            f"rows, such as `m.{model.__name__}: _GROUP_CONTENT`."
        )
        raise LookupError(message)


def is_allowed(action: Action, row: Entity, viewer: Viewer) -> bool:
    """Tell whether a viewer may do something to an object, which must be one that he or she sees."""
    if viewer.account is None or Scope.WRITE not in viewer.scopes:
        return False
    return PERMISSIONS.get(type(row), {}).get(action, nobody)(viewer, row)


#: What to do where a right is lacking.
DENIAL_ADVICE: dict[PermissionRule, str] = {
    is_lead: "ask a lead.",
    is_writer: "ask somebody who writes in its group, or a lead where no group owns it.",
    is_chair: "ask the chair of its group, or a lead where no group owns it.",
    is_donor: "ask somebody of one of its donors.",
    may_appoint: "ask the chair of the group, or a lead where it has none.",
    nobody: "nobody does, for it follows from other changes or never changes.",
}


def denial_advice(action: Action, row: Entity) -> str:
    """Say who may do something to an object."""
    return DENIAL_ADVICE[PERMISSIONS.get(type(row), {}).get(action, nobody)]


def permissions(viewer: Viewer) -> tuple[Permission, ...]:
    """Give what a viewer may do beyond reading, somewhere."""
    if viewer.account is None or Scope.WRITE not in viewer.scopes:
        return ()
    held = {
        Permission.WRITE: bool(viewer.writable_groups),
        Permission.DECIDE: bool(viewer.chaired_groups),
        Permission.CONTRIBUTE: bool(MEMBER_ROLES.intersection(viewer.roles)),
        Permission.KEEP: LEADS_GROUP in viewer.writable_groups,
    }
    return tuple(permission for permission in Permission if held[permission])


def owning_group(row: Any) -> str:
    """Give the key of the group that owns an object, by itself or through what it belongs to."""
    for relation in ("procurement", "purchase_order", "document"):
        owner = getattr(row, relation, None)
        if owner is not None:
            return owning_group(owner)
    return getattr(row, "group_id", None) or LEADS_GROUP
