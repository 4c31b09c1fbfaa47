"""Whether all readers of one object see another one, by the markings, the groups and the drafts of both.

What only some readers of an object see must not change what all of them see: its version, its status.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import inspect
from sqlalchemy.orm import object_session

from models import Entity, Marking
from models.base import now
from resolvers.access.account_claims import viewer_of
from resolvers.access.ownership import owning_group
from resolvers.access.viewer import LEADS_GROUP
from resolvers.access.visibility import RESTRICTED, VISIBILITY, is_unpublished, visibility_parents
from resolvers.access.visibility_rules import authenticated

if TYPE_CHECKING:
    from collections.abc import Iterator

    from models import Account

#: How far each marking lets something be passed on, the farthest first.
WIDEST_FIRST = list(Marking)

#: The markings under which groups read something, beside others.
READ_BY_GROUPS = frozenset({Marking.AMBER, Marking.AMBER_STRICT})


def is_stricter(one: Marking, other: Marking) -> bool:
    """Return whether a marking admits fewer readers than another."""
    return WIDEST_FIRST.index(one) > WIDEST_FIRST.index(other)


def why_hidden(later: Any, earlier: Any, name: str = "the object", other: str = "the other object") -> str | None:
    """Return what to change so that every reader of `earlier` sees `later`; None where all of them do.

    Args:
        later: An object with a marking.
        earlier: Another one.
        name: What the message calls `later`, such as `the meeting`.
        other: What the message calls `earlier`.
    """
    if is_stricter(later.marking, earlier.marking):
        return f"{name.capitalize()} is {later.marking.name}. Lower its marking to {earlier.marking.name}."
    if earlier.marking is Marking.RED:
        if blind := sorted(each.display_name for each in earlier.recipients if not _is_admitted(each, later)):
            wider = f"Add them to the recipients of {name}" if later.marking is Marking.RED else f"Mark {name} GREEN"
            them = f"These recipients of {other} do not see {name}: {', '.join(blind)}"
            return f"{them}. {wider}, or remove them from the recipients of {other}."
    elif later.marking in READ_BY_GROUPS and _reading_groups(earlier) - _reading_groups(later):
        if hasattr(later, "shared_with"):
            return f"Share {name} with the groups that see {other}, or mark {name} GREEN."
        return f"Mark {name} GREEN, or {other} with a stricter marking."
    return None


def _is_admitted(account: Account, row: Any) -> bool:
    """Return whether the marking of an object admits an account; one that is disabled reads nothing, so it is."""
    if row.marking is Marking.CLEAR:
        return True
    if row.marking is Marking.RED:
        return account in row.recipients
    session = object_session(account)
    viewer = viewer_of(session.connection(), account.id, now().date()) if session else None
    in_group = viewer is not None and row.marking in READ_BY_GROUPS and _reading_groups(row) & {*viewer.groups}
    return viewer is None or row.marking in viewer.markings or bool(in_group)


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
