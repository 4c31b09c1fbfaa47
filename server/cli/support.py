"""What every command does alike: it reads the settings, and tells an operator's fault from one of ours."""
# ruff: noqa: PLC0415 (the database stack takes a second to import, for which a bad argument should not wait)

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
    """Give the settings, `options` before the environment; a bad one ends the command with one line."""
    from server.config.settings import SettingsError, load_settings
    from server.startup.logging_setup import configure_logging

    try:
        settings = load_settings(**options)
    except SettingsError as error:
        raise click.ClickException(str(error)) from None
    configure_logging(settings.log_level)
    return settings


@contextmanager
def one_line_faults() -> Iterator[None]:
    """Turn what an operator can mend into one line; anything else is a fault of ours and keeps its traceback."""
    try:
        yield
    except Exception as error:
        if not _is_for_the_operator(error):
            raise
        # The driver's own words, without the statement that SQLAlchemy adds.
        said = str(getattr(error, "orig", None) or error).strip() or type(error).__name__
        raise click.ClickException(said.splitlines()[0]) from None


def on_database(work: Callable[[Database], Awaitable[Result]]) -> Result:
    """Do some `work` on the database of the settings; give what comes of it, or end the command with one line."""
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

    with one_line_faults():
        make_database_folder(settings.database_url)
        return asyncio.run(run())


def moment(value: dt.datetime | None) -> str:
    """Give a moment as it is shown in a table."""
    return value.isoformat(timespec="minutes").replace("+00:00", "Z") if value else "never"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print rows of texts under the names of their columns."""
    lines = [head, *rows]
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    for line in lines:
        click.echo("  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)).rstrip())


def _is_for_the_operator(error: Exception) -> bool:
    from alembic.util import CommandError
    from asyncpg import PostgresError  # type: ignore[import-untyped]
    from sqlalchemy.exc import DBAPIError

    from resolvers.audit.hash_chain import ChainError
    from resolvers.backup.manifest import BackupError
    from resolvers.files.store import StoreError
    from resolvers.identity.account_admin import AccountCommandError
    from resolvers.query.trusted_documents import TrustedDocumentError
    from resolvers.record.loader import RecordError

    ours = AccountCommandError | BackupError | ChainError | RecordError | StoreError | TrustedDocumentError
    return isinstance(error, CommandError | DBAPIError | OSError | PostgresError | ours)
