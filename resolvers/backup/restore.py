"""Restores a backup into an empty database, completely or not at all, with checks before and after."""

from __future__ import annotations

from contextlib import suppress
from itertools import islice
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.exc import StatementError

from resolvers.audit.hash_chain import ChainHead, HashChain
from resolvers.audit.pseudonyms import sealed_events
from resolvers.backup.manifest import BackupError, Manifest, RowDigest, file_of, lines_of, tables
from resolvers.backup.row_reader import rows_of
from resolvers.backup.stored_files import check_files, copy_in, describe, expected_files
from resolvers.backup.take import BATCH, copy_rows
from resolvers.files.document_files import is_referenced
from resolvers.search_index.entries import rebuild

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from sqlalchemy import Column, Executable, Table
    from sqlalchemy.ext.asyncio import AsyncConnection

    from resolvers.database.database import Database
    from resolvers.files.store import FileStore


async def restore(database: Database, folder: Path, store: FileStore | None = None) -> Manifest:
    """Restore the backup in `folder`, in one transaction with all constraints active.

    Raises BackupError if the database is not empty or has another revision, or if the backup is damaged; ChainError if
    the audit log was tampered with. On an error nothing is changed.
    """
    manifest = Manifest.read(folder)
    _check(folder, manifest, await database.revision())
    if manifest.files and store is None:
        message = f"The backup has {len(manifest.files)} files of documents: set up a file store for them first."
        raise BackupError(message)
    arrived: list[str] = []
    try:
        async with database.bypass_policies("an operator restores a backup", unaudited=True).begin() as connection:
            await _restore_rows(connection, folder, manifest)
            if store:
                # Before the commit, so that no visible row lacks its file; after all checks of the rows.
                await copy_in(store, folder, manifest.files, arrived)
    except BaseException:
        if store:
            await _undo(database, store, arrived)
        raise
    return manifest


async def _restore_rows(connection: AsyncConnection, folder: Path, manifest: Manifest) -> None:
    """Write all rows, then compare the database with the manifest."""
    await _require_empty(connection)
    for table in tables():
        await _load(connection, table, folder)
    for table in tables():
        await _close_circles(connection, table, folder)
    for table in tables():
        if await copy_rows(connection, table) != manifest.tables[table.name]:
            message = f"The restored rows of {table.name} differ from the backup. Nothing was restored: report this."
            raise BackupError(message)
    await _follow_chain(connection, manifest)
    await connection.run_sync(rebuild)
    known = {*manifest.files, *manifest.missing}
    if absent := {key: name for key, name in (await expected_files(connection)).items() if key not in known}:
        message = f"{folder} lacks files, and does not say so: {describe(absent)}. Use another backup. "
        raise BackupError(message + "Nothing was restored.")


async def _undo(database: Database, store: FileStore, arrived: Sequence[str]) -> None:
    """Remove the files that a failed restore has put into the store."""
    # The first error is the one to report. The cleanup removes files that stay.
    with suppress(Exception):
        engine = database.bypass_policies("a failed restore removes its files", read_only=True)
        async with engine.connect() as connection:
            for sha256 in arrived:
                # The rows can be there: the COMMIT can succeed although its response is lost.
                if not await is_referenced(connection, sha256):
                    await store.remove(sha256)


def _check(folder: Path, manifest: Manifest, revision: str | None) -> None:
    """Check a backup before the database is changed. Raises BackupError."""
    if manifest.revision != revision:
        message = (
            f"The backup has the revision {manifest.revision}, the database {revision}: restore with the program "
            "version that took the backup, then migrate."
        )
        raise BackupError(message)
    if set(manifest.tables) != {table.name for table in tables()}:
        message = f"{folder} has other tables than this program: restore with the version that took the backup."
        raise BackupError(message)
    for name, expected in manifest.tables.items():
        digest = RowDigest()
        if file_of(folder, name).is_file():
            for line in lines_of(folder, name):
                digest.add(line)
        if digest.end() != expected:
            message = f"{file_of(folder, name)} is damaged or missing: use another backup. Nothing was restored."
            raise BackupError(message)
    check_files(folder, manifest.files)


async def _require_empty(connection: AsyncConnection) -> None:
    for table in tables():
        if (await connection.execute(select(1).select_from(table).limit(1))).first():
            message = f"The database is not empty, {table.name} has rows: restore into a new database."
            raise BackupError(message)


async def _load(connection: AsyncConnection, table: Table, folder: Path) -> None:
    circular = {column.name: None for column in _circular(table)}
    rows = rows_of(folder, table)
    while batch := [{**row, **circular} for row in islice(rows, BATCH)]:
        await _write(connection, table, insert(table), batch)


async def _write(connection: AsyncConnection, table: Table, statement: Executable, rows: list[dict[str, Any]]) -> None:
    """Run a statement for each row. Raises BackupError with the table's name if the database refuses a row."""
    try:
        await connection.execute(statement, rows)
    except StatementError as error:
        reason = (str(error.orig).splitlines() or [type(error.orig).__name__])[0]
        message = f"The database refuses the rows of {table.name}: {reason}. Nothing was restored."
        raise BackupError(message) from error


async def _close_circles(connection: AsyncConnection, table: Table, folder: Path) -> None:
    """Write the references that were left out until their target rows existed."""
    for column in _circular(table):
        found = rows_of(folder, table)
        rows = [{"its_id": row["id"], "target": row[column.name]} for row in found if row[column.name] is not None]
        if rows:
            # Without these, the columns' onupdate values would change the row.
            still = {each.name: each for each in table.columns if each.onupdate is not None}
            values: dict[str, Any] = {**still, column.name: bindparam("target")}
            closing = update(table).where(table.c.id == bindparam("its_id")).values(values)
            await _write(connection, table, closing, rows)


def _circular(table: Table) -> list[Column[Any]]:
    """Return the columns that reference their own table, or close a circle of tables."""
    return [
        column
        for column in table.columns
        if any(
            key.column.table is table or (key.constraint and key.constraint.use_alter) for key in column.foreign_keys
        )
    ]


async def _follow_chain(connection: AsyncConnection, manifest: Manifest) -> None:
    chain = HashChain(ChainHead(manifest.sequence, manifest.hash))
    async with connection.stream(sealed_events().execution_options(yield_per=BATCH)) as rows:
        async for row in rows.mappings():
            chain.add({str(name): value for name, value in row.items()})
    chain.end()
