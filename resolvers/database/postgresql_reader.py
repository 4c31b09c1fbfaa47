"""The read lane of PostgreSQL: asyncpg's connections, and on each the statements that it has prepared."""

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

#: What is raised where a connection ends while it is used.
CONNECTION_ENDED = (
    OSError
    | asyncpg.InterfaceError
    | asyncpg.InternalClientError
    | asyncpg.PostgresConnectionError
    | asyncpg.AdminShutdownError
    | asyncpg.CrashShutdownError
    | asyncpg.CannotConnectNowError
)

#: How long a connection that was used last may take to end.
CLOSING_SECONDS = 5


class PreparedConnection:
    """A connection of our own, and its prepared statements, the least recently used going first."""

    def __init__(self, connection: Any) -> None:
        self.connection = connection
        # asyncpg closes in the database what nobody has any more.
        self._prepared: LRUCache[Any] = LRUCache(*cache_bounds.PREPARED_STATEMENTS)

    async def fetch_text(self, sql: str, values: Sequence[Any]) -> str:
        """Give the one text a statement yields."""
        prepared = self._prepared.get(sql)
        if prepared is None:
            prepared = await self.connection.prepare(sql)
            self._prepared.put(sql, prepared, len(sql))
        text: str = await prepared.fetchval(*values)
        return text


class PgBouncerConnection:
    """A connection to a pooler: each statement has a transaction, and says there how it is to run."""

    def __init__(self, connection: Any, said: str) -> None:
        """Take the statement that says it."""
        self.connection = connection
        self._begin = f"BEGIN READ ONLY; {said}"

    async def fetch_text(self, sql: str, values: Sequence[Any]) -> str:
        """Give the one text a statement yields."""
        await self.connection.execute(self._begin)
        try:
            text: str = await self.connection.fetchval(sql, *values)
        except asyncpg.PostgresError:
            await self.connection.execute("ROLLBACK")
            raise
        await self.connection.execute("COMMIT")
        return text


class PostgresQueryRunner:
    """Reads through connections that are opened when they are needed.

    asyncpg's own pool would cost a small query a quarter as much again: it guards against uses
    of a connection that do not occur here.
    """

    def __init__(self, arguments: Mapping[str, Any], sessions: SessionSettings, connections: int) -> None:
        """Take asyncpg's arguments to connect by, how statements run, and how many connections there may be."""
        self._sessions = sessions
        self._arguments = {**arguments, **sessions.arguments()}
        self._turns = asyncio.Semaphore(connections)
        self._idle: list[PreparedConnection | PgBouncerConnection] = []
        self._ending: set[asyncio.Task[None]] = set()

    async def fetch_text(self, sql: str, values: Sequence[Any]) -> str:
        """Give the one text a statement yields; cancelled, it is cancelled by the server, too.

        Raises DatabaseUnavailableError, or one of its kinds, where the database is at fault.
        """
        async with self._turns:
            session = await self._session()
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
            self._idle.append(session)
            return text

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
        """Give a connection that runs in its role; a pooler may have been set to leave that out."""
        role = await connection.fetchval("SELECT current_user")
        if role != self._sessions.role:
            await connection.close(timeout=CLOSING_SECONDS)
            message = "a session runs as %s instead of %s: behind a pooler, set COALITION_PGBOUNCER=1"
            logger.error(message, role, self._sessions.role)
            raise RuntimeError(message)
        return connection

    def _end(self, session: PreparedConnection | PgBouncerConnection) -> None:
        """End a connection, once the server was told to stop what it does there."""
        task = asyncio.create_task(_close(session.connection))
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)


async def _close(connection: Any) -> None:
    try:
        await connection.close(timeout=CLOSING_SECONDS)
    except Exception:  # noqa: BLE001 - it is over, one way or another
        connection.terminate()
