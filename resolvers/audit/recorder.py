"""The trail: what a session writes is recorded with it, in the same transaction, whoever forgets to.

Every object that a flush writes gets one event: who did what to it, when and why, what was
there before and what after. Each event's hash covers the event before it, so that none can be
altered, left out or put in later without all that follow saying so.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import event, insert, select, text
from sqlalchemy.orm import Session, object_session

from models import AuditAction, AuditEvent, Entity
from models.base import new_key, now
from resolvers.audit.audience import KEEPERS, audience_of, subject_of
from resolvers.audit.snapshots import changes_untold, differences, plain, state_of
from resolvers.database.statement_guard import UnguardedError

if TYPE_CHECKING:
    from sqlalchemy import Connection
    from sqlalchemy.orm import ORMExecuteState

    from resolvers.access.context import Origin


#: The hash before the first event.
BEGINNING = "0" * 64


#: What gives the last event, and holds the trail until the transaction ends: on PostgreSQL a function, which waits for
#: whoever holds it and looks only then; on SQLite a writer has the whole database anyway.
HOLD: dict[str, Any] = {
    "postgresql": text("SELECT sequence, hash FROM hold_trail()"),
    "sqlite": select(AuditEvent.sequence, AuditEvent.hash).order_by(AuditEvent.sequence.desc()).limit(1),
}


@dataclass
class _Change:
    """What becomes of one object in one transaction."""

    row: Entity
    action: AuditAction
    before: dict[str, Any] | None
    names: set[str] = field(default_factory=set)
    #: Of an object that goes: its event, as afterwards nothing more can be asked of it.
    event: dict[str, Any] | None = None


class TrailedSession(Session):
    """A session that records what it writes."""

    def __init__(self, *arguments: Any, origin: Origin, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.origin = origin
        self.changes: dict[Entity, _Change] = {}


@event.listens_for(TrailedSession, "do_orm_execute")
def _refuse_bulk(state: ORMExecuteState) -> None:
    if state.is_insert or state.is_update or state.is_delete:
        message = "a statement that changes many rows leaves no trail: change the objects one by one"
        raise UnguardedError(message)


@event.listens_for(TrailedSession, "before_flush")
def _follow(session: TrailedSession, *_: object) -> None:
    for row in session.new:
        if isinstance(row, Entity):
            session.changes.setdefault(row, _Change(row, AuditAction.CREATE, None))
    for row in session.dirty:
        if isinstance(row, Entity) and session.is_modified(row):
            _follow_change(session, row)


@event.listens_for(Entity, "before_delete", propagate=True)
def _follow_removal(_mapper: Any, _connection: Any, row: Entity) -> None:
    # Asked of each row, for a session does not list those that go because nothing owns them any more.
    session = object_session(row)
    if isinstance(session, TrailedSession):
        before = state_of(row)
        event = event_of(row, AuditAction.REMOVE, before, None)
        session.changes[row] = _Change(row, AuditAction.REMOVE, before, event=event)


def _follow_change(session: TrailedSession, row: Entity) -> None:
    found = list(differences(row))
    # Not every attribute that was set is another than before, nor every row whose collection of others grew.
    if not found and not changes_untold(row):
        return
    change = session.changes.setdefault(row, _Change(row, AuditAction.UPDATE, {}))
    for name, was in found:
        change.names.add(name)
        if change.before is not None and change.action is not AuditAction.REMOVE:
            change.before.setdefault(name, was)
    # A link stands in a table beside the row; the row's version counts it all the same.
    row.updated_at = now()


def differs(session: Session) -> bool:
    """Tell whether a session writes, or wrote, anything that is another than before."""
    written = session.changes if isinstance(session, TrailedSession) else ()
    rows = (row for row in session.dirty if isinstance(row, Entity))
    changed = any(changes_untold(row) or any(differences(row)) for row in rows)
    return bool(written or session.new or session.deleted or changed)


def changes(row: Entity, name: str) -> bool:
    """Tell whether an object that was there is given another value of the API's `name`, written already or not."""
    session = object_session(row)
    followed = session.changes.get(row) if isinstance(session, TrailedSession) else None
    return (followed is not None and name in followed.names) or name in dict(differences(row))


@event.listens_for(TrailedSession, "before_commit")
def _record(session: TrailedSession) -> None:
    session.flush()
    changes, session.changes = session.changes, {}
    found = [change.event or _event_of(change) for change in changes.values()]
    if found:
        append(session.connection(), session.origin, found)


def _event_of(change: _Change) -> dict[str, Any]:
    """Give the event of an object that was written; it is one even where nothing that is told of it has changed."""
    row, before, action = change.row, change.before, change.action
    after = state_of(row)
    if before is not None:
        changed = [name for name in sorted(change.names) if after[name] != before[name]]
        before, after = {name: before[name] for name in changed}, {name: after[name] for name in changed}
        action = AuditAction.TRANSITION if "status" in changed else action
    return event_of(row, action, before, after)


def event_of(
    row: Entity, action: AuditAction, before: dict[str, Any] | None = None, after: dict[str, Any] | None = None
) -> dict[str, Any]:
    """Give an event about an object of a session, for `append`."""
    made = event_about(type(row).__name__, row.id, action, before, after)
    return {**made, "subject_key": subject_of(row).id, **audience_of(row, before, after)}


def event_about(
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
        **KEEPERS,
    }


def append(connection: Connection, origin: Origin, events: list[dict[str, Any]]) -> None:
    """Write events at the end of the trail, which is held until the transaction ends.

    Args:
        connection: One in a transaction.
        origin: Who does it, and why.
        events: What was done, each as `event_of` or `event_about` gives it.
    """
    if not events:
        return
    last = connection.execute(HOLD[connection.dialect.name]).first()
    sequence, hash_ = (last.sequence, last.hash) if last else (0, BEGINNING)
    rows = []
    for place, each in enumerate(events, start=sequence + 1):
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


#: What of an event its hash covers, beside the hash of the one before.
HASHED = (
    "id", "sequence", "at", "actor_id", "credential", "request_id", "action", "entity_type", "entity_id", "entity_key",
    "subject_key", "before", "after", "reason", "group_id", "marking", "readers", "names", "previous_hash",
)  # fmt: skip


def hash_of(row: Any) -> str:
    """Give the hash of an event: SHA-256, in hexadecimal, over its canonical JSON (sorted keys, no spaces, UTF-8)."""
    covered = {name: plain(row[name]) for name in HASHED}
    canonical = json.dumps(covered, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return hashlib.sha256(canonical.encode()).hexdigest()
