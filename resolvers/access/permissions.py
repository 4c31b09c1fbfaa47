"""The permissions table: which viewers may change the objects of each type. `visibility` is the table for reading.

The markings are those of the Traffic Light Protocol (TLP 2.0, FIRST, 2022). The coalition defines who may read what:

- CLEAR: the public. GREEN: every account.
- AMBER: leads and participants of the coalition, the owning group, and the groups that the object is shared with.
- AMBER_STRICT: the owning group.
- RED: only the recipients of the object.
- A draft: writers of the owning group, if its marking allows them.
- An audit event: its actor, and writers of the group that owned the object at that time, if its markings at that time
  allow them. In both cases, the viewer must still see every object that the event mentions.
- A child row: the viewers of its parent. A row that links two objects is visible only if both are, because it would
  disclose the hidden one.

Objects that no group owns belong to the leads.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum, unique
from typing import TYPE_CHECKING, Any

import models as m
from resolvers.access.ownership import owning_group
from resolvers.access.viewer import LEADS_GROUP, MEMBER_ROLES

if TYPE_CHECKING:
    from models import Entity
    from resolvers.access.viewer import Viewer


@unique
class Permission(Enum):
    """A permission to change data. Reading depends on markings and memberships."""

    WRITE = "Change the documents, needs, procurements and meetings of the viewer's groups."
    DECIDE = "Validate, share and lower the marking of objects, and manage members, in groups that the viewer chairs."
    CONTRIBUTE = "Enter contributions of the viewer's participant."
    MAINTAIN = "Maintain participants, accounts, groups, roadmaps and all objects that no group owns."


@unique
class Action(Enum):
    """An action on an object."""

    CREATE = "Create the object."
    UPDATE = "Change its fields."
    TRANSITION = "Change its status."
    DECIDE = "Change its status to one that requires approval."
    SHARE = "Share it with groups, or set its recipients."
    MARK_LOWER = "Lower its marking."


#: A rule that decides whether a viewer may change an object.
PermissionRule = Callable[["Viewer", Any], bool]


def is_lead(viewer: Viewer, _row: Any) -> bool:
    """The viewer writes for the leads."""
    return LEADS_GROUP in viewer.writable_groups


def is_writer(viewer: Viewer, row: Any) -> bool:
    """The viewer writes in the group that owns the object."""
    return owning_group(row) in viewer.writable_groups


def is_chair(viewer: Viewer, row: Any) -> bool:
    """The viewer chairs the group that owns the object."""
    return owning_group(row) in viewer.chaired_groups


def may_appoint(viewer: Viewer, row: m.GroupMembership) -> bool:
    """The viewer chairs the group, or is a lead while the group has no other chair, to appoint or remove the chair."""
    return is_chair(viewer, row) or may_appoint_as_lead(viewer, row)


def may_appoint_as_lead(viewer: Viewer, row: m.GroupMembership) -> bool:
    """Return whether the viewer is a lead while the group has no chair other than that of the membership."""
    others = (each for each in row.group.memberships if each is not row)
    return is_lead(viewer, row) and not any(each.role is m.GroupRole.CHAIR and each.in_force for each in others)


def is_person_or_lead(viewer: Viewer, row: m.Contact) -> bool:
    """Return whether the contact is that of the viewer, or the viewer is a lead."""
    return viewer.account == row.account_id or is_lead(viewer, row)


def may_appoint_deputy(viewer: Viewer, row: m.Deputy) -> bool:
    """The viewer may appoint and remove the member for whom the deputy acts."""
    return may_appoint(viewer, row.deputy_for)


def may_send_delegate(viewer: Viewer, row: m.Delegate) -> bool:
    """The viewer is a lead, or works for the participant that the delegate speaks for, which is no observer."""
    inside = bool(MEMBER_ROLES.intersection(viewer.roles))
    return is_lead(viewer, row) or (inside and viewer.participant == row.participant_id)


def is_donor(viewer: Viewer, row: m.Contribution) -> bool:
    """The viewer works for one of the donors, which must be a lead or participant of the coalition."""
    inside = bool(MEMBER_ROLES.intersection(viewer.roles))
    return inside and any(viewer.participant == donor.participant_id for donor in row.donors)


def is_owner_or_writer(viewer: Viewer, row: m.ActionItem) -> bool:
    """Return whether the viewer writes in the group that monitors an action item, or belongs to its owner."""
    works_for_owner = bool(viewer.roles) and viewer.participant == row.owner_participant_id
    owns = viewer.account == row.owner_account_id or row.owner_group_id in viewer.writable_groups or works_for_owner
    return is_writer(viewer, row) or owns


def is_reviewer(viewer: Viewer, row: m.ReviewRequest) -> bool:
    """Return whether the viewer is the reviewer, or writes in the group that is."""
    return viewer.account == row.reviewer_account_id or row.reviewer_group_id in viewer.writable_groups


def requested_or_chairs(viewer: Viewer, row: m.ReviewRequest) -> bool:
    """Return whether the viewer requested the review, or chairs the group that owns the document."""
    return viewer.account == row.requested_by_id or is_chair(viewer, row)


def may_comment(viewer: Viewer, row: m.CommentThread | m.Comment) -> bool:
    """Return whether the viewer, who sees the object of a thread, is no observer there."""
    return not observes(viewer, row)


def opened_or_writes(viewer: Viewer, row: m.CommentThread) -> bool:
    """Return whether the viewer opened a thread, or writes in the group that owns its object."""
    return viewer.account == row.opened_by_id or is_writer(viewer, row)


def is_author(viewer: Viewer, row: m.Comment) -> bool:
    """Return whether the viewer wrote a comment."""
    return viewer.account == row.author_id


def wrote_or_chairs(viewer: Viewer, row: m.Comment) -> bool:
    """Return whether the viewer wrote a comment, or chairs the group that owns the object of its thread."""
    return is_author(viewer, row) or is_chair(viewer, row)


def may_give(viewer: Viewer, row: m.Contribution | m.Disbursement) -> bool:
    """The viewer works for one of the donors, or is a lead and no donor has an account that can sign in."""
    given = row.contribution if isinstance(row, m.Disbursement) else row
    accounts = (account for donor in given.donors for account in donor.participant.accounts)
    silent = bool(given.donors) and all(account.disabled_at is not None for account in accounts)
    return is_donor(viewer, given) or (silent and is_lead(viewer, given))


def never(_viewer: Viewer, _row: Any) -> bool:
    """Never: the object changes only as a consequence of other changes, or not at all."""
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


#: For each type and action, the rule that allows it; child rows change with their owner.
PERMISSIONS: dict[type[Entity], dict[Action, PermissionRule]] = {
    m.Participant: _REFERENCE_DATA,
    m.ExpertGroup: _REFERENCE_DATA,
    m.CapabilityArea: _REFERENCE_DATA,
    m.PublishedFigure: _REFERENCE_DATA,
    m.Roadmap: _REFERENCE_DATA,
    m.Account: _REFERENCE_DATA,
    m.GroupMembership: dict.fromkeys(Action, may_appoint),
    m.Contact: dict.fromkeys(Action, never) | {Action.UPDATE: is_person_or_lead},
    m.Deputy: dict.fromkeys(Action, may_appoint_deputy),
    m.Delegate: dict.fromkeys(Action, may_send_delegate),
    m.Document: _GROUP_CONTENT,
    m.CapabilityNeed: _GROUP_CONTENT,
    m.Milestone: _GROUP_CONTENT,
    m.Supplier: _GROUP_CONTENT,
    m.Procurement: _GROUP_CONTENT,
    m.Award: _GROUP_CONTENT,
    m.PurchaseOrder: _GROUP_CONTENT,
    m.Delivery: _GROUP_CONTENT,
    m.Meeting: _GROUP_CONTENT,
    m.ActionItem: _GROUP_CONTENT | dict.fromkeys((Action.UPDATE, Action.TRANSITION), is_owner_or_writer),
    m.Contribution: dict.fromkeys(Action, may_give),
    m.Allocation: _REFERENCE_DATA,
    m.DeliveryReturn: {**dict.fromkeys(Action, never), Action.CREATE: is_writer},
    m.Disbursement: {**dict.fromkeys(Action, never), Action.CREATE: may_give},
    m.ReviewRequest: _GROUP_CONTENT | {Action.TRANSITION: is_reviewer, Action.DECIDE: requested_or_chairs},
    m.CommentThread: dict.fromkeys(Action, never) | {Action.CREATE: may_comment, Action.TRANSITION: opened_or_writes},
    m.Comment: dict.fromkeys(Action, never)
    | {Action.CREATE: may_comment, Action.UPDATE: is_author, Action.DECIDE: wrote_or_chairs},
    m.DocumentVersion: {**dict.fromkeys(Action, never), **dict.fromkeys((Action.CREATE, Action.TRANSITION), is_writer)},
}


def check_permissions(model: type[Entity]) -> None:
    """Check that a type has an entry in the table, with a rule for every action. Raises LookupError if not."""
    missing = [action.name for action in Action if action not in PERMISSIONS.get(model, {})]
    if missing:
        lacks = f"no rule for {', '.join(missing)}" if model in PERMISSIONS else "no entry"
        message = (
            f"{model.__name__} has {lacks} in PERMISSIONS of resolvers/access/permissions.py. Add who may change its "
            f"rows, such as `m.{model.__name__}: _GROUP_CONTENT`."
        )
        raise LookupError(message)


def is_allowed(action: Action, row: Entity, viewer: Viewer) -> bool:
    """Return whether a viewer may perform an action on an object; the viewer must see the object."""
    if not viewer.can_write:
        return False
    return PERMISSIONS.get(type(row), {}).get(action, never)(viewer, row)


#: What is said first to an observer.
OBSERVERS_READ = "You are an observer: observers read and never write."

#: For each rule, what the viewer can do without this permission.
DENIAL_ADVICE: dict[PermissionRule, str] = {
    is_lead: "Ask a lead.",
    is_writer: "Ask a member with write permission in its group, or a lead if no group owns it.",
    is_chair: "Ask the chair of its group, or a lead if no group owns it.",
    may_give: "Ask an account of one of its donors, or a lead if no donor has an account.",
    is_owner_or_writer: "Ask its owner, an account that writes in its group, or a lead if no group monitors it.",
    is_reviewer: "Ask the reviewer.",
    requested_or_chairs: "Ask the account that requested the review, or the chair of the group of the document.",
    may_comment: "Ask a member of the group to write the comment.",
    opened_or_writes: "Ask the account that opened the thread, or a member with write permission in its group.",
    is_author: "Ask the author.",
    wrote_or_chairs: "Ask the author, or the chair of the group of the object.",
    is_person_or_lead: "Ask the person, or a lead.",
    may_appoint: "Ask the chair of the group, or a lead if the group has no chair.",
    may_send_delegate: "Ask an account of the participant, or a lead.",
    may_appoint_deputy: "Ask the chair of the group, or a lead if the group has no chair.",
    never: "It changes only as a consequence of other changes, or not at all.",
}


def denial_advice(action: Action, row: Entity, viewer: Viewer) -> str:
    """Return the advice for a viewer who may not perform an action on an object."""
    advice = DENIAL_ADVICE[PERMISSIONS.get(type(row), {}).get(action, never)]
    return f"{OBSERVERS_READ} {advice}" if observes(viewer, row) else advice


def observes(viewer: Viewer, row: Entity) -> bool:
    """Return whether the viewer is an observer in the owning group, or of the coalition without writing anywhere."""
    group = owning_group(row)
    in_group = group in viewer.groups and group not in viewer.writable_groups
    in_coalition = m.CoalitionRole.OBSERVER in viewer.roles and not MEMBER_ROLES.intersection(viewer.roles)
    return in_group or (in_coalition and not viewer.writable_groups)


def permissions(viewer: Viewer) -> tuple[Permission, ...]:
    """Return the permissions that a viewer has for at least some objects."""
    if not viewer.can_write:
        return ()
    held = {
        Permission.WRITE: bool(viewer.writable_groups),
        Permission.DECIDE: bool(viewer.chaired_groups),
        Permission.CONTRIBUTE: bool(MEMBER_ROLES.intersection(viewer.roles)),
        Permission.MAINTAIN: LEADS_GROUP in viewer.writable_groups,
    }
    return tuple(permission for permission in Permission if held[permission])
