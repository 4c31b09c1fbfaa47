"""`coalition search`: makes the search index anew."""
# ruff: noqa: PLC0415 (importing the database stack takes a second; a bad argument must fail without that delay)

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from server.cli.support import on_database

if TYPE_CHECKING:
    from server.config.settings import Settings


def complete_search_index(settings: Settings, *, err: bool = False) -> None:
    """Rebuild the search index of the settings' database if it lacks objects, and print a line about it.

    With `err`, the line is on standard error, because the first line of a server's output has its address.
    """
    import asyncio

    from resolvers.database.database import Database
    from resolvers.search_index.entries import complete_index

    async def run() -> int:
        database = Database(settings.database_url, pooled=settings.pgbouncer)
        try:
            return await complete_index(database)
        finally:
            await database.close()

    missing = asyncio.run(run())
    if missing:
        click.echo(f"The search index was rebuilt, because it lacked {missing} objects.", err=err)


@click.group()
def search() -> None:
    """Make the search index anew."""


@search.command()
def rebuild() -> None:
    """Make the search index anew from the objects, in one transaction.

    Changes, loads and restores keep the index up to date, and `coalition migrate` rebuilds it if it lacks objects. Run
    this command after an upgrade whose notes say so, or if another program changed the objects.
    """
    from resolvers.search_index.entries import rebuild_index

    report = on_database(rebuild_index)
    count = sum(report.counts.values())
    click.echo(f"The search index has {count} objects: {', '.join(f'{n} {k}' for k, n in report.counts.items())}.")
    if report.removed:
        click.echo(f"{report.removed} entries of objects that do not exist were removed.")
