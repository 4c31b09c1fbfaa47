"""Runs compiled queries on PostgreSQL, with asyncpg and cached prepared statements."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any

import asyncpg  # type: ignore[import-untyped] # asyncpg has no types

from resolvers.core import cache_bounds
from resolvers.core.lru_cache import LRUCache
from resolvers.database.unavailable import fault_of, translated_faults

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from resolvers.database.session_settings import SessionSettings

logger = logging.getLogger(__name__)

#: The errors of a connection that ends during use.
CONNECTION_ENDED = (
    OSError
    | asyncpg.InterfaceError
    | asyncpg.InternalClientError
    | asyncpg.PostgresConnectionError
    | asyncpg.AdminShutdownError
    | asyncpg.CrashShutdownError
    | asyncpg.CannotConnectNowError
)

#: The time limit for closing a connection.
CLOSING_SECONDS = 5


class PreparedConnection:
    """A direct connection, with an LRU cache of its prepared statements."""

    def __init__(self, connection: Any) -> None:
        self.connection = connection
        # asyncpg closes a prepared statement in the database when it is evicted from this cache.
        self._prepared: LRUCache[Any] = LRUCache(*cache_bounds.PREPARED_STATEMENTS)

    async def fetch_text(self, sql: str, values: Sequence[Any]) -> str:
        """Return the only value of a statement, a text."""
        prepared = self._prepared.get(sql)
        if prepared is None:
            prepared = await self.connection.prepare(sql)
            self._prepared.put(sql, prepared, len(sql))
        text: str = await prepared.fetchval(*values)
        return text


class PgBouncerConnection:
    """A connection to a pooler: each statement runs in a transaction with its own settings."""

    def __init__(self, connection: Any, settings: str) -> None:
        """Use the statement `settings` to set the session settings."""
        self.connection = connection
        self._begin = f"BEGIN READ ONLY; {settings}"

    async def fetch_text(self, sql: str, values: Sequence[Any]) -> str:
        """Return the only value of a statement, a text."""
        await self.connection.execute(self._begin)
        try:
            text: str = await self.connection.fetchval(sql, *values)
        except asyncpg.PostgresError:
            await self.connection.execute("ROLLBACK")
            raise
        await self.connection.execute("COMMIT")
        return text


class PostgresQueryRunner:
    """Runs compiled queries on connections that are opened on demand.

    asyncpg's own pool would make a small query a quarter slower: it protects against uses of a connection that do
    not occur here.
    """

    def __init__(self, arguments: Mapping[str, Any], sessions: SessionSettings, connections: int) -> None:
        """Use asyncpg's connection arguments, these session settings, and at most this number of connections."""
        self._sessions = sessions
        self._arguments = {**arguments, **sessions.arguments()}
        self._turns = asyncio.Semaphore(connections)
        self._busy = 0
        self._idle: list[PreparedConnection | PgBouncerConnection] = []
        self._ending: set[asyncio.Task[None]] = set()

    async def fetch_text(self, sql: str, values: Sequence[Any]) -> str:
        """Return the only value of a statement, a text. A cancellation also cancels the statement in the database.

        Raises DatabaseUnavailableError or a subclass if the database fails.
        """
        async with self._turns:
            session = await self._session()
            self._busy += 1
            try:
                text = await session.fetch_text(sql, values)
            except BaseException as error:
                ended = isinstance(error, asyncio.CancelledError | CONNECTION_ENDED)
                if ended:
                    self._end(session)
                else:
                    self._idle.append(session)
                fault = fault_of(error, connecting=ended)
                if fault is None:
                    raise
                raise fault from error
            finally:
                self._busy -= 1
            self._idle.append(session)
            return text

    @property
    def connections(self) -> tuple[int, int]:
        """The number of connections that run a statement, and of those that are idle."""
        return self._busy, len(self._idle)

    async def close(self) -> None:
        """Close every connection."""
        while self._idle:
            self._end(self._idle.pop())
        await asyncio.gather(*self._ending)

    async def _session(self) -> PreparedConnection | PgBouncerConnection:
        while self._idle:
            session = self._idle.pop()
            if not session.connection.is_closed():
                return session
        with translated_faults(connecting=True):
            connection = await asyncpg.connect(**self._arguments)
            if self._sessions.pooled:
                return PgBouncerConnection(connection, self._sessions.as_transaction_statement())
            return PreparedConnection(await self._in_role(connection))

    async def _in_role(self, connection: Any) -> Any:
        """Check that the connection uses its role and return it: some poolers ignore this setting."""
        role = await connection.fetchval("SELECT current_user")
        if role != self._sessions.role:
            await connection.close(timeout=CLOSING_SECONDS)
            message = "a session runs as %s instead of %s: behind a pooler, set COALITION_PGBOUNCER=1"
            logger.error(message, role, self._sessions.role)
            raise RuntimeError(message)
        return connection

    def _end(self, session: PreparedConnection | PgBouncerConnection) -> None:
        """Close a connection in the background; this also cancels its running statement."""
        task = asyncio.create_task(_close(session.connection))
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)


async def _close(connection: Any) -> None:
    try:
        await connection.close(timeout=CLOSING_SECONDS)
    except Exception:  # noqa: BLE001 - the connection ends in any case
        connection.terminate()
