"""Runs compiled queries on SQLite, on a few connections that one thread at a time uses."""

from __future__ import annotations

import asyncio
import contextlib
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from resolvers.core import cache_bounds
from resolvers.database.sqlite_driver import INTERRUPT_CHECK_SECONDS, define_functions, library
from resolvers.database.unavailable import translated_faults

if TYPE_CHECKING:
    from collections.abc import Sequence

PRAGMAS = ("PRAGMA busy_timeout=5000", "PRAGMA query_only=ON")


class SqliteQueryRunner:
    """Runs compiled queries in threads, so that a long statement does not block others."""

    def __init__(self, file: str, connections: int, *, uri: bool = False) -> None:
        """Use this file, or its address if `uri` is true, and at most this number of connections."""
        self._file = file
        self._uri = uri
        self._idle: list[Any] = []
        self._turns = asyncio.Semaphore(connections)
        self._busy = 0
        self._threads = ThreadPoolExecutor(connections, thread_name_prefix="sqlite-lane")

    async def fetch_text(self, sql: str, values: Sequence[Any]) -> str:
        """Return the only value of a statement, a text. A cancellation interrupts the statement.

        Raises DatabaseUnavailableError or a subclass if the database fails.
        """
        async with self._turns:
            connection = self._idle.pop() if self._idle else await self._connect()
            self._busy += 1
            try:
                with translated_faults():
                    return await self._fetch(connection, sql, values)
            finally:
                self._busy -= 1
                self._idle.append(connection)

    @property
    def connections(self) -> tuple[int, int]:
        """The number of connections that run a statement, and of those that are idle."""
        return self._busy, len(self._idle)

    async def close(self) -> None:
        """Close every connection."""
        while self._idle:
            await self._run(self._idle.pop().close)
        self._threads.shutdown(wait=False)

    async def _fetch(self, connection: Any, sql: str, values: Sequence[Any]) -> str:
        running = asyncio.get_running_loop().run_in_executor(self._threads, _fetch_text, connection, sql, values)
        try:
            # Shielded, because a cancellation does not stop the thread.
            return await asyncio.shield(running)
        except asyncio.CancelledError:
            # Repeated, because the statement possibly does not run yet at the first interrupt.
            while not running.done():
                connection.interrupt()
                await asyncio.wait([running], timeout=INTERRUPT_CHECK_SECONDS)
            with contextlib.suppress(Exception):
                running.result()
            raise

    async def _run(self, function: Any) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._threads, function)

    async def _connect(self) -> Any:
        with translated_faults(connecting=True):
            return await self._run(self._open)

    def _open(self) -> Any:
        connection = library().connect(
            self._file,
            check_same_thread=False,
            isolation_level=None,
            cached_statements=cache_bounds.PREPARED_STATEMENTS.entries,
            uri=self._uri,
        )
        define_functions(connection)
        for pragma in PRAGMAS:
            connection.execute(pragma)
        return connection


def _fetch_text(connection: Any, sql: str, values: Sequence[Any]) -> str:
    text: str = connection.execute(sql, values).fetchone()[0]
    return text
