"""Which object may take the place of another: one that every reader of the other one sees.

Otherwise the status of the other one would change because of something that some of its readers do not see.
"""

from __future__ import annotations

from typing import Any

from models import Marking
from resolvers.access.ownership import owning_group
from resolvers.access.viewer import LEADS_GROUP
from resolvers.commands.marking_changes import is_stricter

#: The markings under which groups read something, beside others.
READ_BY_GROUPS = frozenset({Marking.AMBER, Marking.AMBER_STRICT})


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
