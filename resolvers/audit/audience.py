"""Who may read of a change: decided when it is recorded, from what its object was then and before.

What an event tells was hidden from some when it was done, and is from others now. `policies` asks
both: this file gives what the first needs, and names whatever the second must look at.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import inspect
from sqlalchemy.orm import object_session

from models import Base, Entity, Marking
from resolvers.access.permissions import owning_group
from resolvers.access.viewer import LEADS_GROUP
from resolvers.access.visibility import RESTRICTED, is_draft, visibility_parents
from resolvers.core.naming import api_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from sqlalchemy.orm import RelationshipProperty

    State = Mapping[str, Any] | None

#: How far each marking lets something be passed on, the strictest last.
STRICTEST_LAST = list(Marking)

#: These are read by whoever may read them anywhere: the owning group reads no more of them by itself.
WIDE = frozenset({Marking.CLEAR, Marking.GREEN})

#: Whom an event is for that tells of nothing anybody could hide: whoever did it, and the leads.
LEADS_ONLY: Mapping[str, Any] = {"group_id": None, "marking": None, "readers": None, "names": []}


def audience_of(row: Entity, before: State = None, after: State = None) -> dict[str, Any]:
    """Give the columns of an event that say who may read it: `group_id`, `marking`, `readers`, `names`.

    Args:
        row: The object, as it is now.
        before: What was changed of it, as it was, under the API's names.
        after: The same as it is now.
    """
    group = owning_group(root_of(row))
    named = {*_named(row)}
    guardians = {*_restricting_rows(row)}
    for other in _mentioned(row, before, after):
        named |= {*_named(other)}
        guardians |= {*_restricting_rows(other)}
    # What passes from one group to another tells each of the other: it is for whoever did it.
    readers: set[str] | None = set() if "groupId" in (before or {}) else None
    markings = []
    for each in guardians:
        at_home = owning_group(each) == group
        for marking, recipients in _markings(each, before if each is row else None):
            if marking is Marking.RED:
                readers = recipients if readers is None else readers & recipients
            elif marking in WIDE or not at_home:
                markings.append(marking)
        if is_draft(each) and not at_home:
            markings.append(Marking.AMBER_STRICT)
    return {
        "group_id": None if group == LEADS_GROUP else group,
        "marking": max(markings, key=STRICTEST_LAST.index, default=None),
        "readers": None if readers is None else [["Account", key] for key in sorted(readers)],
        "names": sorted([type(each).__name__, each.id] for each in named),
    }


def root_of(row: Entity) -> Entity:
    """Give what a row is a part of, itself where it stands by itself."""
    while row.parent_relation:
        other = _other(row, inspect(type(row)).relationships[row.parent_relation])
        if other is None:
            break
        row = other
    return row


def _named(row: Entity) -> Iterator[Entity]:
    """Give the nearest objects without which a row is not seen, and which may be hidden."""
    if type(row) in RESTRICTED:
        yield row
        return
    for other in _owners(row):
        yield from _named(other)


def _restricting_rows(row: Entity) -> Iterator[Entity]:
    """Give all objects that may hide a row, itself among them."""
    if type(row) in RESTRICTED:
        yield row
    for other in _owners(row):
        yield from _restricting_rows(other)


def _owners(row: Entity) -> Iterator[Entity]:
    relations = inspect(type(row)).relationships
    for name in sorted(visibility_parents(type(row))):
        other = _other(row, relations[name])
        if other is not None:
            yield other


def _other(row: Entity, relation: RelationshipProperty[Any]) -> Any:
    """Give what a to-one relation names by its key: the relation of a row that goes may be empty already."""
    ((local, _),) = relation.local_remote_pairs or []
    return _look_up(row, relation.mapper.class_, getattr(row, inspect(type(row)).get_property_by_column(local).key))


def _look_up(row: Entity, model: type[Base], key: str | None) -> Any:
    session = object_session(row)
    return session.get(model, key) if session is not None and key is not None else None


def _mentioned(row: Entity, *states: State) -> Iterator[Entity]:
    """Give the objects that what is told of a row refers to, where they may be hidden."""
    for name, target in _references(type(row)):
        for value in (state[name] for state in states if state and state.get(name)):
            for told in value if isinstance(value, list) else [value]:
                other = _look_up(row, target, told.partition(":")[2])
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
    """Give the marking of an object now, and that before where it was another, each with its recipients then."""
    if not hasattr(row, "marking"):
        return
    is_red = row.marking is Marking.RED
    yield row.marking, {account.id for account in row.recipients} if is_red else set()
    was = Marking[before["marking"]] if before and "marking" in before else row.marking
    if before and (was is not row.marking or "recipients" in before):
        yield was, _keys(before["recipients"]) if "recipients" in before else {each.id for each in row.recipients}


def _keys(ids: Iterable[str]) -> set[str]:
    return {each.partition(":")[2] for each in ids}
