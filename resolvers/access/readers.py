"""Whether all readers of one object see another one, by the markings, the groups and the drafts of both.

What only some readers of an object see must not change what all of them see: its version, its status.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import inspect
from sqlalchemy.orm import object_session

from models import Entity, Marking
from resolvers.access.ownership import owning_group
from resolvers.access.viewer import LEADS_GROUP
from resolvers.access.visibility import RESTRICTED, VISIBILITY, is_unpublished, visibility_parents
from resolvers.access.visibility_rules import authenticated

if TYPE_CHECKING:
    from collections.abc import Iterator

#: How far each marking lets something be passed on, the farthest first.
WIDEST_FIRST = list(Marking)

#: The markings under which groups read something, beside others.
READ_BY_GROUPS = frozenset({Marking.AMBER, Marking.AMBER_STRICT})


def is_stricter(one: Marking, other: Marking) -> bool:
    """Return whether a marking admits fewer readers than another."""
    return WIDEST_FIRST.index(one) > WIDEST_FIRST.index(other)


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


def all_readers_see(row: Entity, other: Entity) -> bool:
    """Return whether every viewer who sees `row` sees `other` too, in their current state.

    False where that is not certain.
    """
    through = [*restricting_rows(row)]
    is_public = not _needs_account(row) and all(_is_open(each, {Marking.CLEAR}) for each in through)
    if is_public and _needs_account(other):
        return False
    open_to_all = {Marking.CLEAR} if is_public else {Marking.CLEAR, Marking.GREEN}
    return all(
        each in through or _is_open(each, open_to_all) or _admits(each, through) for each in restricting_rows(other)
    )


def restricting_rows(row: Entity) -> Iterator[Any]:
    """Yield all restricted objects that the visibility of a row depends on, including the row itself."""
    if type(row) in RESTRICTED:
        yield row
    for parent in parents(row):
        yield from restricting_rows(parent)


def parents(row: Entity) -> Iterator[Entity]:
    """Yield the objects that must be visible for a row to be visible."""
    for name in sorted(visibility_parents(type(row))):
        parent = related(row, name)
        if parent is not None:
            yield parent


def related(row: Entity, name: str) -> Any:
    """Return the target of a to-one relation, by its key: the relation itself can be empty during a removal."""
    relation, session = inspect(type(row)).relationships[name], object_session(row)
    ((local, _),) = relation.local_remote_pairs or []
    key = getattr(row, inspect(type(row)).get_property_by_column(local).key)
    # Of a new row, only the relation is set.
    return inspect(row).dict.get(name) if key is None or session is None else session.get(relation.mapper.class_, key)


def _needs_account(row: Entity) -> bool:
    return authenticated in VISIBILITY[type(row)] or any(_needs_account(each) for each in parents(row))


def _is_open(restricted: Any, markings: set[Marking]) -> bool:
    return not is_unpublished(restricted) and getattr(restricted, "marking", Marking.CLEAR) in markings


def _admits(restricted: Any, through: list[Any]) -> bool:
    """Return whether the readers of one of the given objects all see a restricted one."""
    return any(
        (not is_unpublished(restricted) or (is_unpublished(each) and owning_group(each) == owning_group(restricted)))
        and (not hasattr(restricted, "marking") or (hasattr(each, "marking") and why_hidden(restricted, each) is None))
        for each in through
    )
