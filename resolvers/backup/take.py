"""Takes a backup: a snapshot of the whole database, without blocking writers, and the documents' files."""

from __future__ import annotations

import shutil
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from sqlalchemy import select

from models import DocumentVersion
from models.base import now
from resolvers.audit.hash_chain import head_of
from resolvers.backup.manifest import (
    TABLES,
    BackupError,
    Manifest,
    RowDigest,
    TableFile,
    columns_of,
    encode_row,
    file_of,
    tables,
)
from resolvers.backup.stored_files import copy_out, describe, expected_files
from resolvers.core.codecs import to_json
from resolvers.core.fsync import fsync_file, fsync_folder

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping
    from pathlib import Path
    from typing import BinaryIO

    from sqlalchemy import Table
    from sqlalchemy.ext.asyncio import AsyncConnection

    from resolvers.database.database import Database
    from resolvers.files.store import FileStore

#: Rows per read.
BATCH = 1000

#: Access for the operator only: a backup contains all data.
PRIVATE = 0o700


async def create_backup(
    database: Database, folder: Path, store: FileStore | None = None, *, without_missing: bool = False
) -> Manifest:
    """Take a backup into a new `folder`, which appears only when the backup is complete.

    Args:
        database: The database to back up.
        folder: The target; it must not exist.
        store: The store of the documents' files, if there is one.
        without_missing: Whether to go on if the store lacks files; the manifest then names them.

    Raises:
        BackupError: if the folder exists, a file does not match its SHA-256, or the store lacks files of versions.
    """
    _refuse_existing(folder)
    partial = folder.with_name(f".{folder.name}.partial")
    # The remains of an interrupted backup.
    shutil.rmtree(partial, ignore_errors=True)
    try:
        (partial / TABLES).mkdir(PRIVATE, parents=True)
        partial.chmod(PRIVATE)
        manifest = await _create(database, partial, store)
        if not without_missing:
            _refuse_missing(manifest.missing)
        for each in (partial, partial / TABLES):
            fsync_folder(each)
        partial.rename(folder)
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise
    return manifest


def _refuse_existing(folder: Path) -> None:
    if folder.exists():
        message = f"{folder} already exists: name a new folder, such as one with today's date."
        raise BackupError(message)


def _refuse_missing(files: Mapping[str, str]) -> None:
    if not files:
        return
    count = "1 file" if len(files) == 1 else f"{len(files)} files"
    message = (
        f"The file store lacks {count} of versions whose file was uploaded: {describe(files)}. No backup was made: "
        "correct COALITION_FILE_STORE, or restore the files into the store. To back up without them, add "
        "--without-missing-files."
    )
    raise BackupError(message)


async def _create(database: Database, folder: Path, store: FileStore | None) -> Manifest:
    revision = await database.revision()
    found: dict[str, TableFile] = {}
    async with snapshot(database) as connection:
        taken_at = to_json(now())
        head = await head_of(connection)
        for table in tables():
            with file_of(folder, table.name).open("xb") as file:
                found[table.name] = await copy_rows(connection, table, file)
                fsync_file(file)
        # A file that was purged can still be in the store for a moment: a backup must not preserve it.
        unpurged = select(DocumentVersion.sha256).where(DocumentVersion.purged_at.is_(None)).distinct()
        named = (await connection.execute(unpurged)).scalars().all()
        expected = await expected_files(connection)
    # Files never change, and are stored before a row references them, so the snapshot's files are still there.
    files = await copy_out(store, folder, frozenset(named)) if store else []
    missing = {sha256: versions for sha256, versions in expected.items() if sha256 not in files}
    manifest = Manifest(str(revision), taken_at, head.sequence, head.hash, found, files, missing)
    manifest.write(folder)
    return manifest


@asynccontextmanager
async def snapshot(database: Database) -> AsyncIterator[AsyncConnection]:
    """Open a connection that reads one snapshot of the database and does not block writers."""
    reason = "an operator takes a backup"
    if database.dialect.name == "postgresql":
        engine = database.bypass_policies(reason).execution_options(
            isolation_level="REPEATABLE READ", postgresql_readonly=True
        )
        async with engine.connect() as connection:
            yield connection
        return
    async with database.bypass_policies(reason, read_only=True).connect() as connection:
        # Begun explicitly: this project's default transactions are for writers, which wait for each other.
        await connection.exec_driver_sql("BEGIN")
        try:
            yield connection
        finally:
            await connection.exec_driver_sql("ROLLBACK")


async def copy_rows(connection: AsyncConnection, table: Table, file: BinaryIO | None = None) -> TableFile:
    """Count and hash the rows of a table, ordered by primary key, and write them into `file` if there is one."""
    digest = RowDigest()
    rows = select(*columns_of(table)).order_by(*table.primary_key).execution_options(yield_per=BATCH)
    async with connection.stream(rows) as found:
        async for row in found.mappings():
            line = digest.add(encode_row({str(name): value for name, value in row.items()}))
            if file is not None:
                file.write(line)
    return digest.end()
