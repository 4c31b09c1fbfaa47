"""`coalition files`: looks after the files of documents."""
# ruff: noqa: PLC0415 (the database stack takes a second to import, for which a bad argument should not wait)

from __future__ import annotations

import click

from server.cli.support import on_database, read_settings


@click.group()
def files() -> None:
    """Look after the files of documents."""


@files.command("clean-up")
def clean_up_files() -> None:
    """Remove what nobody waits for any more, and scan what waits in quarantine; once a day is enough."""
    settings = read_settings()
    from resolvers.files.cleanup import clean_up
    from server.files.endpoint import open_files

    done = on_database(lambda database: clean_up(open_files(database, settings)))
    click.echo(f"{str(done).capitalize()}.")
