"""`coalition changes`: maintains the feed of changes."""
# ruff: noqa: PLC0415 (importing the database stack takes a second; a bad argument must fail without that delay)

from __future__ import annotations

import click

from server.cli.support import on_database


@click.group()
def changes() -> None:
    """Maintain the feed of changes."""


@changes.command("prune")
def prune_changes() -> None:
    """Delete the changes that are older than 400 days.

    Run it once a day. The audit log keeps its events.
    """
    from resolvers.audit.prune_feed import prune_feed

    done = on_database(prune_feed)
    click.echo(f"{done} changes were deleted.")
