"""`coalition files`: maintains the files of documents."""
# ruff: noqa: PLC0415 (importing the database stack takes a second; a bad argument must fail without that delay)

from __future__ import annotations

import click

from server.cli.support import on_database, read_settings


@click.group()
def files() -> None:
    """Maintain the files of documents."""


@files.command("clean-up")
def clean_up_files() -> None:
    """Remove unused files, and scan the files in quarantine.

    Run it once a day.
    """
    settings = read_settings()
    from resolvers.files.cleanup import clean_up
    from server.files.endpoint import open_files

    done = on_database(lambda database: clean_up(open_files(database, settings)))
    click.echo(f"{str(done).capitalize()}.")


@files.command("purge")
@click.argument("versions", nargs=-1)
@click.option("--days", type=click.IntRange(min=0), default=30, show_default=True, help="Days since the withdrawal.")
def purge_files(*, versions: tuple[str, ...], days: int) -> None:
    """Delete the files of withdrawn versions from the file store.

    Without VERSIONS, of each version that was withdrawn DAYS ago or earlier. With VERSIONS, of the versions with these
    ids, at once. The versions stay in the lists, and the audit log has an event for each. Earlier backups still have
    the files.
    """
    settings = read_settings()
    from resolvers.files.purge import purge
    from server.files.endpoint import open_files

    done = on_database(lambda database: purge(open_files(database, settings), days, versions))
    click.echo(f"{done}.")
