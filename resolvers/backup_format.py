"""What a backup is made of: a line of JSON for each row, a file for each table, and a manifest that vouches for them.

It is the same for both engines, so that a backup of one can be restored into the other.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import Date, Table
from sqlalchemy import Enum as EnumColumn

from models import Base
from models.types import UtcDateTime
from resolvers.trail_states import plain

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from sqlalchemy import Column

FORMAT = 1
MANIFEST, TABLES, FILES = "manifest.json", "tables", "files"


class BackupError(ValueError):
    """A backup that cannot be made or restored; the message is one line that says why and what to do."""


@dataclass(frozen=True)
class TableFile:
    """How many rows a table has, and the SHA-256 of its file."""

    rows: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """What a backup holds.

    Attributes:
        revision: The migration its database stood at.
        taken_at: When its snapshot was taken, in RFC 3339.
        sequence: The last event of the trail.
        hash: The hash of that event.
        tables: Every table, by its name.
        files: The SHA-256 of every document's file.
        format: Which form of a backup it is.
    """

    revision: str
    taken_at: str
    sequence: int
    hash: str
    tables: dict[str, TableFile]
    files: list[str] = field(default_factory=list)
    format: int = FORMAT

    def write(self, folder: Path) -> None:
        """Write it into a backup's folder."""
        (folder / MANIFEST).write_text(json.dumps(asdict(self), indent=2) + "\n", "utf-8")

    @classmethod
    def read(cls, folder: Path) -> Manifest:
        """Read that of a backup. Raises BackupError where there is none that can be read."""
        try:
            told = json.loads((folder / MANIFEST).read_text("utf-8"))
            if told["format"] != FORMAT:
                message = f"{folder}: a backup of form {told['format']}, this program reads form {FORMAT}."
                raise BackupError(message)
            tables = {name: TableFile(**each) for name, each in told.pop("tables").items()}
            return cls(tables=tables, **told)
        except (OSError, KeyError, TypeError, json.JSONDecodeError, UnicodeDecodeError):
            message = f"{folder} is no backup, or its {MANIFEST} is damaged: take another."
            raise BackupError(message) from None


def tables() -> list[Table]:
    """Give every table, each after those it refers to."""
    return list(Base.metadata.sorted_tables)


def columns_of(table: Table) -> list[Column[Any]]:
    """Give the columns that are kept; what the database computes, it computes anew."""
    return [column for column in table.columns if column.computed is None]


def line_of(row: Mapping[str, Any]) -> bytes:
    """Give the line of a row."""
    found = {name: plain(value) for name, value in row.items()}
    return json.dumps(found, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode() + b"\n"


def row_of(table: Table, line: bytes) -> dict[str, Any]:
    """Give the row of a line. Raises ValueError for what is none."""
    told = json.loads(line)
    return {column.name: _value(column, told[column.name]) for column in columns_of(table)}


def _value(column: Column[Any], told: Any) -> Any:
    if told is None:
        return None
    if isinstance(column.type, EnumColumn) and column.type.enum_class:
        return column.type.enum_class[told]
    if isinstance(column.type, UtcDateTime):
        return dt.datetime.fromisoformat(told)
    return dt.date.fromisoformat(told) if isinstance(column.type, Date) else told


def file_of(folder: Path, table: str) -> Path:
    """Give the file of a table in a backup's folder."""
    return folder / TABLES / f"{table}.jsonl"


class Counted:
    """Counts and hashes lines."""

    def __init__(self) -> None:
        self._rows = 0
        self._hash = hashlib.sha256()

    def add(self, line: bytes) -> bytes:
        """Count a line in; give it back."""
        self._rows += 1
        self._hash.update(line)
        return line

    def end(self) -> TableFile:
        """Give what was counted."""
        return TableFile(self._rows, self._hash.hexdigest())


def lines_of(folder: Path, table: str) -> Iterator[bytes]:
    """Give the lines of a table's file."""
    with file_of(folder, table).open("rb") as file:
        yield from file
