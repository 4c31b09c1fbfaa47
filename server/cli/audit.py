"""`coalition audit`: verifies that the audit log was not changed."""
# ruff: noqa: PLC0415 (importing the database stack takes a second; a bad argument must fail without that delay)

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from server.cli.support import on_database

if TYPE_CHECKING:
    from resolvers.audit.hash_chain import ChainHead


@click.group()
def audit() -> None:
    """Verify the audit log, and print its head."""


@audit.command()
def head() -> None:
    """Print the head of the audit log as JSON: the sequence and hash of its last event.

    Store it where users of the database cannot change it.
    """
    from resolvers.audit.hash_chain import read_head

    found = on_database(read_head)
    click.echo(json.dumps({"sequence": found.sequence, "hash": found.hash}))


@audit.command()
@click.option(
    "--head",
    "file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A head printed earlier; detects events removed from the end of the audit log since then.",
)
def verify(*, file: Path | None) -> None:
    """Verify every event of the audit log.

    The command names the first bad event and exits with status 1.
    """
    expected = _read(file) if file else None
    from resolvers.audit.hash_chain import verify as check

    found = on_database(lambda database: check(database, expected))
    click.echo(f"{found.sequence} events are valid; the last has the hash {found.hash}.")


def _read(file: Path) -> ChainHead:
    from resolvers.audit.hash_chain import SHAPE, ChainHead
    from resolvers.core.json_file import read_json

    try:
        return ChainHead.of(read_json(file, ValueError))
    except ValueError as error:
        message = f"{file} does not contain a head: pass a file with the output of coalition audit head. {SHAPE}"
        raise click.ClickException(message) from error
