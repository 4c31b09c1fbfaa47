"""The trail: what a session writes is recorded with it, in the same transaction, whoever forgets to.

Every object that a flush writes gets one event: who did what to it, when and why, what was
there before and what after. Each event's hash covers the event before it, so that none can be
altered, left out or put in later without all that follow saying so.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import event, insert
from sqlalchemy.orm import Session, object_session

from models import AuditAction, AuditEvent, Entity
from models.base import new_key, now
from resolvers.audit.audience import LEADS_ONLY, audience_of, root_of
from resolvers.audit.hash_chain import hash_of, lock_and_read_head
from resolvers.audit.snapshots import changed_attributes, changes_redacted, snapshot
from resolvers.database.statement_guard import PolicyBypassError

if TYPE_CHECKING:
    from sqlalchemy import Connection
    from sqlalchemy.orm import ORMExecuteState

    from resolvers.access.context import Actor


@dataclass
class _Change:
    """What becomes of one object in one transaction."""

    row: Entity
    action: AuditAction
    before: dict[str, Any] | None
    names: set[str] = field(default_factory=set)
    #: Of an object that goes: its event, as afterwards nothing more can be asked of it.
    event: dict[str, Any] | None = None


class AuditedSession(Session):
    """A session that records what it writes."""

    def __init__(self, *arguments: Any, origin: Actor, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.origin = origin
        self.changes: dict[Entity, _Change] = {}


@event.listens_for(AuditedSession, "do_orm_execute")
def _refuse_bulk(state: ORMExecuteState) -> None:
    if state.is_insert or state.is_update or state.is_delete:
        message = "a statement that changes many rows leaves no trail: change the objects one by one"
        raise PolicyBypassError(message)


@event.listens_for(AuditedSession, "before_flush")
def _collect_changes(session: AuditedSession, *_: object) -> None:
    for row in session.new:
        if isinstance(row, Entity):
            session.changes.setdefault(row, _Change(row, AuditAction.CREATE, None))
    for row in session.dirty:
        if isinstance(row, Entity) and session.is_modified(row):
            _collect_change(session, row)


@event.listens_for(Entity, "before_delete", propagate=True)
def _collect_removal(_mapper: Any, _connection: Any, row: Entity) -> None:
    # Asked of each row, for a session does not list those that go because nothing owns them any more.
    session = object_session(row)
    if isinstance(session, AuditedSession):
        before = snapshot(row)
        event = event_for(row, AuditAction.REMOVE, before, None)
        session.changes[row] = _Change(row, AuditAction.REMOVE, before, event=event)


def _collect_change(session: AuditedSession, row: Entity) -> None:
    found = list(changed_attributes(row))
    # Not every attribute that was set is another than before, nor every row whose collection of others grew.
    if not found and not changes_redacted(row):
        return
    change = session.changes.setdefault(row, _Change(row, AuditAction.UPDATE, {}))
    for name, was in found:
        change.names.add(name)
        if change.before is not None and change.action is not AuditAction.REMOVE:
            change.before.setdefault(name, was)
    # A link stands in a table beside the row; the row's version counts it all the same.
    row.updated_at = now()


def has_changes(session: Session) -> bool:
    """Tell whether a session writes, or wrote, anything that is another than before."""
    written = session.changes if isinstance(session, AuditedSession) else ()
    rows = (row for row in session.dirty if isinstance(row, Entity))
    changed = any(changes_redacted(row) or any(changed_attributes(row)) for row in rows)
    return bool(written or session.new or session.deleted or changed)


def is_changed(row: Entity, name: str) -> bool:
    """Tell whether an object that was there is given another value of the API's `name`, written already or not."""
    session = object_session(row)
    followed = session.changes.get(row) if isinstance(session, AuditedSession) else None
    return (followed is not None and name in followed.names) or name in dict(changed_attributes(row))


@event.listens_for(AuditedSession, "before_commit")
def _record(session: AuditedSession) -> None:
    session.flush()
    changes, session.changes = session.changes, {}
    found = [change.event or _event_of(change) for change in changes.values()]
    if found:
        append_events(session.connection(), session.origin, found)


def _event_of(change: _Change) -> dict[str, Any]:
    """Give the event of an object that was written; it is one even where nothing that is told of it has changed."""
    row, before, action = change.row, change.before, change.action
    after = snapshot(row)
    if before is not None:
        changed = [name for name in sorted(change.names) if after[name] != before[name]]
        before, after = {name: before[name] for name in changed}, {name: after[name] for name in changed}
        action = AuditAction.TRANSITION if "status" in changed else action
    return event_for(row, action, before, after)


def event_for(
    row: Entity, action: AuditAction, before: dict[str, Any] | None = None, after: dict[str, Any] | None = None
) -> dict[str, Any]:
    """Give an event about an object of a session, for `append`."""
    made = event_for_key(type(row).__name__, row.id, action, before, after)
    return {**made, "subject_key": root_of(row).id, **audience_of(row, before, after)}


def event_for_key(
    type_name: str,
    key: str,
    action: AuditAction,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """Give an event about something of this type and key, for `append`; the leads may read it, and who did it."""
    return {
        "action": action,
        "entity_type": type_name,
        "entity_id": f"{type_name}:{key}",
        "entity_key": key,
        "subject_key": key,
        "before": before,
        "after": after,
        **LEADS_ONLY,
    }


def append_events(connection: Connection, origin: Actor, events: list[dict[str, Any]]) -> None:
    """Write events at the end of the trail, which is held until the transaction ends.

    Args:
        connection: One in a transaction.
        origin: Who does it, and why.
        events: What was done, each as `event_for` or `event_for_key` gives it.
    """
    if not events:
        return
    head = lock_and_read_head(connection)
    hash_ = head.hash
    rows = []
    for place, each in enumerate(events, start=head.sequence + 1):
        row = {
            **each,
            "id": new_key(),
            "sequence": place,
            "at": now(),
            "actor_id": origin.account,
            "credential": origin.credential,
            "request_id": origin.request,
            "reason": origin.reason,
            "previous_hash": hash_,
        }
        hash_ = row["hash"] = hash_of(row)
        rows.append(row)
    connection.execute(insert(AuditEvent.__table__), rows)  # type: ignore[arg-type]
