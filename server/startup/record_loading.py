"""Loading a public record: where the command line reaches into the data."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from resolvers.database.database import Database
from resolvers.record.loader import RecordError, load_file
from server.config.settings import make_database_folder
from server.startup.migrations import head_revision

if TYPE_CHECKING:
    from pathlib import Path

    from resolvers.record.loader import LoadReport


def load(url: str, file: Path) -> LoadReport:
    """Load the record in `file` into the database at `url`; loading it again changes nothing.

    Raises RecordError, and loads nothing, for a bad record or a database that is not migrated.
    """
    make_database_folder(url)
    return asyncio.run(_load(url, file))


async def _load(url: str, file: Path) -> LoadReport:
    database = Database(url)
    try:
        if await database.revision() != head_revision():
            message = "the database is not at the newest revision: bring it up to date with `coalition migrate` first"
            raise RecordError(message)
        return await load_file(database.bypass_policies("a record is loaded by an operator"), file)
    finally:
        await database.close()
