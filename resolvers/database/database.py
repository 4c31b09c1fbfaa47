"""The database, SQLite or PostgreSQL: a runner for compiled queries, and an engine for all other statements.

A compiled query contains the policies. An engine applies no policies, so a caller must state a reason to get one
(`Database.bypass_policies`). A test ensures that no code outside this package creates an engine.

Reads run in autocommit: one statement is one snapshot and needs no transaction.

On PostgreSQL the runner and the engines each use a role of their own, with its permissions instead of the login's
(see `resolvers/access/row_level_security.py`).
"""

from __future__ import annotations

import asyncio
import datetime as dt
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import AsyncAdaptedQueuePool, event, make_url, text
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine

from resolvers.database import sqlite_driver
from resolvers.database.catalogue import read_catalogue
from resolvers.database.roles import APPLICATION, OPERATOR, READER
from resolvers.database.session_settings import SessionSettings
from resolvers.database.sqlite_reader import SqliteQueryRunner
from resolvers.database.statement_guard import bypass_options
from resolvers.database.unavailable import WatchedPool, watch_engine
from resolvers.database.writability import check_postgresql, check_sqlite

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Sequence

    from sqlalchemy.ext.asyncio import AsyncEngine

    from resolvers.database.reader import QueryRunner, StatementWatch

Result = TypeVar("Result")

DRIVERS = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+asyncpg"}

SQLITE_PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA foreign_keys=ON",
    "PRAGMA busy_timeout=5000",
    "PRAGMA synchronous=FULL",
)

#: SQLAlchemy's arguments for no prepared statements beyond one transaction.
NO_PREPARED_STATEMENTS: dict[str, Any] = {
    "prepared_statement_cache_size": 0,
    "prepared_statement_name_func": lambda: "",
}

#: The default number of compiled queries that run at the same time.
CONNECTIONS = 10

#: Only existing roles, as others cannot be granted. Before PostgreSQL 16 every member of a role may use SET ROLE.
NOT_GRANTED = text(
    "SELECT rolname FROM pg_roles WHERE rolname = ANY (CAST(:roles AS TEXT[])) AND NOT pg_has_role(oid, "
    "CASE WHEN current_setting('server_version_num')\\:\\:INT >= 160000 THEN 'SET' ELSE 'MEMBER' END) ORDER BY rolname"
)

#: Concurrent write transactions of a worker on PostgreSQL. A transaction locks the audit log from its last event until
#: the commit. With 16 writers the lock is held while others compute: 105 changes per second instead of 160 with 4.
WRITERS = 4

#: The default session settings.
AUTOCOMMIT_OPTIONS = SessionSettings()


def create_engine(url: str, sessions: SessionSettings = AUTOCOMMIT_OPTIONS, **options: Any) -> AsyncEngine:
    """Return an engine for `url` (`sqlite:///…` or `postgresql://…`) with the settings that every connection needs.

    `sessions` is for PostgreSQL only. Raises ValueError for another database.
    """
    parsed = make_url(url)
    backend = parsed.get_backend_name()
    if backend not in DRIVERS:
        message = f"the database URL must start with sqlite:// or postgresql://, not {backend}://"
        raise ValueError(message)
    parsed = parsed.set(drivername=DRIVERS[backend])
    if backend == "postgresql":
        options.setdefault("connect_args", sessions.arguments() | (NO_PREPARED_STATEMENTS if sessions.pooled else {}))
    else:
        options.setdefault("module", sqlite_driver.driver())
    dialect: Any = parsed.get_dialect()
    # A database in memory exists only in one connection and needs its own type of pool.
    if dialect.get_pool_class(parsed) is AsyncAdaptedQueuePool:
        options.setdefault("poolclass", WatchedPool)
    # Errors and logs must not contain the values of a statement, because these can be TLP:RED.
    engine = create_async_engine(parsed, hide_parameters=True, **options)
    if backend == "sqlite":
        event.listen(engine.sync_engine, "connect", _prepare_sqlite)
        event.listen(engine.sync_engine, "begin", _begin_sqlite)
    elif sessions.pooled:
        statement = sessions.as_transaction_statement()
        event.listen(engine.sync_engine, "begin", lambda connection: connection.exec_driver_sql(statement))
    watch_engine(engine.sync_engine)
    return engine


def _prepare_sqlite(connection: Any, _record: object) -> None:
    # The driver must not begin transactions; `_begin_sqlite` does.
    connection.isolation_level = None
    sqlite_driver.define_functions(connection)
    cursor = connection.cursor()
    for pragma in SQLITE_PRAGMAS:
        cursor.execute(pragma)
    cursor.close()


def _skip_syncs(connection: Any, _record: object) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA synchronous=OFF")
    cursor.close()


def _begin_sqlite(connection: Any) -> None:
    # Read from the options, because the driver reads a pragma, which does not include autocommit.
    if connection.get_execution_options().get("isolation_level") != "AUTOCOMMIT":
        connection.exec_driver_sql("BEGIN IMMEDIATE")


class Database:
    """One database, with its query runner and engines."""

    def __init__(
        self,
        url: str,
        *,
        row_level_security: bool = False,
        connections: int = CONNECTIONS,
        seconds: float | None = None,
        pooled: bool = False,
    ) -> None:
        """Create the engines without opening a connection.

        Args:
            url: The address of the database.
            row_level_security: Whether PostgreSQL's row-level security also applies to queries. SQLite has none.
            connections: The maximum number of compiled queries that run at the same time.
            seconds: The time limit of a statement; PostgreSQL's own timeout is a little longer.
            pooled: Whether the address is that of a PostgreSQL pooler in transaction mode.
        """
        self._pooled = pooled
        self._plain = create_engine(url, SessionSettings(None, seconds, pooled))
        one = self.dialect.name == "sqlite"
        self.row_level_security = row_level_security and not one
        self._operators = self._plain if one else create_engine(url, SessionSettings(OPERATOR, seconds, pooled))
        self._writers: Any = asyncio.Lock() if one else asyncio.Semaphore(WRITERS)
        # sqlite3 takes positional arguments, asyncpg keyword arguments.
        places, names = self.dialect.create_connect_args(self._plain.url)
        self._reader: QueryRunner
        if one:
            self._reader = SqliteQueryRunner(places[0], connections, uri=names.get("uri", False))
        else:
            # Imported late, so that a start with SQLite does not import PostgreSQL's driver.
            from resolvers.database.postgresql_reader import PostgresQueryRunner  # noqa: PLC0415

            sessions = SessionSettings(APPLICATION if self.row_level_security else READER, seconds, pooled)
            self._reader = PostgresQueryRunner(names, sessions, connections)

    def observe(self, watch: StatementWatch) -> None:
        """Have every statement observed. Call this before the first use."""
        self._reader = watch.runner(self._reader)
        for engine in {self._plain, self._operators}:
            watch.engine(engine.sync_engine)

    def skip_syncs(self) -> None:
        """Do not wait for the disk on SQLite: a change takes half the time, but a loss of power can damage the file.

        Call this before the first use, and only for a database that can be made again.
        """
        if self.dialect.name == "sqlite":
            event.listen(self._plain.sync_engine, "connect", _skip_syncs)

    @property
    def dialect(self) -> Any:
        """The SQLAlchemy dialect for compiling statements."""
        return self._plain.dialect

    def fetch_text(self, sql: str, values: Sequence[Any]) -> Awaitable[str]:
        """Run a compiled query in the driver's SQL. Return its only value, a text."""
        return self._reader.fetch_text(sql, values)

    def bypass_policies(self, reason: str, *, read_only: bool = False, unaudited: bool = False) -> AsyncEngine:
        """Return an engine without the policies. This is the only way to get an engine.

        Args:
            reason: Why no policy is needed, in words.
            read_only: Whether statements run in autocommit: on SQLite a transaction waits for the writer.
            unaudited: Whether a transaction may change rows without audit events, for the same reason.

        Raises ValueError for an empty reason.
        """
        engine = self._operators.execution_options(**bypass_options(reason, unaudited=unaudited))
        return self._autocommit(engine) if read_only else engine

    def _autocommit(self, engine: AsyncEngine) -> AsyncEngine:
        # Behind a pooler, only a transaction can set the role of a statement.
        return engine if self._pooled else engine.execution_options(isolation_level="AUTOCOMMIT")

    @asynccontextmanager
    async def session(self, reason: str, **options: Any) -> AsyncIterator[AsyncSession]:
        """Open a session in one transaction without policies, and commit if the block raises no error.

        `options` are SQLAlchemy's, such as the class of the session.
        """
        session = AsyncSession(self.bypass_policies(reason), autoflush=False, expire_on_commit=False, **options)
        # Writers wait here in order. SQLite has one writer, so it never fails with "database is locked".
        async with self._writers, session, session.begin():
            yield session

    async def revision(self) -> str | None:
        """Return the migration revision of the database, None before the first migration.

        Raises DatabaseUnavailableError if the database cannot be reached.
        """
        async with self._autocommit(self._plain).connect() as connection:
            found = await connection.run_sync(lambda sync: sync.dialect.has_table(sync, "alembic_version"))
            if not found:
                return None
            return (await connection.execute(text("SELECT version_num FROM alembic_version"))).scalar()

    async def catalogue(self) -> tuple[int, dict[str, str]]:
        """Return the major version of the engine, and the digest of every part of the database by kind and name.

        Raises as above.
        """
        async with self._autocommit(self._plain).connect() as connection:
            parts = await connection.run_sync(read_catalogue)
            version = connection.dialect.server_version_info or (0,)
            return int(version[0]), parts

    async def check_writable(self) -> None:
        """Raises DatabaseUnavailableError or a subclass if the database cannot be changed now."""
        if self.dialect.name == "sqlite":
            await asyncio.to_thread(check_sqlite, self._plain.url)
            return
        async with self._autocommit(self._plain).connect() as connection:
            await check_postgresql(connection)

    async def clock(self) -> dt.datetime:
        """Return the time of the database's clock; on SQLite it is this machine's. Raises as above."""
        if self.dialect.name == "sqlite":
            return dt.datetime.now(dt.UTC)
        async with self._autocommit(self._plain).connect() as connection:
            moment: dt.datetime = (await connection.execute(text("SELECT clock_timestamp()"))).scalar_one()
            return moment

    async def roles_not_granted(self) -> tuple[str, list[str]]:
        """Return the login, and the existing roles that are not granted to it. Raises DatabaseUnavailableError."""
        if self.dialect.name == "sqlite":
            return "", []
        async with self._autocommit(self._plain).connect() as connection:
            login = (await connection.execute(text("SELECT current_user"))).scalar_one()
            found = await connection.execute(NOT_GRANTED, {"roles": [APPLICATION, OPERATOR, READER]})
            return str(login), list(found.scalars())

    def connections(self) -> dict[str, tuple[int, int]]:
        """Return the number of busy and of idle connections, by use: queries, changes and checks."""
        counts = {"queries": self._reader.connections}
        for use, engine in {"checks": self._plain, "changes": self._operators}.items():
            pool: Any = engine.pool
            if isinstance(pool, AsyncAdaptedQueuePool):
                counts[use] = pool.checkedout(), pool.checkedin()
        return counts

    async def close(self) -> None:
        """Close every connection."""
        await self._reader.close()
        for engine in {self._plain, self._operators}:
            await engine.dispose()
