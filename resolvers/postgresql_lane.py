"""The read lane of PostgreSQL: a pool of asyncpg's own connections."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import asyncpg  # type: ignore[import-untyped]

from resolvers.lanes import MOST_PREPARED

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class Connection(asyncpg.Connection):  # type: ignore[misc] # asyncpg has no types
    """A connection whose session is never changed, so that nothing is to be put back after a statement."""

    __slots__ = ()

    def get_reset_query(self) -> str:
        """Give none: the pool would send it after every statement, and wait for it."""
        return ""


class PostgreSQLLane:
    """Reads through connections that are opened when they are needed."""

    def __init__(self, arguments: Mapping[str, Any], settings: Mapping[str, str], connections: int) -> None:
        """Take asyncpg's arguments to connect by, the settings of each session, and how many there may be."""
        self._arguments = {**arguments, "server_settings": dict(settings)}
        self._connections = connections
        self._pool: Any = None
        self._opening = asyncio.Lock()

    async def fetch_text(self, sql: str, values: Sequence[Any]) -> str:
        """Give the one text a statement yields; cancelled, it is cancelled by the server, too."""
        pool = self._pool or await self._open()
        text: str = await pool.fetchval(sql, *values)
        return text

    async def close(self) -> None:
        """Close every connection."""
        pool, self._pool = self._pool, None
        if pool is not None:
            await pool.close()

    async def _open(self) -> Any:
        async with self._opening:
            if self._pool is None:
                self._pool = await asyncpg.create_pool(
                    **self._arguments,
                    min_size=0,
                    max_size=self._connections,
                    connection_class=Connection,
                    statement_cache_size=MOST_PREPARED,
                    # The plan's statements are longer than what would be kept otherwise.
                    max_cacheable_statement_size=0,
                    # What is prepared is as good as it will ever be.
                    max_cached_statement_lifetime=0,
                )
            return self._pool
