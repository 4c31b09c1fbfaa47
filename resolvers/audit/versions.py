"""Raises the version of a row by what all its readers see, and by nothing else.

A part or a reference that some readers of a row do not see leaves the version and the time of the last update of the
row as they are: a higher version would reveal it, and would refuse their changes for no reason that they see.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import event, inspect
from sqlalchemy.orm import object_session

from models import Entity
from models.base import now
from resolvers.access.readers import all_readers_see
from resolvers.access.visibility import visibility_parents
from resolvers.audit.snapshots import changed_attributes, keys_of
from resolvers.core.naming import api_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


@event.listens_for(Entity, "before_update", propagate=True)
def _raise_version(mapper: Any, _connection: Any, row: Entity) -> None:
    state, keys = inspect(row), {attribute for attribute, _ in references(type(row)).values()}
    written = {each.key for each in mapper.column_attrs if state.attrs[each.key].history.has_changes()}
    # Every write raises it, but one of references and links alone that some readers do not see.
    if written - keys or shows_change(row, dict(changed_attributes(row))):
        row.updated_at = now()
        row.version += 1


def touch(owner: Entity, *parts: Entity) -> None:
    """Raise the version of an owner for a change of its parts, if all its readers see one of these."""
    if any(all_readers_see(owner, part) for part in parts):
        owner.updated_at = now()


def shows_change(row: Entity, former: Mapping[str, Any]) -> bool:
    """Return whether all readers of a row see one of its changes.

    Args:
        row: The row.
        former: The old values of its changed attributes, by their names in the API.
    """
    for name, was in former.items():
        if name not in references(type(row)):
            return True
        if any(other is None or all_readers_see(row, other) for other in changed_references(row, name, was)):
            return True
    return False


def changed_references(row: Entity, name: str, was: Any) -> Iterator[Entity | None]:
    """Yield the objects to which a row refers and did not, or did and no longer does; None for one that is gone.

    Args:
        row: The row.
        name: The name of the reference or the link in the API.
        was: Its old value.
    """
    attribute, target = references(type(row))[name]
    value = getattr(row, attribute)
    now_there = keys_of(value) if isinstance(value, list) else [f"{target.__name__}:{value}"] if value else []
    before = was if isinstance(was, list) else [was] if was else []
    session = object_session(row)
    for each in sorted({*now_there} ^ {*before}):
        yield session.get(target, each.partition(":")[2]) if session is not None else None


def former_parents(row: Entity, former: Mapping[str, Any]) -> list[Entity]:
    """Return the objects by which a row was visible before a change, and no longer is."""
    session = object_session(row)
    keys = {api_name(f"{name}_id") for name in visibility_parents(type(row))} & {*former}
    found = [(references(type(row))[name][1], former[name].partition(":")[2]) for name in keys if former[name]]
    rows = [session.get(target, key) for target, key in found] if session is not None else []
    return [each for each in rows if each is not None]


@cache
def references(model: type[Entity]) -> dict[str, tuple[str, type[Entity]]]:
    """Return the references and links of a type by their names in the API: the attribute, and the type they lead to."""
    found: dict[str, tuple[str, type[Entity]]] = {}
    for relation in inspect(model).relationships:
        target = relation.mapper.class_
        if relation.viewonly or not issubclass(target, Entity):
            continue
        if relation.secondary is not None:
            found[api_name(relation.key)] = relation.key, target
        elif not relation.uselist:
            (column,) = relation.local_columns
            key = str(inspect(model).get_property_by_column(column).key)
            found[api_name(key)] = key, target
    return found
