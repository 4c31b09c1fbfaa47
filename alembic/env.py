"""Where Alembic starts: it reaches the database through the application's own engine.

The address is what the caller set in `config.attributes["url"]`, else the one in
the application's settings. Of several starters at once one migrates, and the
others wait for it and find nothing left to do.
"""

from __future__ import annotations

import asyncio
import warnings
from typing import TYPE_CHECKING, Any, Literal

import protection_autogenerate
from alembic import context
from alembic.util import CommandError
from sqlalchemy import NullPool, event, make_url, text
from sqlalchemy.dialects import sqlite
from sqlalchemy.types import TypeDecorator

import models
from resolvers.database.database import create_engine
from resolvers.database.statement_guard import bypass_options
from server.config.settings import load_settings, make_database_folder

if TYPE_CHECKING:
    from alembic.autogenerate.api import AutogenContext
    from alembic.runtime.migration import MigrationContext
    from sqlalchemy import Connection

# Any number serves, as long as it never changes: it is what starters of different releases wait for.
ADVISORY_LOCK = 20240403
WAIT_MILLISECONDS = 60_000
AUTOGENERATE_PLUGINS = ["alembic.autogenerate.*", "alembic.ext.checkconstraint_byname", "coalition.protection"]


# Alembic can compare a computed column's expression only letter by letter, and PostgreSQL rewrites it.
warnings.filterwarnings("ignore", message="Computed default on", category=UserWarning)


def database_url() -> str:
    """Give the address of the database to migrate."""
    return str(context.config.attributes.get("url") or load_settings().database_url)


def render_item(kind: str, item: Any, _context: AutogenContext) -> str | Literal[False]:
    """Render our own column types as the plain ones they store.

    A migration must go on doing what it did when it was written, so it imports nothing of ours.
    """
    if kind != "type" or not isinstance(item, TypeDecorator):
        return False
    on_sqlite = item.load_dialect_impl(sqlite.dialect())
    return f"sa.{item.impl_instance!r}.with_variant(sa.{on_sqlite!r}, 'sqlite')"


def settings(dialect: str) -> dict[str, Any]:
    """Give what Alembic compares and how it writes, for one kind of database."""
    return {
        "target_metadata": models.Base.metadata,
        "autogenerate_plugins": [
            "alembic.autogenerate.*",
            "alembic.ext.checkconstraint_byname",
            "coalition.protection",
        ],
        "process_revision_directives": protection_autogenerate.process_revision_directives,
        "compare_type": True,
        "compare_server_default": True,
        "render_item": render_item,
        # One file serves both kinds, so it is written for SQLite, which alters a table by copying it.
        "render_as_batch": True,
        "transactional_ddl": True,
        # SQLite's one write lock is what other starters wait for: it must hold from the first step to the last.
        "transaction_per_migration": dialect == "postgresql",
        "on_version_apply": refuse_broken_references if dialect == "sqlite" else None,
    }


def refuse_broken_references(ctx: MigrationContext, **_: Any) -> None:
    """Check the foreign keys that were off while tables were copied. Raises CommandError where one is broken."""
    if ctx.as_sql or ctx.connection is None:
        return
    broken = ctx.connection.exec_driver_sql("PRAGMA foreign_key_check").all()
    if broken:
        found = ", ".join(sorted({f"{row[0]} → {row[2]}" for row in broken}))
        message = f"the migration leaves references to rows that do not exist ({found}); nothing was changed"
        raise CommandError(message)


def migrate(connection: Connection) -> None:
    """Run the asked-for migrations over `connection`, alone."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": ADVISORY_LOCK})
        connection.commit()
    context.configure(connection=connection, **settings(connection.dialect.name))
    with context.begin_transaction():
        context.run_migrations()


def _prepare_sqlite(connection: Any, _record: object) -> None:
    # Copying a table drops the old one, which its references would refuse; SQLite takes this only outside transactions.
    for pragma in ("PRAGMA foreign_keys=OFF", f"PRAGMA busy_timeout={WAIT_MILLISECONDS}"):
        connection.execute(pragma)


async def migrate_online(url: str) -> None:
    """Connect to the database at `url` and migrate it."""
    make_database_folder(url)
    engine = create_engine(url, poolclass=NullPool)
    migrating = engine.execution_options(**bypass_options("a migration rebuilds the tables themselves", unaudited=True))
    if engine.dialect.name == "sqlite":
        event.listen(engine.sync_engine, "connect", _prepare_sqlite)
    try:
        async with migrating.connect() as connection:
            await connection.run_sync(migrate)
    finally:
        await engine.dispose()


def print_sql(url: str) -> None:
    """Write the SQL of the asked-for migrations instead of running it (`alembic upgrade head --sql`)."""
    context.configure(url=url, literal_binds=True, **settings(make_url(url).get_backend_name()))
    with context.begin_transaction():
        context.run_migrations()


if context.is_offline_mode():
    print_sql(database_url())
else:
    asyncio.run(migrate_online(database_url()))
