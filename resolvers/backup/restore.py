"""Restoring a backup into an empty database: all of it, checked before and after, or nothing."""

from __future__ import annotations

from contextlib import suppress
from itertools import islice
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.exc import StatementError

from resolvers.audit.hash_chain import EVENTS, ChainHead, HashChain
from resolvers.backup.manifest import BackupError, Manifest, RowDigest, file_of, lines_of, tables
from resolvers.backup.row_reader import rows_of
from resolvers.backup.stored_files import check_files, copy_in
from resolvers.backup.take import BATCH, copy_rows
from resolvers.files.document_files import is_referenced

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from sqlalchemy import Column, Executable, Table
    from sqlalchemy.ext.asyncio import AsyncConnection

    from resolvers.database.database import Database
    from resolvers.files.store import FileStore


async def restore(database: Database, folder: Path, store: FileStore | None = None) -> Manifest:
    """Restore the backup in `folder`, in one transaction with every constraint in force.

    Raises BackupError, and changes nothing, where the database is not empty or of another revision, or the
    backup is damaged; ChainError where its trail was tampered with.
    """
    manifest = Manifest.read(folder)
    _check(folder, manifest, await database.revision())
    if manifest.files and store is None:
        message = f"The backup holds {len(manifest.files)} files of documents and there is no store for them."
        raise BackupError(message)
    arrived: list[str] = []
    try:
        async with database.bypass_policies("an operator restores a backup", unaudited=True).begin() as connection:
            await _restore_rows(connection, folder, manifest)
            if store:
                # Before the rows that name them are seen, and after all that may be wrong with the rows.
                await copy_in(store, folder, manifest.files, arrived)
    except BaseException:
        if store:
            await _undo(database, store, arrived)
        raise
    return manifest


async def _restore_rows(connection: AsyncConnection, folder: Path, manifest: Manifest) -> None:
    """Write every row, and compare what is there then with what the manifest says."""
    await _require_empty(connection)
    for table in tables():
        await _load(connection, table, folder)
    for table in tables():
        await _close_circles(connection, table, folder)
    for table in tables():
        if await copy_rows(connection, table) != manifest.tables[table.name]:
            message = f"{table.name} came out other than the backup says. Nothing was restored: report this."
            raise BackupError(message)
    await _follow_chain(connection, manifest)


async def _undo(database: Database, store: FileStore, arrived: Sequence[str]) -> None:
    """Remove the files that a restore which failed has put into the store."""
    # What went wrong first is what is to be said; a file that stays is named by nobody, and swept away.
    with suppress(Exception):
        engine = database.bypass_policies("a restore that failed takes its files back", read_only=True)
        async with engine.connect() as connection:
            for sha256 in arrived:
                # The rows may be there all the same: of a COMMIT only the answer may be lost.
                if not await is_referenced(connection, sha256):
                    await store.remove(sha256)


def _check(folder: Path, manifest: Manifest, revision: str | None) -> None:
    """Check a backup before the database is touched. Raises BackupError."""
    if manifest.revision != revision:
        message = (
            f"The backup is of revision {manifest.revision}, the database of {revision}: restore it with the version "
            "of the program that took it, then migrate."
        )
        raise BackupError(message)
    if set(manifest.tables) != {table.name for table in tables()}:
        message = f"{folder} has other tables than this program: restore it with the version that took it."
        raise BackupError(message)
    for name, told in manifest.tables.items():
        counted = RowDigest()
        if file_of(folder, name).is_file():
            for line in lines_of(folder, name):
                counted.add(line)
        if counted.end() != told:
            message = f"{file_of(folder, name)} is damaged or missing: take another backup. Nothing was restored."
            raise BackupError(message)
    check_files(folder, manifest.files)


async def _require_empty(connection: AsyncConnection) -> None:
    for table in tables():
        if (await connection.execute(select(1).select_from(table).limit(1))).first():
            message = f"The database is not empty, there are rows in {table.name}: restore into a new one."
            raise BackupError(message)


async def _load(connection: AsyncConnection, table: Table, folder: Path) -> None:
    circular = {column.name: None for column in _circular(table)}
    rows = rows_of(folder, table)
    while batch := [{**row, **circular} for row in islice(rows, BATCH)]:
        await _write(connection, table, insert(table), batch)


async def _write(connection: AsyncConnection, table: Table, statement: Executable, rows: list[dict[str, Any]]) -> None:
    """Run a statement for each row. Raises BackupError, which names the table, where the database refuses one."""
    try:
        await connection.execute(statement, rows)
    except StatementError as error:
        said = (str(error.orig).splitlines() or [type(error.orig).__name__])[0]
        message = f"The database refuses the rows of {table.name}: {said}. Nothing was restored."
        raise BackupError(message) from error


async def _close_circles(connection: AsyncConnection, table: Table, folder: Path) -> None:
    """Write the references that could not be there before what they refer to."""
    for column in _circular(table):
        found = rows_of(folder, table)
        rows = [{"its_id": row["id"], "target": row[column.name]} for row in found if row[column.name] is not None]
        if rows:
            # What a column does by itself on a change would make it another row.
            still = {each.name: each for each in table.columns if each.onupdate is not None}
            values: dict[str, Any] = {**still, column.name: bindparam("target")}
            closing = update(table).where(table.c.id == bindparam("its_id")).values(values)
            await _write(connection, table, closing, rows)


def _circular(table: Table) -> list[Column[Any]]:
    """Give the columns that refer to their own table, or close a circle of tables."""
    return [
        column
        for column in table.columns
        if any(
            key.column.table is table or (key.constraint and key.constraint.use_alter) for key in column.foreign_keys
        )
    ]


async def _follow_chain(connection: AsyncConnection, manifest: Manifest) -> None:
    chain = HashChain(ChainHead(manifest.sequence, manifest.hash))
    events = select(EVENTS).order_by(EVENTS.c.sequence).execution_options(yield_per=BATCH)
    async with connection.stream(events) as rows:
        async for row in rows.mappings():
            chain.add({str(name): value for name, value in row.items()})
    chain.end()
