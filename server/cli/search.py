"""`coalition search`: makes the search index anew."""
# ruff: noqa: PLC0415 (importing the database stack takes a second; a bad argument must fail without that delay)

from __future__ import annotations

import click

from server.cli.support import on_database


@click.group()
def search() -> None:
    """Make the search index anew."""


@search.command()
def rebuild() -> None:
    """Make the search index anew from the objects, in one transaction.

    Changes, loads and restores keep the index up to date. Run this command after an upgrade whose notes say so, or if
    another program changed the objects.
    """
    from resolvers.search_index.entries import rebuild_index

    report = on_database(rebuild_index)
    count = sum(report.counts.values())
    click.echo(f"The search index has {count} objects: {', '.join(f'{n} {k}' for k, n in report.counts.items())}.")
    if report.removed:
        click.echo(f"{report.removed} entries of objects that do not exist were removed.")
