"""Every flush writes audit events in the same transaction, without the caller's help.

Each written object gets one event: the actor, the action, the time, the reason, and the values before and after. Each
event's hash covers the previous event's hash, so that a changed, removed or inserted event breaks the chain.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import event, insert, inspect
from sqlalchemy.orm import Session, object_session

from models import AuditAction, AuditEvent, Entity, PersonalValues, Source
from models.base import new_key, now
from models.sources.sources import Sourced
from resolvers.audit.audience import audience_of, root_of
from resolvers.audit.feed import append_to_feed, feed_rows
from resolvers.audit.hash_chain import hash_of, lock_and_read_head
from resolvers.audit.pseudonyms import seal
from resolvers.audit.snapshots import changed_attributes, redacted_changes, snapshot
from resolvers.audit.versions import former_parents, shows_change, touch
from resolvers.core.attributes import entity_of
from resolvers.database.statement_guard import PolicyBypassError
from resolvers.search_index.entries import index_changes

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Connection
    from sqlalchemy.orm import ORMExecuteState

    from resolvers.access.context import Actor


#: The actions that can change what a search finds.
WRITES = frozenset({AuditAction.CREATE, AuditAction.UPDATE, AuditAction.TRANSITION, AuditAction.REMOVE})


@dataclass
class _Change:
    """The changes of one object in one transaction."""

    row: Entity
    action: AuditAction
    before: dict[str, Any] | None
    names: set[str] = field(default_factory=set)
    #: The changed attributes that the audit log does not record.
    redacted: set[str] = field(default_factory=set)
    #: The event of a removed object, made before the removal, as the object cannot be read afterwards.
    event: dict[str, Any] | None = None


#: The key of an event for its rows of the feed of changes, if it has any.
FEED = "feed"


class AuditedSession(Session):
    """A session that records its changes in the audit log."""

    def __init__(self, *arguments: Any, origin: Actor, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.origin = origin
        self.changes: dict[Entity, _Change] = {}


@event.listens_for(AuditedSession, "do_orm_execute")
def _refuse_bulk(state: ORMExecuteState) -> None:
    if state.is_insert or state.is_update or state.is_delete:
        message = "a bulk statement writes no audit events: change the objects one by one"
        raise PolicyBypassError(message)


@event.listens_for(AuditedSession, "before_flush")
def _collect_changes(session: AuditedSession, *_: object) -> None:
    for row in session.new:
        if isinstance(row, Entity):
            session.changes.setdefault(row, _Change(row, AuditAction.CREATE, None))
    for row in session.dirty:
        if isinstance(row, Entity | Source) and session.is_modified(row):
            _collect_change(session, _owner_of(session, row) if isinstance(row, Source) else row)


def _owner_of(session: Session, source: Source) -> Any:
    """Return the object that has a source: sources have no events of their own."""
    (key,) = inspect(type(source)).local_table.c.owner_id.foreign_keys
    return session.get(entity_of(key.column.table), source.owner_id)  # type: ignore[attr-defined] # in each subclass


@event.listens_for(Entity, "before_delete", propagate=True)
def _collect_removal(_mapper: Any, _connection: Any, row: Entity) -> None:
    # Handled for each row, because a session does not list the orphans that it deletes.
    session = object_session(row)
    if isinstance(session, AuditedSession):
        before = snapshot(row)
        event = event_for(row, AuditAction.REMOVE, before, None)
        session.changes[row] = _Change(row, AuditAction.REMOVE, before, event=event)


def _collect_change(session: AuditedSession, row: Entity) -> None:
    found = list(changed_attributes(row))
    # An attribute can be set to the same value, and a row is also modified if a collection of other rows grows.
    if not found and not redacted_changes(row):
        return
    change = session.changes.setdefault(row, _Change(row, AuditAction.UPDATE, {}))
    change.redacted |= redacted_changes(row)
    for name, was in found:
        change.names.add(name)
        if change.before is not None and change.action is not AuditAction.REMOVE:
            change.before.setdefault(name, was)
    if isinstance(row, Sourced) and "sources" in change.names:
        # The sources are in another table, and all readers of the row see them.
        row.updated_at = now()


def changed_rows(session: Session) -> list[Entity]:
    """Return the objects that a session wrote or writes with other values than before."""
    written = session.changes if isinstance(session, AuditedSession) else ()
    rows = (row for row in session.dirty if isinstance(row, Entity))
    cited = [_owner_of(session, row) for row in session.dirty if isinstance(row, Source) and session.is_modified(row)]
    changed = (row for row in (*rows, *cited) if redacted_changes(row) or any(changed_attributes(row)))
    return [row for row in (*written, *session.new, *session.deleted, *changed) if isinstance(row, Entity)]


def is_changed(row: Entity, name: str) -> bool:
    """Return whether the field `name` of an existing object changes in this session, flushed or not."""
    session = object_session(row)
    followed = session.changes.get(row) if isinstance(session, AuditedSession) else None
    return (followed is not None and name in followed.names) or name in dict(changed_attributes(row))


def former_values(row: Entity) -> dict[str, Any]:
    """Return the fields of an existing object that change in this session, flushed or not, with their old values."""
    session = object_session(row)
    followed = session.changes.get(row) if isinstance(session, AuditedSession) else None
    if not inspect(row).persistent or (followed is not None and followed.before is None):
        return {}
    before = followed.before if followed is not None and followed.before else {}
    return {**dict(changed_attributes(row)), **before}


def touch_owner(owner: Entity, session: Session) -> None:
    """Raise the version of an owner if all its readers see a change of its parts."""
    for row in changed_rows(session):
        former = former_values(row)
        if row is not owner and (not former or shows_change(row, former)):
            touch(owner, row, *former_parents(row, former))


@event.listens_for(AuditedSession, "before_commit")
def _record(session: AuditedSession) -> None:
    session.flush()
    changes, session.changes = session.changes, {}
    found = [change.event or _event_of(change) for change in changes.values()]
    if found:
        append_events(session.connection(), session.origin, found)


def _event_of(change: _Change) -> dict[str, Any]:
    """Return the event of a written object. There is an event even if only redacted values changed."""
    row, before, action = change.row, change.before, change.action
    after = snapshot(row)
    if before is not None:
        changed = [name for name in sorted(change.names) if after[name] != before[name]]
        before, after = {name: before[name] for name in changed}, {name: after[name] for name in changed}
        action = AuditAction.TRANSITION if "status" in changed else action
    feed = {FEED: feed_rows(row, action, before or {}, change.redacted)} if change.redacted else {}
    return {**event_for(row, action, before, after), **feed}


def event_for(
    row: Entity,
    action: AuditAction,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    also: Iterable[Entity] = (),
) -> dict[str, Any]:
    """Return an event about an object of a session, for `append_events`, with its rows of the feed of changes.

    Args:
        row: The object.
        action: The action.
        before: The changed values before the change, by their names in the API.
        after: The changed values after the change.
        also: Other objects that the readers of the event must see.
    """
    made = event_for_key(type(row).__name__, row.id, action, before, after)
    feed = {FEED: feed_rows(row, action, before or after or {})}
    return {**made, "subject_key": root_of(row).id, **audience_of(row, before, after, also), **feed}


def event_for_key(
    type_name: str,
    key: str,
    action: AuditAction,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """Return an event about this type and id, for `append_events`. Only the leads and the actor may read it."""
    return {
        "action": action,
        "entity_type": type_name,
        "entity_id": f"{type_name}:{key}",
        "entity_key": key,
        "subject_key": key,
        "before": before,
        "after": after,
        **audience_of(None),
    }


def append_events(connection: Connection, origin: Actor, events: list[dict[str, Any]]) -> None:
    """Append events to the audit log and lock the log until the transaction ends.

    Args:
        connection: A connection in a transaction.
        origin: The actor and the reason.
        events: The events, from `event_for` or `event_for_key`.
    """
    if not events:
        return
    head = lock_and_read_head(connection)
    hash_ = head.hash
    rows, readable, feed = [], [], []
    for place, each in enumerate(events, start=head.sequence + 1):
        row = {
            **{name: value for name, value in each.items() if name != FEED},
            "id": new_key(),
            "sequence": place,
            "at": now(),
            "actor_id": origin.account,
            "credential": origin.credential,
            "request_id": origin.request,
            "reason": origin.reason,
            "previous_hash": hash_,
        }
        values = seal(connection, row)
        readable += [values] if values else []
        hash_ = row["hash"] = hash_of(row)
        rows.append(row)
        feed += each.get(FEED, ())
    connection.execute(insert(AuditEvent.__table__), rows)  # type: ignore[arg-type]
    index_changes(connection, [(row["entity_type"], row["entity_key"]) for row in rows if row["action"] in WRITES])
    append_to_feed(connection, feed)
    if readable:
        connection.execute(insert(PersonalValues.__table__), readable)  # type: ignore[arg-type]
