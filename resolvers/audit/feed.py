"""The rows of the feed of changes: written with the audit events, without anything that only some readers see.

A row is visible to all who see its object. A reference or a link to an object that some of them do not see has a row of
its own, which names that object: a viewer must see it, too. So what a viewer may not see changes nothing in the feed.
"""

from __future__ import annotations

import datetime as dt
from functools import cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, insert, inspect, select
from sqlalchemy.orm import object_session

from models import AuditAction, Change, ChangeKind
from models.base import new_key, now
from resolvers.access.readers import all_readers_see, related
from resolvers.access.visibility import changed_models, reference_targets
from resolvers.audit.versions import changed_references, references
from resolvers.core.naming import api_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from sqlalchemy import Connection

    from models import Entity

KINDS = {
    AuditAction.CREATE: ChangeKind.CREATED,
    AuditAction.UPDATE: ChangeKind.UPDATED,
    AuditAction.TRANSITION: ChangeKind.TRANSITIONED,
}

#: Columns and links that no field of the contract shows.
NOT_SHOWN = {"Account": frozenset({"email", "issuer", "subject"})}
NEVER_SHOWN = frozenset({"recipients"})


def feed_rows(
    row: Entity, action: AuditAction, before: Mapping[str, Any], redacted: Iterable[str] = ()
) -> list[dict[str, Any]]:
    """Return the rows of the feed about a change, without their keys and time.

    Args:
        row: The object, in its state after the change; before it, if it is removed.
        action: The action; a refusal and a read change nothing.
        before: The changed values before the change, by their names in audit events.
        redacted: The attributes of other changed values, which the audit log does not record.
    """
    if type(row) not in changed_models():
        return []
    if action is AuditAction.REMOVE:
        return [*_removed_part(row)]
    if action not in KINDS:
        return []
    if action is AuditAction.CREATE:
        return [_row(row, ChangeKind.CREATED, [])]
    return [*_updated(row, KINDS[action], before, redacted)]


def _updated(
    row: Entity, kind: ChangeKind, before: Mapping[str, Any], redacted: Iterable[str]
) -> Iterator[dict[str, Any]]:
    plain = {name for name in before if name not in references(type(row))}
    seen, hidden = {*plain, *map(api_name, redacted)}, dict[tuple[str, str], set[str]]()
    for name in before.keys() - plain:
        for other in changed_references(row, name, before[name]):
            if other is None or all_readers_see(row, other) or type(other) not in reference_targets():
                seen.add(name)
            else:
                hidden.setdefault((type(other).__name__, other.id), set()).add(name)
    if seen:
        yield _row(row, kind, seen)
    for (through_type, through_key), names in sorted(hidden.items()):
        yield _row(row, ChangeKind.UPDATED, names, through_type=through_type, through_key=through_key)


def _removed_part(part: Entity) -> Iterator[dict[str, Any]]:
    """Yield the row of the object that a removed part was in, if all its readers saw the part."""
    owner = related(part, part.parent_relation) if part.parent_relation else None
    session = object_session(part)
    if owner is not None and (session is None or owner not in session.deleted) and all_readers_see(owner, part):
        relation = inspect(type(part)).relationships[part.parent_relation]
        yield _row(owner, ChangeKind.UPDATED, [api_name(relation.back_populates)] if relation.back_populates else [])


def _row(
    row: Entity, kind: ChangeKind, names: Iterable[str], through_type: str | None = None, through_key: str | None = None
) -> dict[str, Any]:
    return {
        "kind": kind,
        "entity_type": type(row).__name__,
        "entity_key": row.id,
        "changed_fields": sorted(field_names(type(row), names)),
        "through_type": through_type,
        "through_key": through_key,
    }


def field_names(model: type[Entity], names: Iterable[str]) -> set[str]:
    """Return the contract's names of fields from their names in audit events: a reference has no `Id`."""
    shown = _relation_names(model)
    hidden = NEVER_SHOWN | NOT_SHOWN.get(model.__name__, frozenset())
    return {shown.get(name, name) for name in names} - hidden


@cache
def _relation_names(model: type[Entity]) -> dict[str, str]:
    found = {}
    for relation in inspect(model).relationships:
        if relation.secondary is None and not relation.uselist and not relation.viewonly:
            (column,) = relation.local_columns
            key = inspect(model).get_property_by_column(column).key
            found[api_name(key)] = api_name(relation.key)
    return found


def append_to_feed(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Append rows to the feed, at a time after that of all changes before. The caller holds the lock of the audit log.

    The clocks of several hosts differ, and a clock can be set back. All rows of a transaction have the same time; their
    keys have their order.
    """
    if not rows:
        return
    last = connection.execute(select(func.max(Change.at))).scalar()
    at = now() if last is None else max(now(), last + dt.timedelta(microseconds=1))
    keys = sorted(new_key() for _ in rows)
    connection.execute(insert(Change), [{"id": key, "at": at, **row} for key, row in zip(keys, rows, strict=True)])
