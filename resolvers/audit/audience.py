"""Determines who may read an audit event, from the object's state before and after the change.

A viewer may read an event only if the markings at that time allowed it, and the current markings allow it too. This
module sets the columns for the first check, and lists the objects for the second one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import inspect
from sqlalchemy.orm import object_session

from models import Base, Entity, Marking
from resolvers.access.ownership import owning_group
from resolvers.access.readers import parents, related, restricting_rows
from resolvers.access.viewer import LEADS_GROUP
from resolvers.access.visibility import RESTRICTED, is_unpublished, visibility_parents
from resolvers.core.naming import api_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    State = Mapping[str, Any] | None

#: All markings, the strictest last.
STRICTEST_LAST = list(Marking)

#: The markings that give the owning group no additional access.
WIDE = frozenset({Marking.CLEAR, Marking.GREEN})


def audience_of(
    row: Entity | None, before: State = None, after: State = None, also: Iterable[Entity] = ()
) -> dict[str, Any]:
    """Return the columns of an event that restrict its readers: `group_id`, `marking`, `readers`, `names`.

    Args:
        row: The object, in its current state. None for no object: then only the actor and the leads may read the event.
        before: The changed values before the change, by their names in the API.
        after: The changed values after the change.
        also: Other objects that the readers must see.
    """
    group = owning_group(root_of(row)) if row is not None else LEADS_GROUP
    about = [row, *_mentioned(row, before, after)] if row is not None else []
    named, guardians = set[Entity](), set[Any]()
    for each in (*about, *also):
        named |= {*_named(each)}
        guardians |= {*restricting_rows(each)}
    # A change of the group contains data of both groups, so only the actor may read it.
    readers: set[str] | None = set() if "groupId" in (before or {}) else None
    markings = []
    for each in guardians:
        at_home = owning_group(each) == group
        for marking, recipients in _markings(each, before if each is row else None):
            if marking is Marking.RED:
                readers = recipients if readers is None else readers & recipients
            elif marking in WIDE or not at_home:
                markings.append(marking)
        if is_unpublished(each) and not at_home:
            markings.append(Marking.AMBER_STRICT)
    return {
        "group_id": None if group == LEADS_GROUP else group,
        "marking": max(markings, key=STRICTEST_LAST.index, default=None),
        "readers": None if readers is None else [["Account", key] for key in sorted(readers)],
        "names": sorted([type(each).__name__, each.id] for each in named),
    }


def root_of(row: Entity) -> Entity:
    """Return the topmost parent of a row, or the row itself if it has no parent."""
    while row.parent_relation:
        other = related(row, row.parent_relation)
        if other is None:
            break
        row = other
    return row


def _named(row: Entity) -> Iterator[Entity]:
    """Yield the nearest restricted objects that a row's visibility depends on."""
    if type(row) in RESTRICTED:
        yield row
        return
    for other in parents(row):
        yield from _named(other)


def _look_up(row: Entity, model: type[Base], key: str | None) -> Any:
    session = object_session(row)
    return session.get(model, key) if session is not None and key is not None else None


def _mentioned(row: Entity, *states: State) -> Iterator[Entity]:
    """Yield the objects that the states of a row reference, if their visibility is restricted."""
    for name, target in _references(type(row)):
        for value in (state[name] for state in states if state and state.get(name)):
            for item in value if isinstance(value, list) else [value]:
                other = _look_up(row, target, item.partition(":")[2])
                if other is not None:
                    yield other


def _references(model: type[Entity]) -> Iterator[tuple[str, type[Entity]]]:
    for relation in inspect(model).relationships:
        target = relation.mapper.class_
        if issubclass(target, Entity) and (target in RESTRICTED or visibility_parents(target)):
            if relation.secondary is not None:
                yield api_name(relation.key), target
            elif not relation.uselist:
                (column,) = relation.local_columns
                yield api_name(str(column.key)), target


def _markings(row: Any, before: State) -> Iterator[tuple[Marking, set[str]]]:
    """Yield the current marking of an object and a different earlier one, each with its recipients at that time."""
    if not hasattr(row, "marking"):
        return
    is_red = row.marking is Marking.RED
    yield row.marking, {account.id for account in row.recipients} if is_red else set()
    was = Marking[before["marking"]] if before and "marking" in before else row.marking
    if before and (was is not row.marking or "recipients" in before):
        yield was, _keys(before["recipients"]) if "recipients" in before else {each.id for each in row.recipients}


def _keys(ids: Iterable[str]) -> set[str]:
    return {each.partition(":")[2] for each in ids}
