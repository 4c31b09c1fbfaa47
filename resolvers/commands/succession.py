"""Which object may take the place of another: one that every reader of the other one sees.

Otherwise the status of the other one would change because of something that some of its readers do not see.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from models import Marking
from resolvers.access.ownership import owning_group
from resolvers.access.viewer import LEADS_GROUP
from resolvers.commands.marking_changes import is_stricter

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from enum import Enum

#: The markings under which groups read something, beside others.
READ_BY_GROUPS = frozenset({Marking.AMBER, Marking.AMBER_STRICT})


def cannot_replace(later: Any, row: Any, statuses: Collection[Enum]) -> Iterator[tuple[str, str]]:
    """Yield the rule and the message if a later document cannot replace another one.

    Args:
        later: The later document.
        row: The document that it replaces; `superseded_by` leads from one to the next.
        statuses: The statuses that the later document may have.
    """
    if row in _successors(later):
        yield "circle", "This is the same document or an earlier one. Choose a later document."
    elif later.status not in statuses:
        yield "replacing", f"The later document is {later.status.name}. It must be FINAL or RELEASED."
    elif remedy := why_hidden(later, row):
        yield "succession", f"Some readers of the superseded document would not see this one. {remedy}"


def _successors(row: Any) -> list[Any]:
    """Return a document and the chain of documents that supersede it."""
    found = [row]
    while (later := found[-1].superseded_by) is not None and later not in found:
        found.append(later)
    return found


def why_hidden(later: Any, earlier: Any) -> str | None:
    """Return what to change so that every reader of `earlier` sees `later`; None where all of them do."""
    if is_stricter(later.marking, earlier.marking):
        return f"It is {later.marking.name}. Lower its marking to {earlier.marking.name}."
    if later.marking in READ_BY_GROUPS:
        if earlier.marking is Marking.RED:
            return "The other one is RED. Mark this one RED with the same recipients, or GREEN."
        if _reading_groups(earlier) - _reading_groups(later):
            return "Share it with the groups that see the other one, or mark it GREEN."
    if later.marking is Marking.RED and {*earlier.recipients} - {*later.recipients}:
        return "Add the recipients of the other one."
    return None


def _reading_groups(row: Any) -> set[str]:
    if row.marking is Marking.AMBER_STRICT:
        return {owning_group(row)}
    return {owning_group(row), LEADS_GROUP, *(group.id for group in getattr(row, "shared_with", ()))}
