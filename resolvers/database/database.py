"""The way to the database, SQLite or PostgreSQL: a runner of compiled queries, and an engine for everything else.

Compiled queries carry the policies in themselves. An engine carries none, and is given for a reason only
(`Database.bypass_policies`); a test holds that nothing outside of this package makes one.

Reads run in autocommit: one statement is one snapshot, so there is nothing to
commit and nothing to leave open.

On PostgreSQL each way goes through a role of its own (`resolvers/access/row_level_security.py` says what each
may do), whatever the login may do.
"""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import AsyncAdaptedQueuePool, event, make_url, text
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine

from resolvers.database import sqlite_driver
from resolvers.database.roles import APPLICATION, OPERATOR, READER
from resolvers.database.session_settings import SessionSettings
from resolvers.database.sqlite_reader import SqliteQueryRunner
from resolvers.database.statement_guard import bypass_options
from resolvers.database.unavailable import WatchedPool, watch_engine
from resolvers.database.writability import check_postgresql, check_sqlite

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Sequence

    from sqlalchemy.ext.asyncio import AsyncEngine

    from resolvers.database.reader import QueryRunner

Result = TypeVar("Result")

DRIVERS = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+asyncpg"}

SQLITE_PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA foreign_keys=ON",
    "PRAGMA busy_timeout=5000",
    "PRAGMA synchronous=FULL",
)

#: SQLAlchemy's arguments to prepare nothing that outlives a transaction.
NO_PREPARED_STATEMENTS: dict[str, Any] = {
    "prepared_statement_cache_size": 0,
    "prepared_statement_name_func": lambda: "",
}

#: How many statements of the plan run at once, unless told otherwise.
CONNECTIONS = 10

#: Those that exist, as no other can be granted. Before PostgreSQL 16 whoever is a member of a role may take it.
NOT_GRANTED = text(
    "SELECT rolname FROM pg_roles WHERE rolname = ANY (CAST(:roles AS TEXT[])) AND NOT pg_has_role(oid, "
    "CASE WHEN current_setting('server_version_num')\\:\\:INT >= 160000 THEN 'SET' ELSE 'MEMBER' END) ORDER BY rolname"
)

#: How many changes a worker makes at once on PostgreSQL. The trail is one line, held from its last event until the
#: commit: sixteen at once kept it held while the others computed, and made 105 changes a second where four make 160.
WRITERS = 4

#: How sessions are that nothing special is said to.
AUTOCOMMIT_OPTIONS = SessionSettings()


def create_engine(url: str, sessions: SessionSettings = AUTOCOMMIT_OPTIONS, **options: Any) -> AsyncEngine:
    """Give the engine for `url` (`sqlite:///…` or `postgresql://…`), with the settings every connection needs.

    `sessions` is for PostgreSQL only. Raises ValueError for another kind of database.
    """
    parsed = make_url(url)
    backend = parsed.get_backend_name()
    if backend not in DRIVERS:
        message = f"a database URL starts with sqlite:// or postgresql://, not {backend}://"
        raise ValueError(message)
    parsed = parsed.set(drivername=DRIVERS[backend])
    if backend == "postgresql":
        options.setdefault("connect_args", sessions.arguments() | (NO_PREPARED_STATEMENTS if sessions.pooled else {}))
    else:
        options.setdefault("module", sqlite_driver.driver())
    dialect: Any = parsed.get_dialect()
    # A database in memory is in the one connection that its own kind of pool has.
    if dialect.get_pool_class(parsed) is AsyncAdaptedQueuePool:
        options.setdefault("poolclass", WatchedPool)
    # Neither an error nor a log repeats the values of a statement, which may be anything that is marked TLP:RED.
    engine = create_async_engine(parsed, hide_parameters=True, **options)
    if backend == "sqlite":
        event.listen(engine.sync_engine, "connect", _prepare_sqlite)
        event.listen(engine.sync_engine, "begin", _begin_sqlite)
    elif sessions.pooled:
        said = sessions.as_transaction_statement()
        event.listen(engine.sync_engine, "begin", lambda connection: connection.exec_driver_sql(said))
    watch_engine(engine.sync_engine)
    return engine


def _prepare_sqlite(connection: Any, _record: object) -> None:
    # The driver must not open transactions by itself: they are begun below.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in SQLITE_PRAGMAS:
        cursor.execute(pragma)
    cursor.close()


def _begin_sqlite(connection: Any) -> None:
    # Asked of the options: the driver would answer with a pragma that knows nothing of autocommit.
    if connection.get_execution_options().get("isolation_level") != "AUTOCOMMIT":
        connection.exec_driver_sql("BEGIN IMMEDIATE")


class Database:
    """One database, and the ways to it."""

    def __init__(
        self,
        url: str,
        *,
        row_level_security: bool = False,
        connections: int = CONNECTIONS,
        seconds: float | None = None,
        pooled: bool = False,
    ) -> None:
        """Open nothing yet.

        Args:
            url: Its address.
            row_level_security: Whether queries pass PostgreSQL's row-level security as well; SQLite has none.
            connections: How many statements of the plan run at once.
            seconds: How long a statement may run; PostgreSQL ends it a moment later, if nobody else did.
            pooled: Whether the address is that of a pooler before PostgreSQL, in transaction mode.
        """
        self._pooled = pooled
        self._plain = create_engine(url, SessionSettings(None, seconds, pooled))
        one = self.dialect.name == "sqlite"
        self.row_level_security = row_level_security and not one
        self._operators = self._plain if one else create_engine(url, SessionSettings(OPERATOR, seconds, pooled))
        self._writers: Any = asyncio.Lock() if one else asyncio.Semaphore(WRITERS)
        # To sqlite3 the arguments go by place, to asyncpg by name.
        places, names = self.dialect.create_connect_args(self._plain.url)
        self._reader: QueryRunner
        if one:
            self._reader = SqliteQueryRunner(places[0], connections, uri=names.get("uri", False))
        else:
            # Only here: a start on SQLite does not wait until PostgreSQL's driver is imported.
            from resolvers.database.postgresql_reader import PostgresQueryRunner  # noqa: PLC0415

            sessions = SessionSettings(APPLICATION if self.row_level_security else READER, seconds, pooled)
            self._reader = PostgresQueryRunner(names, sessions, connections)

    @property
    def dialect(self) -> Any:
        """The SQLAlchemy dialect that statements are compiled for."""
        return self._plain.dialect

    def fetch_text(self, sql: str, values: Sequence[Any]) -> Awaitable[str]:
        """Run one statement of the plan, in the driver's own SQL; give the one text it yields."""
        return self._reader.fetch_text(sql, values)

    def bypass_policies(self, reason: str, *, read_only: bool = False, unaudited: bool = False) -> AsyncEngine:
        """Return an engine whose statements are not restricted by the policies; nothing else gives an engine.

        Args:
            reason: Why no policy is needed, in words.
            read_only: Whether each statement runs by itself: on SQLite a transaction would wait for the writer.
            unaudited: Whether a transaction may change rows and leave no audit event, for the same reason.

        Raises ValueError for an empty reason.
        """
        engine = self._operators.execution_options(**bypass_options(reason, unaudited=unaudited))
        return self._each_by_itself(engine) if read_only else engine

    def _each_by_itself(self, engine: AsyncEngine) -> AsyncEngine:
        # Behind a pooler it takes a transaction to say in which role a statement runs.
        return engine if self._pooled else engine.execution_options(isolation_level="AUTOCOMMIT")

    @asynccontextmanager
    async def session(self, reason: str, **options: Any) -> AsyncIterator[AsyncSession]:
        """Give a session in one transaction, committed where the block ends well; its statements pass no policy.

        `options` are SQLAlchemy's, such as the class of the session.
        """
        session = AsyncSession(self.bypass_policies(reason), autoflush=False, expire_on_commit=False, **options)
        # Whoever waits here is served in turn; SQLite, which has one writer at a time, never says that it is locked.
        async with self._writers, session, session.begin():
            yield session

    async def revision(self) -> str | None:
        """Give the migration the database stands at, None where none has run.

        Raises DatabaseUnavailableError where the database cannot be reached.
        """
        async with self._each_by_itself(self._plain).connect() as connection:
            found = await connection.run_sync(lambda sync: sync.dialect.has_table(sync, "alembic_version"))
            if not found:
                return None
            return (await connection.execute(text("SELECT version_num FROM alembic_version"))).scalar()

    async def check_writable(self) -> None:
        """Raises DatabaseUnavailableError, or one of its kinds, where no change can be made now."""
        if self.dialect.name == "sqlite":
            await asyncio.to_thread(check_sqlite, self._plain.url)
            return
        async with self._each_by_itself(self._plain).connect() as connection:
            await check_postgresql(connection)

    async def roles_not_granted(self) -> tuple[str, list[str]]:
        """Give the login, and the roles it needs, that exist and that it may not take. Raises as above."""
        if self.dialect.name == "sqlite":
            return "", []
        async with self._each_by_itself(self._plain).connect() as connection:
            login = (await connection.execute(text("SELECT current_user"))).scalar_one()
            found = await connection.execute(NOT_GRANTED, {"roles": [APPLICATION, OPERATOR, READER]})
            return str(login), list(found.scalars())

    async def close(self) -> None:
        """Close every connection."""
        await self._reader.close()
        for engine in {self._plain, self._operators}:
            await engine.dispose()
