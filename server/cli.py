"""The `coalition` command.

What a command needs is imported when it runs: the database stack takes a second to
import, for which neither `coalition --help` nor a bad argument should wait.
"""
# ruff: noqa: PLC0415 (the reason stands above)

from __future__ import annotations

import gc
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Iterator

    from server.settings import Settings


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
    settings = _settings(host=host, port=port, workers=workers)
    with _one_line_faults():
        if demo:
            from server.demo import prepare_demo

            settings = settings.model_copy(update={"database_url": prepare_demo()})
        from server.graphiql import build_graphiql
        from server.serve import address, open_socket, prepare, run
        from server.settings import make_database_folder

        make_database_folder(settings.database_url)
        hint = build_graphiql()
        if hint is not None:
            click.echo(hint, err=True)
        listener = open_socket(settings.host, settings.port)
    config = prepare(settings)
    click.echo(f"The API and GraphiQL are at {address(listener)} (stop with Ctrl+C)")
    run(config, listener)


@main.command()
def migrate() -> None:
    """Bring the database up to date."""
    settings = _settings()
    from server.migrations import head_revision, upgrade

    with _one_line_faults():
        upgrade(settings.database_url)
    click.echo(f"The database is at revision {head_revision()}.")


@main.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def load(file: Path) -> None:
    """Load a public record; loading it again changes nothing."""
    settings = _settings()
    from server.loading import load as load_into

    with _one_line_faults():
        report = load_into(settings.database_url, file)
    click.echo(f"{file}: {report}.")


@main.command()
def schema() -> None:
    """Print the GraphQL schema."""
    from schema import schema as contract

    click.echo(contract.as_str())


def _settings(**options: str | None) -> Settings:
    from server.logs import configure_logging
    from server.settings import SettingsError, load_settings

    try:
        settings = load_settings(**options)
    except SettingsError as error:
        raise click.ClickException(str(error)) from None
    configure_logging(settings.log_level)
    return settings


@contextmanager
def _one_line_faults() -> Iterator[None]:
    """Turn what an operator can mend into one line; anything else is a fault of ours and keeps its traceback."""
    try:
        yield
    except Exception as error:
        if not _is_for_the_operator(error):
            raise
        # The driver's own words, without the statement that SQLAlchemy adds.
        said = str(getattr(error, "orig", None) or error).strip() or type(error).__name__
        raise click.ClickException(said.splitlines()[0]) from None


def _is_for_the_operator(error: Exception) -> bool:
    from alembic.util import CommandError
    from asyncpg import PostgresError  # type: ignore[import-untyped]
    from sqlalchemy.exc import DBAPIError

    from resolvers.public_record import RecordError

    return isinstance(error, CommandError | DBAPIError | OSError | PostgresError | RecordError)
