"""Whether changes can be made now: asked of the database without changing anything."""

from __future__ import annotations

import shutil
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import text

from resolvers.database.sqlite_driver import library
from resolvers.database.unavailable import (
    DatabaseBusyError,
    DatabaseFullError,
    DatabaseReadOnlyError,
    translated_faults,
)

if TYPE_CHECKING:
    from sqlalchemy import URL
    from sqlalchemy.ext.asyncio import AsyncConnection

#: What SQLite's log of writes grows by before it is written back; with less room the next changes fail.
MIN_FREE_BYTES = 1024 * 1024

#: Exporting a snapshot writes a small file beside the data and removes it, which fails where the disk is full.
PROBE = text(
    "SELECT CASE WHEN pg_is_in_recovery() OR CAST(current_setting('transaction_read_only') AS BOOLEAN) "
    "THEN NULL ELSE pg_export_snapshot() END"
)


async def check_postgresql(connection: AsyncConnection) -> None:
    """Raises DatabaseReadOnlyError on a standby or where transactions are read-only, DatabaseFullError without room."""
    if await connection.scalar(PROBE) is None:
        raise DatabaseReadOnlyError


def check_sqlite(url: URL) -> None:
    """Raises DatabaseReadOnlyError where the file cannot be written, DatabaseFullError where its disk has no room.

    It is to run in a thread of its own. A database in memory passes.
    """
    file = url.database
    if not file or file == ":memory:" or file.startswith("file:"):
        return
    # Where others write, it can be written.
    with suppress(DatabaseBusyError), translated_faults(connecting=True):
        connection = library().connect(file, timeout=0, isolation_level=None)
        try:
            connection.execute("BEGIN IMMEDIATE")
        finally:
            connection.close()
    if shutil.disk_usage(Path(file).parent).free < MIN_FREE_BYTES:
        raise DatabaseFullError
