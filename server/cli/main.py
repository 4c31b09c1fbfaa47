"""The `coalition` command.

Each command imports the modules that it needs when it runs: the database stack takes a second to import, and neither
`coalition --help` nor a bad argument must wait for it.
"""
# ruff: noqa: PLC0415 (the reason is above)

from __future__ import annotations

import gc
import os
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import click

from server.cli.accounts import account, token
from server.cli.audit import audit
from server.cli.backup import backup, restore
from server.cli.changes import changes
from server.cli.demo import demo as demo_commands
from server.cli.demo import missing_personas, print_progress, where_it_is
from server.cli.doctor import doctor
from server.cli.files import files
from server.cli.graphiql import build_if_possible, graphiql
from server.cli.rates import load_rates
from server.cli.search import complete_search_index, search
from server.cli.support import on_database, one_line_faults, read_settings
from server.cli.trusted_documents import trusted_documents

if TYPE_CHECKING:
    import socket

    from server.config.settings import Settings


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="coalition", message="%(version)s")
def main() -> None:
    """Serve the IT Coalition's GraphQL API, and maintain its database."""


@main.command()
@click.option("--demo", is_flag=True, help="Serve the public record and fictional work from var/demo.db.")
@click.option("--host", help="The IP address to listen on; default: COALITION_HOST.")
@click.option("--port", help="The port to listen on; default: COALITION_PORT.")
@click.option("--workers", help="The number of worker processes; default: COALITION_WORKERS.")
def serve(*, demo: bool, host: str | None, port: str | None, workers: str | None) -> None:
    """Serve the API, and GraphiQL for browsers, at /graphql."""
    # Objects that are loaded now live as long as the process; the application enables the collector when it starts.
    gc.disable()
    _store_bytecode()
    from server.config.urls import is_loopback

    settings = read_settings(host=host, port=port, workers=workers)
    if demo and not is_loopback(settings.host):
        message = (
            "The demonstration shows its tokens to every visitor, so it can listen on this machine only, "
            f"not on {settings.host}: use --host 127.0.0.1."
        )
        raise click.ClickException(message)
    from server.startup.serve import open_socket

    # First: a start that cannot listen leaves the database, which another may serve, as it is.
    with one_line_faults():
        listener = open_socket(settings.host, settings.port)
    with listener:
        _serve(settings, listener, demo=demo)


def _serve(settings: Settings, listener: socket.socket, *, demo: bool) -> None:
    from server.monitoring.exporter import exporting
    from server.startup.serve import prepare, run

    place = None
    if demo:
        from server.startup.demo import DATABASE_URL, prepare_demo

        with one_line_faults(DATABASE_URL, is_demo=True):
            build_if_possible()
            place = where_it_is(settings)
            settings = prepare_demo(settings, print_progress)
            complete_search_index(settings, err=True)
    with one_line_faults(settings.database_url, is_demo=demo):
        from resolvers.files.open_store import open_store
        from server.config.settings import make_database_folder

        make_database_folder(settings.database_url)
        open_store(settings.file_store).prepare()
    with ExitStack() as stack:
        with one_line_faults():
            stack.enter_context(exporting(settings))
        config = prepare(settings)
        click.echo(_welcome(listener))
        for persona in settings.demo_personas:
            click.echo(f"{persona.title}: {persona.token}")
        if place:
            for line in (*missing_personas(settings), place):
                click.echo(line)
        run(config, listener)


def _store_bytecode() -> None:
    """Make Python store its bytecode, in this process and in the workers; otherwise each start takes twice as long.

    Container images often disable this with PYTHONDONTWRITEBYTECODE.
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
    """Run the pending migrations of the database."""
    settings = read_settings()
    from resolvers.database.unavailable import DatabaseUnavailableError
    from server.startup.fingerprints import schema_fault_at
    from server.startup.migrations import head_revision, roles_missing, upgrade

    with one_line_faults(settings.database_url):
        try:
            upgrade(settings.database_url)
        except DatabaseUnavailableError:
            raise
        except Exception:
            # A migration makes a role the owner of a view, and fails if the login is not a member of that role.
            if missing := roles_missing(settings.database_url):
                raise click.ClickException(missing) from None
            raise
        missing = roles_missing(settings.database_url)
        fault = schema_fault_at(settings.database_url)
    if fault:
        advice = "Restore a backup into a new database, or have what is named made as the migrations make it."
        message = f"{fault} {advice}"
        raise click.ClickException(message)
    click.echo(f"The database is at revision {head_revision()}.")
    if missing:
        click.echo(f"Warning: {missing}", err=True)
        return
    with one_line_faults(settings.database_url):
        complete_search_index(settings)


@main.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--diff", is_flag=True, help="Show what the load would change, and write nothing.")
@click.option(
    "--overwrite",
    "overwrites",
    metavar="FIELD",
    multiple=True,
    help="Take this field from the record although a person changed it: a table and a field, such as "
    "capability_needs.title, or a record and a field, such as NEED-001.title. May be given more than once.",
)
def load(*, file: Path, diff: bool, overwrites: tuple[str, ...]) -> None:
    """Load the public record in FILE.

    A load writes what the file changed since the last load. What people changed, added or removed stays as they left
    it, and is listed. Loading the same file again changes nothing.
    """
    from resolvers.nouns import load_nouns
    from resolvers.record.loader import load_file

    load_nouns()
    report = on_database(
        lambda database: load_file(
            database.bypass_policies("an operator loads a record"), file, overwrites=overwrites, dry_run=diff
        )
    )
    for line in (*(report.changes if diff else ()), *report.preserved):
        click.echo(f"{line}.")
    click.echo(f"{file}: {report}{'; nothing was written' if diff else ''}.")


@main.command()
def schema() -> None:
    """Print the GraphQL schema."""
    from schema import schema as contract

    click.echo(contract.as_str())


main.add_command(account)
main.add_command(audit)
main.add_command(search)
main.add_command(backup)
main.add_command(changes)
main.add_command(demo_commands)
main.add_command(doctor)
main.add_command(trusted_documents)
main.add_command(files)
main.add_command(load_rates)
main.add_command(graphiql)
main.add_command(restore)
main.add_command(token)
