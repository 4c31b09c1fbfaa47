"""Alembic's environment: it connects to the database through the application's own engine.

The address comes from `config.attributes["url"]` if the caller sets it, otherwise from the application's settings. If
several processes migrate at once, one runs the migrations; the others wait and then have nothing to do.
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

# Any number works, but it must never change: processes of different releases wait for this lock.
ADVISORY_LOCK = 20240403
WAIT_MILLISECONDS = 60_000
#: The virtual table of SQLite's full-text index; the tables in which SQLite stores it have names that begin so.
FULL_TEXT_INDEX = "search_words"
AUTOGENERATE_PLUGINS = ["alembic.autogenerate.*", "alembic.ext.checkconstraint_byname", "coalition.protection"]


# Alembic can compare the expression of a computed column only as text, and PostgreSQL rewrites it.
warnings.filterwarnings("ignore", message="Computed default on", category=UserWarning)


def database_url() -> str:
    """Return the address of the database to migrate."""
    return str(context.config.attributes.get("url") or load_settings().database_url)


def render_item(kind: str, item: Any, _context: AutogenContext) -> str | Literal[False]:
    """Render our own column types as the plain types that they store.

    A migration must never change its behaviour, so it imports nothing from the application.
    """
    if kind != "type" or not isinstance(item, TypeDecorator):
        return False
    on_sqlite = item.load_dialect_impl(sqlite.dialect())
    return f"sa.{item.impl_instance!r}.with_variant(sa.{on_sqlite!r}, 'sqlite')"


def is_of_the_models(item: Any, name: str | None, kind: str, *_: object) -> bool:
    """Return whether Alembic compares an object: not SQLite's full-text index, which only its migration describes."""
    if kind == "index":
        return item.dialect_options["postgresql"]["using"] != "gin" or context.get_context().dialect.name != "sqlite"
    return not (kind == "table" and str(name).startswith(FULL_TEXT_INDEX))


def settings(dialect: str) -> dict[str, Any]:
    """Return Alembic's options for one kind of database: what it compares and how it writes migrations."""
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
        "include_object": is_of_the_models,
        # One migration is for both kinds, so it uses batches: SQLite alters a table by copying it.
        "render_as_batch": True,
        "transactional_ddl": True,
        # Other processes wait for SQLite's single write lock, so one transaction must hold it for all migrations.
        "transaction_per_migration": dialect == "postgresql",
        "on_version_apply": refuse_broken_references if dialect == "sqlite" else None,
    }


def refuse_broken_references(ctx: MigrationContext, **_: Any) -> None:
    """Check the foreign keys that were off while tables were copied. Raises CommandError if one is broken."""
    if ctx.as_sql or ctx.connection is None:
        return
    broken = ctx.connection.exec_driver_sql("PRAGMA foreign_key_check").all()
    if broken:
        found = ", ".join(sorted({f"{row[0]} → {row[2]}" for row in broken}))
        message = f"the migration leaves references to rows that do not exist ({found}); nothing was changed"
        raise CommandError(message)


def migrate(connection: Connection) -> None:
    """Run the requested migrations on `connection`, while other processes wait."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": ADVISORY_LOCK})
        connection.commit()
    context.configure(connection=connection, **settings(connection.dialect.name))
    with context.begin_transaction():
        context.run_migrations()


def _prepare_sqlite(connection: Any, _record: object) -> None:
    # Copying drops the old table, which foreign keys would prevent. SQLite accepts this only outside a transaction.
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
    """Print the SQL of the requested migrations instead of running it (`alembic upgrade head --sql`)."""
    # With another style of parameters, SQLAlchemy prints each percent sign twice.
    style = {"paramstyle": "named"}
    context.configure(url=url, literal_binds=True, dialect_opts=style, **settings(make_url(url).get_backend_name()))
    with context.begin_transaction():
        context.run_migrations()


if context.is_offline_mode():
    print_sql(database_url())
else:
    asyncio.run(migrate_online(database_url()))
