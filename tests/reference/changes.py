"""The feed of changes once more, in plain Python: objects, titles and arguments of the changes that a viewer sees."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from tests.reference.visibility import owner_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

#: What the title of an object is; the parts of an object without a title of their own have its title.
TITLES = {
    "title": (
        *("Document", "CapabilityNeed", "Roadmap", "Milestone", "Procurement", "Award", "PurchaseOrder", "Delivery"),
        *("Meeting", "AgendaItem"),
    ),
    "name": ("Participant", "FormerName", "ExpertGroup", "CapabilityArea", "Supplier"),
    "display_name": ("Account",),
    "reference": ("PublishedFigure", "ReviewRequest", "Contribution", "Decision", "ActionItem", "CommentThread"),
    "number": ("Disbursement", "OrderAmendment", "DeliveryReturn"),
    "label": ("DocumentVersion",),
    "description": ("ProcurementItem", "OrderLine", "DeliveryLine"),
}
WHOLES = {
    "CoalitionMembership": "participant",
    "RoadmapLine": "roadmap",
    "ContributionDonor": "contribution",
    "ContributionTranche": "contribution",
    "OrderAmendmentLine": "amendment",
    "Attendance": "meeting",
    "Attendee": "attendance",
    "Minutes": "meeting",
    "Vote": "decision",
    "DecisionTarget": "decision",
    "ActionItemTarget": "action_item",
    "Comment": "thread",
}


def add_changes(entities: Mapping[str, Sequence[Any]]) -> None:
    """Set the object of each change and the title of the object, which is visible as the change is."""
    objects = {(name, each.id): each for name, found in entities.items() for each in found if hasattr(each, "id")}
    for change in entities["Change"]:
        change.node = objects[change.entity_type, change.entity_key]
        change.title = title_of(change.node)


def title_of(row: Any) -> str | None:
    """Return the title of an object."""
    name = type(row).__name__
    for attribute, types in TITLES.items():
        if name in types:
            value = getattr(row, attribute)
            return None if value is None else str(value)
    return title_of(getattr(row, WHOLES[name])) if name in WHOLES else None


def of_arguments(changes: Iterable[Any], arguments: Mapping[str, Any]) -> list[Any]:
    """Return the changes of objects of the types and groups in the arguments."""
    types, groups = arguments.get("types"), arguments.get("groups")
    return [
        each
        for each in changes
        if (types is None or re.sub("(?<!^)(?=[A-Z])", "_", each.entity_type).upper() in types)
        and (groups is None or _is_owned(each.node, groups))
    ]


def _is_owned(row: Any, groups: Sequence[str]) -> bool:
    owner = owner_of(row)
    return bool(owner) and (owner.code in groups or f"ExpertGroup:{owner.id}" in groups)
