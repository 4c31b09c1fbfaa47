"""Loads the public record: a JSON file with one list for each noun, with the API's names.

A file describes the wanted state. The loader finds each record by its natural key: it creates a new record, and changes
an existing one only if it differs. Fields that the file leaves out stay unchanged; a list of owned records or of links
replaces the stored list. Records that the file does not contain stay. The load is one transaction.

The rules for status changes are not checked, because the record states facts.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import inspect

from resolvers.core.json_file import read_json
from resolvers.record.audit_events import recording
from resolvers.record.diff import RecordDiffer
from resolvers.record.parser import ParsedRecord
from resolvers.record.record_types import record_types_by_table
from resolvers.record.values import RecordError
from resolvers.record.writer import apply_diff

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Connection
    from sqlalchemy.ext.asyncio import AsyncEngine

__all__ = ["LoadReport", "RecordError", "load_file"]


@dataclass(frozen=True)
class LoadReport:
    """The result of a load, in numbers of rows; rows of owned records count too."""

    created: int
    updated: int
    removed: int
    unchanged: int

    def __str__(self) -> str:
        """Return a summary of one line."""
        return f"{self.created} created, {self.updated} updated, {self.removed} removed, {self.unchanged} unchanged"


async def load_file(engine: AsyncEngine, path: Path) -> LoadReport:
    """Load the record in the file at `path`, completely or not at all.

    Raises RecordError if the file cannot be read, is not a record, or the database refuses it. The message is one
    line and names the record and the field.
    """
    rows = await asyncio.to_thread(lambda: ParsedRecord(read_json(path, RecordError)))
    async with engine.begin() as connection:
        return await connection.run_sync(_load, rows)


def _load(connection: Connection, rows: ParsedRecord) -> LoadReport:
    _require_tables(connection)
    plan = RecordDiffer(connection, rows).compare()
    with recording(connection, plan):
        apply_diff(connection, plan)
    unchanged = len(rows.by_name) - len(plan.created) - len(plan.changed)
    return LoadReport(len(plan.created), len(plan.changed), len(plan.removed), unchanged)


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
