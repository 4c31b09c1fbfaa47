"""The format of a backup: a file for each table with one JSON line per row, and a manifest with their hashes.

The format is the same for both engines, so that a backup of one can be restored into the other.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import asdict, dataclass, field, fields
from typing import TYPE_CHECKING, Any

from models import Base, SearchEntry
from models.funding.earmarks import earmarked_areas, earmarked_groups, earmarked_needs
from resolvers.audit.hash_chain import ChainHead
from resolvers.core.attributes import Kind
from resolvers.core.codecs import canonical_json, codec_of
from resolvers.core.hashing import is_sha256
from resolvers.core.json_file import read_json, show

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from sqlalchemy import Column, Table

FORMAT = 2
MANIFEST, TABLES, FILES = "manifest.json", "tables", "files"
REVISION = re.compile(r"\w{1,40}", re.ASCII)


class BackupError(ValueError):
    """A backup cannot be created or restored; the message is one line and says why and what to do."""


@dataclass(frozen=True)
class TableFile:
    """The number of rows of a table, and the SHA-256 of its file."""

    rows: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """The contents of a backup.

    Attributes:
        revision: The migration revision of the database.
        taken_at: The time of the snapshot, in RFC 3339.
        sequence: The sequence number of the last audit event.
        hash: The hash of the last audit event.
        tables: Every table, by name.
        files: The SHA-256 of every document's file.
        missing: The SHA-256 of every file that the store lacked though versions have it, and those versions.
        format: The version of the backup format.
    """

    revision: str
    taken_at: str
    sequence: int
    hash: str
    tables: dict[str, TableFile]
    files: list[str] = field(default_factory=list)
    missing: dict[str, str] = field(default_factory=dict)
    format: int = FORMAT

    def write(self, folder: Path) -> None:
        """Write the manifest into the folder of a backup."""
        (folder / MANIFEST).write_text(json.dumps(asdict(self), indent=2) + "\n", "utf-8")

    @classmethod
    def read(cls, folder: Path) -> Manifest:
        """Read the manifest of a backup. Raises BackupError if it is missing or not valid."""
        try:
            return _manifest(read_json(folder / MANIFEST, ValueError))
        except BackupError as error:
            message = f"{folder}: {error}"
        except ValueError as error:
            message = f"{folder} is not a backup, or its {MANIFEST} is damaged: use another backup. {error}"
        raise BackupError(message)


def _manifest(value: object) -> Manifest:
    """Return the manifest in a JSON value. Raises BackupError for another format version, ValueError for other faults.

    The messages do not name the backup.
    """
    found_format = value.get("format") if isinstance(value, dict) else None
    if type(found_format) is int and found_format != FORMAT:
        message = f"it has format {show(found_format)}, this program reads {FORMAT}: use the version that took it."
        raise BackupError(message)
    if not isinstance(value, dict) or set(value) != {each.name for each in fields(Manifest)}:
        message = "It does not have the keys of a manifest."
        raise ValueError(message)
    for name, fits in PARTS.items():
        if not fits(value[name]):
            message = f"Its {name} cannot be {show(value[name])}."
            raise ValueError(message)
    head = ChainHead.of(value)
    found = {name: TableFile(**each) for name, each in value["tables"].items()}
    files, missing = value["files"], value["missing"]
    return Manifest(value["revision"], value["taken_at"], head.sequence, head.hash, found, files, missing)


def _is_hash(value: object) -> bool:
    return isinstance(value, str) and is_sha256(value)


def _is_moment(value: object) -> bool:
    try:
        codec_of(Kind.MOMENT).from_json(value)
    except ValueError:
        return False
    return True


def _is_name(sha256: str, versions: object) -> bool:
    return is_sha256(sha256) and isinstance(versions, str) and versions.isprintable()


def _is_table(value: object) -> bool:
    if not isinstance(value, dict) or set(value) != {"rows", "sha256"}:
        return False
    return type(value["rows"]) is int and value["rows"] >= 0 and _is_hash(value["sha256"])


#: Checks of the manifest's values except the head. They also ensure that a message can print the values.
PARTS: dict[str, Callable[[Any], bool]] = {
    "format": lambda value: type(value) is int,
    "revision": lambda value: isinstance(value, str) and REVISION.fullmatch(value) is not None,
    "taken_at": _is_moment,
    "tables": lambda value: isinstance(value, dict) and all(_is_table(each) for each in value.values()),
    "files": lambda value: isinstance(value, list) and all(_is_hash(each) for each in value),
    "missing": lambda value: isinstance(value, dict) and all(_is_name(*each) for each in value.items()),
}


#: These come last: the database judges a new allocation by the earmark of its contribution, but donors can state an
#: earmark that the allocations before it miss.
EARMARKS = (earmarked_areas, earmarked_groups, earmarked_needs)


def tables() -> list[Table]:
    """Return all tables of a backup, each after the tables that it references.

    The search index is not among them: a restore makes it anew.
    """
    backed_up = (table for table in Base.metadata.sorted_tables if table is not SearchEntry.__table__)
    return sorted(backed_up, key=lambda table: table in EARMARKS)


def columns_of(table: Table) -> list[Column[Any]]:
    """Return the columns in a backup: all except computed ones."""
    return [column for column in table.columns if column.computed is None]


def encode_row(row: Mapping[str, Any]) -> bytes:
    """Return the line of a row."""
    return canonical_json(row) + b"\n"


def file_of(folder: Path, table: str) -> Path:
    """Return the path of a table's file in the folder of a backup."""
    return folder / TABLES / f"{table}.jsonl"


class RowDigest:
    """Counts and hashes the lines of a table's file."""

    def __init__(self) -> None:
        self._rows = 0
        self._hash = hashlib.sha256()

    def add(self, line: bytes) -> bytes:
        """Add a line and return it."""
        self._rows += 1
        self._hash.update(line)
        return line

    def end(self) -> TableFile:
        """Return the number of lines and their hash."""
        return TableFile(self._rows, self._hash.hexdigest())


def lines_of(folder: Path, table: str) -> Iterator[bytes]:
    """Yield the lines of a table's file."""
    with file_of(folder, table).open("rb") as file:
        yield from file
