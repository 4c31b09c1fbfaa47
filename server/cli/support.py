"""Functions that all commands use: settings, the database, one-line errors and tables."""
# ruff: noqa: PLC0415 (importing the database stack takes a second; a bad argument must fail without that delay)

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

import click

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence

    from resolvers.database.database import Database
    from server.config.settings import Settings

Result = TypeVar("Result")


def read_settings(**options: str | None) -> Settings:
    """Return the settings; `options` override the environment. A bad value ends the command with one line."""
    from server.config.settings import SettingsError, load_settings
    from server.startup.logging_setup import configure_logging

    try:
        settings = load_settings(**options)
    except SettingsError as error:
        raise click.ClickException(str(error)) from None
    configure_logging(settings)
    return settings


@contextmanager
def one_line_faults(url: str | None = None, *, is_demo: bool = False) -> Iterator[None]:
    """Turn an error that an operator can fix into one line; any other error is a bug and keeps its traceback.

    `url` is the address of the database that the block uses. No setting names that of the demonstration (`is_demo`).
    """
    try:
        with _unlogged():
            yield
    except Exception as error:
        message = _explain(error, url, is_demo=is_demo)
        if message is None:
            raise
        raise click.ClickException(message) from None


@contextmanager
def _unlogged() -> Iterator[None]:
    """Suppress the log line for a database error, because the error already ends the command with a message."""
    import logging

    from resolvers.database.unavailable import logger

    before = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(before)


def on_database(work: Callable[[Database], Awaitable[Result]]) -> Result:
    """Run `work` on the database of the settings and return its result, or end the command with one line."""
    settings = read_settings()
    import asyncio

    from resolvers.database.database import Database
    from server.config.settings import make_database_folder
    from server.startup.migrations import head_revision

    async def run() -> Result:
        database = Database(settings.database_url, pooled=settings.pgbouncer)
        try:
            if await database.revision() != head_revision():
                message = "The database is not at the newest revision: run coalition migrate first."
                raise click.ClickException(message)
            return await work(database)
        finally:
            await database.close()

    with one_line_faults(settings.database_url):
        make_database_folder(settings.database_url)
        return asyncio.run(run())


def moment(value: dt.datetime | None) -> str:
    """Return a time as text for a table."""
    return value.isoformat(timespec="minutes").replace("+00:00", "Z") if value else "never"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print rows of texts below the names of their columns."""
    lines = [head, *rows]
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    for line in lines:
        click.echo("  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)).rstrip())


def _explain(error: Exception, url: str | None, *, is_demo: bool) -> str | None:
    """Return the message for an operator, None for a bug."""
    from alembic.util import CommandError

    from resolvers.audit.hash_chain import ChainError
    from resolvers.backup.manifest import BackupError
    from resolvers.files.purge import PurgeError
    from resolvers.files.store import StoreError
    from resolvers.identity.account_admin import AccountCommandError
    from resolvers.record.loader import RecordError
    from resolvers.trusted_documents import TrustedDocumentError
    from server.cli.faults import explain_database, explain_file_store, explain_system
    from server.config.settings import SettingsError
    from server.startup.demo_steps import DemoError

    message = explain_database(error, url, is_demo=is_demo) if url else None
    if message is not None:
        return message
    if isinstance(error, StoreError):
        return explain_file_store(error)
    if isinstance(error, OSError):
        return explain_system(error)
    if isinstance(error, RecordError):
        # One line for each fault.
        return str(error)
    ours = (
        AccountCommandError | BackupError | ChainError | PurgeError | SettingsError | TrustedDocumentError | DemoError
    )
    return str(error).splitlines()[0] if isinstance(error, CommandError | ours) else None
