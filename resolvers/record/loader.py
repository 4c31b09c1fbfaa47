"""Loads the public record: a JSON file with one list for each noun, with the API's names.

A file describes the wanted state. The loader finds each record by its natural key. It creates a new record. In an
existing one it writes what the file changed since the last load. A field that a person changed since then stays, a row
that a person added to a list stays, a row that a person removed stays removed, and a status never goes backwards; the
load reports each (`LoadReport.preserved`). `overwrites` names the fields that take the record's value all the same.

Fields that the file leaves out stay unchanged. Records that the file does not contain stay. The load is one
transaction, and the rows that it wrote must meet the rules of commands (`resolvers/record/rules.py`).
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import inspect, select

from models import LoadedRow
from resolvers.core.json_file import read_json
from resolvers.record.audit_events import recording
from resolvers.record.changes import changes_of
from resolvers.record.diff import RecordDiffer
from resolvers.record.loaded_values import LoadedValues
from resolvers.record.overwrites import Overwrites
from resolvers.record.parser import ParsedRecord
from resolvers.record.record_types import record_types_by_table
from resolvers.record.rules import check_removals, check_rules
from resolvers.record.values import RecordError
from resolvers.record.writer import apply_diff, store_loaded

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    from sqlalchemy import Connection
    from sqlalchemy.ext.asyncio import AsyncEngine

__all__ = ["LoadReport", "RecordError", "is_loaded", "load_file"]


@dataclass(frozen=True)
class LoadReport:
    """The result of a load, in numbers of rows; rows of owned records count too.

    Attributes:
        created: How many rows are new.
        updated: How many changed.
        removed: How many went.
        unchanged: How many are as they were.
        preserved: A line for each value that stays, although the file has another, and for each list with records that
            stay, although the file leaves them out.
        changes: A line for each row that is new, changed or went.
    """

    created: int
    updated: int
    removed: int
    unchanged: int
    preserved: tuple[str, ...] = ()
    changes: tuple[str, ...] = field(default=(), compare=False, repr=False)

    def __str__(self) -> str:
        """Return a summary of one line."""
        return f"{self.created} created, {self.updated} updated, {self.removed} removed, {self.unchanged} unchanged"


async def load_file(
    engine: AsyncEngine, path: Path, *, overwrites: Collection[str] = (), dry_run: bool = False
) -> LoadReport:
    """Load the record in the file at `path`, completely or not at all. The nouns must be loaded.

    Args:
        engine: Of the database.
        path: The file.
        overwrites: The fields that take the record's value although a person changed them, each named with its table
            (`capability_needs.title`) or with the record (`NEED-001.title`).
        dry_run: Whether nothing is written: the report says what would be.

    Raises RecordError if the file cannot be read, is not a record, breaks a rule, or the database refuses it. Each line
    of the message names the record and the field.
    """
    rows = await asyncio.to_thread(lambda: ParsedRecord(read_json(path, RecordError)))
    async with engine.connect() as connection, connection.begin() as transaction:
        report = await connection.run_sync(_load, rows, overwrites)
        if dry_run:
            await transaction.rollback()
    return report


async def is_loaded(engine: AsyncEngine) -> bool:
    """Return whether a record was loaded into a database before."""
    async with engine.connect() as connection:
        return (await connection.execute(select(LoadedRow.row_id).limit(1))).first() is not None


def _load(connection: Connection, rows: ParsedRecord, overwrites: Collection[str]) -> LoadReport:
    _require_tables(connection)
    loaded = LoadedValues(connection)
    plan = RecordDiffer(connection, rows, loaded, Overwrites(overwrites, rows)).compare()
    check_removals(connection, plan)
    loaded.announce([(row.type.table, row.id) for row in plan.created])
    with recording(connection, plan):
        apply_diff(connection, plan)
        check_rules(connection, plan)
    store_loaded(connection, plan, loaded)
    there = [row for row in rows.by_name.values() if not row.is_removed]
    unchanged = len(there) - len(plan.created) - len(plan.changed)
    numbers = len(plan.created), len(plan.changed), len(plan.removed), unchanged
    return LoadReport(*numbers, preserved=tuple(plan.preserved), changes=tuple(changes_of(plan)))


def _require_tables(connection: Connection) -> None:
    there = {(name, column["name"]) for (_, name), columns in _columns(connection).items() for column in columns}
    missing = [
        f"{table.name}.{column.name}"
        for table in record_types_by_table()
        for column in table.columns
        if (table.name, column.name) not in there
    ]
    if missing:
        message = f"the database has no column {min(missing)}: run `coalition migrate` first"
        raise RecordError(message)


def _columns(connection: Connection) -> dict[Any, Any]:
    return inspect(connection).get_multi_columns()
