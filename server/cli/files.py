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
