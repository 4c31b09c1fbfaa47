"""Whether a database consists of what its migrations make: its catalogue, compared with a committed fingerprint.

The folder `alembic/fingerprints` holds one for each revision that is served and each engine. A test makes it by
migrating a database for real: `uv run pytest tests/database/test_fingerprints.py --write-fingerprints`.
"""

from __future__ import annotations

import asyncio
import json
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from resolvers.core.ttl_cache import TTLCache
from resolvers.database.database import Database
from server.config.settings import ROOT
from server.startup.migrations import head_revision

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

FOLDER = ROOT / "alembic" / "fingerprints"

#: How long a server that found its database whole does not look again.
SECONDS = 60.0

#: What PostgreSQL writes out itself, each major version in its own way: of another version only the names are compared.
WRITTEN_BY_THE_ENGINE = frozenset({"column", "constraint", "index", "trigger", "policy", "view"})

#: What nobody but a migration adds. A further index or table of an operator does no harm.
CLOSED_KINDS = frozenset({"column", "trigger", "policy", "privilege"})

#: How many parts a message names.
MAX_NAMED = 5


class Fingerprint(NamedTuple):
    """The parts of a database with their digests, and the major version of the engine that wrote them out."""

    engine_version: int
    parts: Mapping[str, str]


def fingerprint_file(dialect: str) -> Path:
    """Return the file of the newest revision's fingerprint on an engine."""
    return FOLDER / f"{head_revision()}.{dialect}.json"


@cache
def expected_fingerprint(dialect: str) -> Fingerprint | None:
    """Return what the newest revision makes; None while its fingerprint is not written yet."""
    file = fingerprint_file(dialect)
    if not file.exists():
        return None
    content: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return Fingerprint(content["engineVersion"], content["parts"])


def differences(expected: Fingerprint, found: Fingerprint) -> Iterator[str]:
    """Return a line for each part that is missing, different or added."""
    same_engine = expected.engine_version == found.engine_version
    gone = {_table(part) for part in expected.parts.keys() - found.parts.keys() if _kind(part) == "table"}
    for part, digest in expected.parts.items():
        if _kind(part) != "table" and _table(part) in gone:
            continue
        if part not in found.parts:
            yield f"{part} is missing"
        elif found.parts[part] != digest and (same_engine or _kind(part) not in WRITTEN_BY_THE_ENGINE):
            yield f"{part} is different"
    tables = {_table(part) for part in expected.parts if _kind(part) == "table"}
    for part in found.parts.keys() - expected.parts.keys():
        if _kind(part) in CLOSED_KINDS and _table(part) in tables:
            yield f"{part} is there, and no migration makes it"


def _kind(part: str) -> str:
    return part.partition(" ")[0]


def _table(part: str) -> str:
    """Return the table that a part belongs to, or is."""
    return part.partition(" ")[2].partition(".")[0]


async def schema_fault(database: Database, *, most_named: int | None = MAX_NAMED) -> str | None:
    """Return in a sentence how a database at the newest revision differs from what that makes; None where it does not.

    Raises DatabaseUnavailableError where the database cannot be reached.
    """
    expected = expected_fingerprint(database.dialect.name)
    if expected is None:
        return None
    found = sorted(differences(expected, Fingerprint(*await database.catalogue())))
    if not found:
        return None
    named = found[:most_named]
    rest = f", and {len(found) - len(named)} more" if len(found) > len(named) else ""
    return f"The database is not what revision {head_revision()} makes: {', '.join(named)}{rest}."


def schema_fault_at(url: str) -> str | None:
    """Return the same of the database at `url`, and name every difference. Must be called outside an event loop."""

    async def look() -> str | None:
        database = Database(url)
        try:
            return await schema_fault(database, most_named=None)
        finally:
            await database.close()

    return asyncio.run(look())


class SchemaCheck:
    """Asks the same for a server, which is asked often: a database that was whole is not read again for a while."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._whole = TTLCache[bool](SECONDS, 1)
        self._fault: str | None = None

    async def fault(self) -> str | None:
        """Return what `schema_fault` returns."""
        return None if await self._whole.get("schema", self._look) else self._fault

    async def _look(self) -> bool | None:
        self._fault = await schema_fault(self._database)
        return True if self._fault is None else None
