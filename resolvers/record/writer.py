"""Writes the differences, in an order that violates no constraint."""

from __future__ import annotations

from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import Connection, Executable, Table, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from models.base import now
from resolvers.core.ordinals import moved_aside
from resolvers.record.diff import BATCH
from resolvers.record.loaded_values import file_values
from resolvers.record.refusals import reason_of
from resolvers.record.values import RecordError

if TYPE_CHECKING:
    from resolvers.record.diff import LinkChange, RecordDiff, RemovedRow
    from resolvers.record.loaded_values import LoadedValues, Values
    from resolvers.record.parser import RecordRow


class Write(NamedTuple):
    """A statement that changes or removes one row, and the message if the database refuses it."""

    path: str
    statement: Executable
    refusal: str


def apply_diff(connection: Connection, plan: RecordDiff) -> None:
    """Write the changes in `plan`. Raises RecordError; the message names the record that the database refuses."""
    _move_aside(connection, plan)
    # Removals and changes run first, because they free unique keys. Those that other changes block are tried again
    # at the end.
    waiting = _try(
        connection, [*map(_removal, plan.removed), *(_change(row, plan.changed[row]) for row in plan.changed)]
    )
    _create(connection, plan)
    while waiting:
        left = _try(connection, [write for write, _ in waiting])
        if len(left) == len(waiting):
            write, error = left[0]
            raise RecordError(_refused(write.path, write.refusal, error))
        waiting = left


def _create(connection: Connection, plan: RecordDiff) -> None:
    """Write the new rows and the links; a link as soon as both its ends are there, because other rows can need it."""
    to_come, links = {row.id for row in plan.created}, [*plan.relinked]
    for row in _targets_first(plan.created):
        for relink in [each for each in links if to_come.isdisjoint({each.row.id, *each.add})]:
            _relink(connection, relink)
            links.remove(relink)
        _execute(connection, row.path, insert(row.type.table).values(**row.values, id=row.id))
        to_come.discard(row.id)
    for relink in links:
        _relink(connection, relink)


def store_loaded(connection: Connection, plan: RecordDiff, loaded: LoadedValues) -> None:
    """Store the written values, and those that the file and the database share, for the next load."""
    for table in {table: None for table, _ in plan.gone}:
        loaded.forget(table, [key for each, key in plan.gone if each is table])
    for removed in plan.removed:
        loaded.forget(removed.table, [removed.stored["id"]])
    created = {(row.type.table, row.id): row for row in plan.created}
    stored: dict[Table, dict[str, Values]] = {}
    for (table, key), row in created.items():
        stored.setdefault(table, {})[key] = plan.loaded.pop(row, {})
    for table, rows in stored.items():
        # A new row is a load's in every column, those included that the database filled.
        for start in range(0, len(rows), BATCH):
            some = select(table).where(table.c.id.in_(list(rows)[start : start + BATCH]))
            for found in connection.execute(some).mappings():
                row = created[table, found["id"]]
                links: Values = {name: [] for name in row.type.links}
                rows[row.id] = {**links, **rows[row.id], **file_values(found), **row.file_key}
    for row, values in plan.loaded.items():
        stored.setdefault(row.type.table, {})[row.id] = values
    for table, rows in stored.items():
        loaded.write(table, rows)


def _try(connection: Connection, writes: list[Write]) -> list[tuple[Write, IntegrityError]]:
    refused: list[tuple[Write, IntegrityError]] = []
    for write in writes:
        try:
            with connection.begin_nested():
                connection.execute(write.statement)
        except IntegrityError as error:
            refused.append((write, error))
    return refused


def _execute(connection: Connection, path: str, statement: Executable) -> None:
    try:
        connection.execute(statement)
    except IntegrityError as error:
        raise RecordError(_refused(path, "the database refuses it", error)) from error


def _refused(path: str, refusal: str, error: IntegrityError) -> str:
    return f"{path}: {refusal}: {reason_of(error)}"


def _removal(gone: RemovedRow) -> Write:
    statement = delete(gone.table).where(gone.table.c.id == gone.stored["id"])
    return Write(gone.path, statement, "an item is missing from the list, but other records still reference it")


def _change(row: RecordRow, changes: dict[str, Any]) -> Write:
    table = row.type.table
    if "version" in table.c:
        changes = {**changes, "version": table.c.version + 1, "updated_at": now()}
    return Write(row.path, update(table).where(table.c.id == row.id).values(**changes), "the database refuses it")


def _move_aside(connection: Connection, plan: RecordDiff) -> None:
    moving = [(row.type.table, row.id) for row, changes in plan.changed.items() if row.parent and "ordinal" in changes]
    moving += [(gone.table, gone.stored["id"]) for gone in plan.removed if "ordinal" in gone.table.c]
    for table, key in moving:
        connection.execute(update(table).where(table.c.id == key).values(ordinal=moved_aside(table.c.ordinal)))


def _targets_first(rows: list[RecordRow]) -> list[RecordRow]:
    """Order new rows so that each comes after the rows that it references."""
    new = set(rows)
    graph = {row: [other for other in [row.parent, *row.targets.values()] if other in new] for row in rows}
    try:
        return list(TopologicalSorter(graph).static_order())
    except CycleError as error:
        circle = ", ".join(row.path for row in error.args[1])
        message = f"{circle}: these records reference each other in a circle, load one without its reference first"
        raise RecordError(message) from None


def _relink(connection: Connection, relink: LinkChange) -> None:
    link, row, add, remove = relink
    for other in remove:
        pair = {link.near: row.id, link.far: other}
        connection.execute(delete(link.table).where(*(column == key for column, key in pair.items())))
    for other in sorted(add):
        _execute(connection, row.path, insert(link.table).values({link.near.name: row.id, link.far.name: other}))
