"""`coalition audit`: whether the trail of changes is as it was written."""
# ruff: noqa: PLC0415 (the database stack takes a second to import, for which a bad argument should not wait)

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
    """Check the trail of changes, and keep its end elsewhere."""


@audit.command()
def head() -> None:
    """Print the end of the trail as JSON, to be kept where nobody who reaches the database can change it."""
    from resolvers.audit.hash_chain import read_head

    found = on_database(read_head)
    click.echo(json.dumps({"sequence": found.sequence, "hash": found.hash}))


@audit.command()
@click.option(
    "--head",
    "file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A head that was printed before: shows whether the end of the trail was cut off since.",
)
def verify(*, file: Path | None) -> None:
    """Check every event of the trail; the first that is bad is named, and ends the command with 1."""
    kept = _read(file) if file else None
    from resolvers.audit.hash_chain import verify as check

    found = on_database(lambda database: check(database, kept))
    click.echo(f"{found.sequence} events are good; the last has the hash {found.hash}.")


def _read(file: Path) -> ChainHead:
    from resolvers.audit.hash_chain import SHAPE, ChainHead
    from resolvers.core.json_file import read_json

    try:
        return ChainHead.of(read_json(file, ValueError))
    except ValueError as error:
        message = f"{file} holds no head: give a file with what coalition audit head printed. {SHAPE}"
        raise click.ClickException(message) from error
