"""`coalition backup` and `coalition restore`: the database and the documents' files as a folder of plain files."""
# ruff: noqa: PLC0415 (importing the database stack takes a second; a bad argument must fail without that delay)

from __future__ import annotations

from pathlib import Path

import click

from server.cli.support import on_database, read_settings


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--without-missing-files", is_flag=True, help="Go on if the file store lacks files; name them.")
def backup(folder: Path, *, without_missing_files: bool) -> None:
    """Back up the database and the documents' files into the new folder DIR.

    The server can keep running.
    """
    settings = read_settings()
    from resolvers.backup.stored_files import describe
    from resolvers.backup.take import create_backup
    from resolvers.files.open_store import open_store

    store = open_store(settings.file_store)
    taken = on_database(lambda database: create_backup(database, folder, store, without_missing=without_missing_files))
    rows = sum(table.rows for table in taken.tables.values())
    summary = f"{rows} rows of {len(taken.tables)} tables and {len(taken.files)} files"
    click.echo(f"{folder}: {summary}, taken at {taken.taken_at}.")
    if taken.missing:
        click.echo(f"The backup lacks {len(taken.missing)} files: {describe(taken.missing)}.")
    click.echo(f"The audit log ends with event {taken.sequence}, {taken.hash}: store this elsewhere.")


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(exists=True, file_okay=False, path_type=Path))
def restore(folder: Path) -> None:
    """Restore the backup in DIR into a migrated, empty database."""
    settings = read_settings()
    from resolvers.backup.restore import restore as restore_from
    from resolvers.backup.stored_files import describe
    from resolvers.files.open_store import open_store

    found = on_database(lambda database: restore_from(database, folder, open_store(settings.file_store)))
    rows = sum(table.rows for table in found.tables.values())
    click.echo(f"{rows} rows and {len(found.files)} files are restored and match the backup of {found.taken_at}.")
    if found.missing:
        click.echo(
            f"The backup lacks {len(found.missing)} files, which cannot be downloaded: {describe(found.missing)}."
        )
    click.echo(f"The audit log is complete up to event {found.sequence}, {found.hash}.")
