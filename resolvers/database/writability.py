"""Checks whether the database can be changed now, without changing it."""

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

#: SQLite's write-ahead log can grow by about this size before a checkpoint; with less space, changes can fail.
MIN_FREE_BYTES = 1024 * 1024

#: The export of a snapshot writes and removes a small file beside the data; this fails if the disk is full.
PROBE = text(
    "SELECT CASE WHEN pg_is_in_recovery() OR CAST(current_setting('transaction_read_only') AS BOOLEAN) "
    "THEN NULL ELSE pg_export_snapshot() END"
)


async def check_postgresql(connection: AsyncConnection) -> None:
    """Raises DatabaseReadOnlyError on a standby or with read-only transactions, DatabaseFullError on a full disk."""
    if await connection.scalar(PROBE) is None:
        raise DatabaseReadOnlyError


def check_sqlite(url: URL) -> None:
    """Raises DatabaseReadOnlyError if the file is not writable, DatabaseFullError if its disk is full.

    This blocks, so run it in a thread. A database in memory always passes.
    """
    file = url.database
    if not file or file == ":memory:" or file.startswith("file:"):
        return
    # If another connection writes, the file is writable.
    with suppress(DatabaseBusyError), translated_faults(connecting=True):
        connection = library().connect(file, timeout=0, isolation_level=None)
        try:
            connection.execute("BEGIN IMMEDIATE")
        finally:
            connection.close()
    if shutil.disk_usage(Path(file).parent).free < MIN_FREE_BYTES:
        raise DatabaseFullError
