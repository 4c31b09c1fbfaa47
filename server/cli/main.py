"""The `coalition` command.

What a command needs is imported when it runs: the database stack takes a second to
import, for which neither `coalition --help` nor a bad argument should wait.
"""
# ruff: noqa: PLC0415 (the reason stands above)

from __future__ import annotations

import gc
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from server.cli.accounts import account, token
from server.cli.audit import audit
from server.cli.backup import backup, restore
from server.cli.files import files
from server.cli.graphiql import build_if_possible, graphiql
from server.cli.support import on_database, one_line_faults, read_settings
from server.cli.trusted_documents import trusted_documents

if TYPE_CHECKING:
    import socket


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Serve the IT Coalition's GraphQL API, and look after its database."""


@main.command()
@click.option("--demo", is_flag=True, help="Serve the public record from an SQLite file of its own, var/demo.db.")
@click.option("--host", help="The address of this machine to listen on, else COALITION_HOST.")
@click.option("--port", help="The port to listen on, else COALITION_PORT.")
@click.option("--workers", help="How many processes answer, else COALITION_WORKERS.")
def serve(*, demo: bool, host: str | None, port: str | None, workers: str | None) -> None:
    """Serve the API, and GraphiQL for a browser, at /graphql."""
    # Nothing that is loaded is ever thrown away again: the application turns the collector on when it starts.
    gc.disable()
    _store_bytecode()
    from server.config.urls import is_loopback

    settings = read_settings(host=host, port=port, workers=workers)
    if demo and not is_loopback(settings.host):
        message = f"The demonstration shows its tokens to everybody: it listens on this machine, not {settings.host}."
        raise click.ClickException(message)
    if demo:
        from server.startup.demo import DATABASE_URL, prepare_demo

        with one_line_faults(DATABASE_URL, is_demo=True):
            build_if_possible()
            settings = prepare_demo(settings)
    with one_line_faults(settings.database_url, is_demo=demo):
        from resolvers.files.open_store import open_store
        from server.config.settings import make_database_folder
        from server.startup.serve import open_socket, prepare, run

        make_database_folder(settings.database_url)
        open_store(settings.file_store).prepare()
        listener = open_socket(settings.host, settings.port)
    config = prepare(settings)
    click.echo(_welcome(listener))
    for persona in settings.demo_personas:
        click.echo(f"{persona.title}: {persona.token}")
    run(config, listener)


def _store_bytecode() -> None:
    """Have Python store what it compiles, in this process and in the workers: without, each start takes twice as long.

    The images of containers often forbid it by PYTHONDONTWRITEBYTECODE.
    """
    sys.dont_write_bytecode = False
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)


def _welcome(listener: socket.socket) -> str:
    from server.graphiql.build import COMMAND, newest_build
    from server.startup.serve import address

    if newest_build():
        return f"The API and GraphiQL are at {address(listener)} (stop with Ctrl+C)"
    return f"The API is at {address(listener)} (stop with Ctrl+C); for GraphiQL, run `{COMMAND}`"


@main.command()
def migrate() -> None:
    """Bring the database up to date."""
    settings = read_settings()
    from resolvers.database.unavailable import DatabaseUnavailableError
    from server.startup.migrations import head_revision, roles_missing, upgrade

    with one_line_faults(settings.database_url):
        try:
            upgrade(settings.database_url)
        except DatabaseUnavailableError:
            raise
        except Exception:
            # A migration hands something over to a role, and fails where whoever migrates may not take it.
            if missing := roles_missing(settings.database_url):
                raise click.ClickException(missing) from None
            raise
        missing = roles_missing(settings.database_url)
    click.echo(f"The database is at revision {head_revision()}.")
    if missing:
        click.echo(f"Warning: {missing}", err=True)


@main.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def load(file: Path) -> None:
    """Load a public record; loading it again changes nothing."""
    from resolvers.record.loader import load_file

    report = on_database(lambda database: load_file(database.bypass_policies("an operator loads a record"), file))
    click.echo(f"{file}: {report}.")


@main.command()
def schema() -> None:
    """Print the GraphQL schema."""
    from schema import schema as contract

    click.echo(contract.as_str())


main.add_command(account)
main.add_command(audit)
main.add_command(backup)
main.add_command(trusted_documents)
main.add_command(files)
main.add_command(graphiql)
main.add_command(restore)
main.add_command(token)
