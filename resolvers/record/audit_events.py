"""Writes the audit events of a load: one for each created, changed or removed object."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from sqlalchemy import inspect, select
from sqlalchemy.orm import Session

from models import AuditAction
from resolvers.access.context import Actor
from resolvers.audit.recorder import append_events, event_for
from resolvers.audit.snapshots import api_values, keys_of, snapshot
from resolvers.core.attributes import entity_of
from resolvers.core.codecs import to_json
from resolvers.record.diff import BATCH

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from sqlalchemy import Connection, Table

    from resolvers.record.diff import RecordDiff
    from resolvers.record.parser import RecordRow

ORIGIN = Actor(reason="an operator loads a record")


@contextmanager
def recording(connection: Connection, plan: RecordDiff) -> Iterator[None]:
    """Write the audit events of `plan`, which the block executes, in the transaction of `connection`."""
    gone = [(each.table, each.stored["id"]) for each in plan.removed]
    with Session(connection, autoflush=False) as session:
        # Read before the block removes the rows.
        events = [event_for(row, AuditAction.REMOVE, snapshot(row)) for row in _loaded(session, gone)]
    yield
    created = {(row.type.table, row.id): row for row in plan.created}
    changed = {(row.type.table, row.id): row for row in plan.changed}
    with Session(connection, autoflush=False) as session:
        events += [event_for(row, AuditAction.CREATE, after=snapshot(row)) for row in _loaded(session, created)]
        for row in _loaded(session, changed):
            before, after = _difference(plan, changed[row.__table__, row.id], row)
            events.append(event_for(row, AuditAction.UPDATE, before, after))
        for row in _loaded(session, _bearers(plan) - created.keys()):
            after = {"sources": [source.url for source in row.sources]}
            events.append(event_for(row, AuditAction.UPDATE, after=after))
    append_events(connection, ORIGIN, events)


def _bearers(plan: RecordDiff) -> set[tuple[Table, str]]:
    """Return the objects whose sources are created, changed or removed: sources have no events of their own."""
    rows = [(row.type.table, row.values) for row in (*plan.created, *plan.changed)]
    rows += [(each.table, dict(each.stored)) for each in plan.removed]
    return {
        (next(iter(table.c.owner_id.foreign_keys)).column.table, values["owner_id"])
        for table, values in rows
        if "owner_id" in table.c
    }


def _loaded(session: Session, keys: Iterable[tuple[Table, str]]) -> list[Any]:
    """Return the objects with these tables and ids that have a version, in order."""
    by_table: dict[Table, list[str]] = {}
    for table, key in keys:
        if "version" in table.c:
            by_table.setdefault(table, []).append(key)
    found: list[Any] = []
    for table, wanted in by_table.items():
        model = entity_of(table)
        for start in range(0, len(wanted), BATCH):
            some = wanted[start : start + BATCH]
            rows = {row.id: row for row in session.scalars(select(model).where(model.id.in_(some)))}
            found += [rows[key] for key in some if key in rows]
    return found


def _difference(plan: RecordDiff, row: RecordRow, now: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the changed values of an object before and after the load, by their names in the API."""
    mapper = inspect(type(now))
    stored: Mapping[str, Any] = dict(row.stored or {})
    names = {mapper.get_property_by_column(row.type.table.c[name]).key for name in plan.changed[row]}
    for stem in {name.removesuffix("_minor").removesuffix("_currency") for name in names}:
        if f"{stem}_minor" in mapper.columns:
            names |= {f"{stem}_minor", f"{stem}_currency"}
    columns = {name: mapper.columns[name].name for name in names}
    before = dict(api_values({name: to_json(stored[column]) for name, column in columns.items()}, mapper))
    after = dict(api_values({name: to_json(getattr(now, name)) for name in columns}, mapper))
    for relink in plan.relinked:
        if relink.row is row:
            (relation,) = [each for each in mapper.relationships if each.secondary is relink.link.table]
            kind = relation.mapper.class_.__name__
            there = set(keys_of(getattr(now, relation.key)))
            added, removed = ({f"{kind}:{key}" for key in keys} for keys in (relink.add, relink.remove))
            ((name, _),) = api_values({relation.key: None}, mapper)
            before[name], after[name] = sorted((there - added) | removed), sorted(there)
    return before, after
