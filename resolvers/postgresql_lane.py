"""The read lane of PostgreSQL: asyncpg's connections, and on each the statements that it has prepared."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from typing import TYPE_CHECKING, Any

import asyncpg  # type: ignore[import-untyped] # asyncpg has no types

from resolvers.lanes import MOST_PREPARED
from resolvers.unreachable import unreachable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

#: What is raised where a connection ends while it is used.
ENDED = (OSError, asyncpg.InterfaceError, asyncpg.PostgresConnectionError, asyncpg.OperatorInterventionError)

#: How long a connection that was used last may take to end.
CLOSING_SECONDS = 5


class Session:
    """A connection and its prepared statements, the least recently used going first."""

    def __init__(self, connection: Any) -> None:
        self.connection = connection
        self._prepared: OrderedDict[str, Any] = OrderedDict()

    async def fetch_text(self, sql: str, values: Sequence[Any]) -> str:
        """Give the one text a statement yields."""
        prepared = self._prepared.get(sql)
        if prepared is None:
            prepared = self._prepared[sql] = await self.connection.prepare(sql)
            if len(self._prepared) > MOST_PREPARED:
                # asyncpg closes it in the database once nobody has it any more.
                self._prepared.popitem(last=False)
        else:
            self._prepared.move_to_end(sql)
        text: str = await prepared.fetchval(*values)
        return text


class PostgreSQLLane:
    """Reads through connections that are opened when they are needed.

    asyncpg's own pool would cost a small query a quarter as much again: it guards against uses
    of a connection that do not occur here.
    """

    def __init__(self, arguments: Mapping[str, Any], settings: Mapping[str, str], connections: int) -> None:
        """Take asyncpg's arguments to connect by, the settings of each session, and how many there may be."""
        # It prepares statements only where it is asked to.
        self._arguments = {**arguments, "server_settings": dict(settings), "statement_cache_size": 0}
        self._turns = asyncio.Semaphore(connections)
        self._idle: list[Session] = []
        self._ending: set[asyncio.Task[None]] = set()

    async def fetch_text(self, sql: str, values: Sequence[Any]) -> str:
        """Give the one text a statement yields; cancelled, it is cancelled by the server, too.

        Raises UnreachableError where the database is away.
        """
        async with self._turns:
            session = await self._session()
            try:
                text = await session.fetch_text(sql, values)
            except asyncio.CancelledError:
                self._end(session)
                raise
            except ENDED as error:
                self._end(session)
                raise unreachable(error) from error
            except BaseException:
                self._idle.append(session)
                raise
            self._idle.append(session)
            return text

    async def close(self) -> None:
        """Close every connection."""
        while self._idle:
            self._end(self._idle.pop())
        await asyncio.gather(*self._ending)

    async def _session(self) -> Session:
        while self._idle:
            session = self._idle.pop()
            if not session.connection.is_closed():
                return session
        try:
            return Session(await asyncpg.connect(**self._arguments))
        except Exception as error:
            raise unreachable(error) from error

    def _end(self, session: Session) -> None:
        """End a connection, once the server was told to stop what it does there."""
        task = asyncio.create_task(_close(session.connection))
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)


async def _close(connection: Any) -> None:
    try:
        await connection.close(timeout=CLOSING_SECONDS)
    except Exception:  # noqa: BLE001 - it is over, one way or another
        connection.terminate()
