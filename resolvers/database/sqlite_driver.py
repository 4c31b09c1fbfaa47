"""Selects a recent SQLite library and its driver for SQLAlchemy's asynchronous dialect.

Before 3.46, SQLite's parser failed at a depth of 100 symbols, which is three nested lists. If Python has an older
SQLite, the library in `pysqlite3` is used.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import sqlite3
from functools import cache, partial
from types import ModuleType
from typing import TYPE_CHECKING, Any

import aiosqlite
from sqlalchemy.dialects.sqlite.aiosqlite import AsyncAdapt_aiosqlite_dbapi

from resolvers.core.conversion import converted_sum
from resolvers.core.text import as_compared
from resolvers.database.sqlite_memory import stop_counting_memory

if TYPE_CHECKING:
    from collections.abc import Callable

OLDEST = (3, 46)

#: Rows fetched at once from the driver's thread.
CHUNK = 64

#: The interval between two interrupts of the same statement.
INTERRUPT_CHECK_SECONDS = 0.005


class Connection(aiosqlite.Connection):
    """A connection that stops its statement if the waiting task is cancelled; aiosqlite would let it run."""

    _stopped: asyncio.Future[None] | None = None

    def stop(self) -> asyncio.Future[None] | None:
        """Stop the thread. Return a future that is done when the thread ends."""
        self._stopped = super().stop()
        return self._stopped

    async def _connect(self) -> aiosqlite.Connection:
        try:
            return await super()._connect()
        except BaseException:
            # The driver does not wait for its thread, which would then log an error about the closed event loop.
            if self._stopped is not None:
                await self._stopped
            raise

    async def _execute(self, fn: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
        ended = False

        def run() -> Any:
            nonlocal ended
            try:
                return fn(*arguments, **options)
            finally:
                ended = True

        try:
            return await super()._execute(run)  # type: ignore[no-untyped-call]
        except asyncio.CancelledError:
            # Repeated, because the statement possibly does not run yet at the first interrupt.
            while not ended:
                # A closing connection needs no interrupt.
                with contextlib.suppress(ValueError, library().ProgrammingError):
                    self._conn.interrupt()
                await asyncio.sleep(INTERRUPT_CHECK_SECONDS)
            raise


@cache
def library() -> ModuleType:
    """Return the SQLite module to use. Raises RuntimeError if none is recent enough."""
    if sqlite3.sqlite_version_info >= OLDEST:
        return sqlite3
    try:
        stop_counting_memory("pysqlite3")
        return importlib.import_module("pysqlite3")
    except ModuleNotFoundError:
        message = f"SQLite 3.46 or later is required, but this Python has {sqlite3.sqlite_version}: use a newer Python."
        raise RuntimeError(message) from None


def define_functions(connection: Any) -> None:
    """Define the functions that statements use and SQLite does not have."""
    connection.create_function("comparable", 1, as_compared, deterministic=True)
    connection.create_function("converted_sum", 3, converted_sum, deterministic=True)


def driver() -> AsyncAdapt_aiosqlite_dbapi:
    """Return the driver for `create_async_engine(module=…)`: aiosqlite with the selected library."""
    module = library()

    def connect(*arguments: Any, **options: Any) -> Connection:
        return Connection(partial(module.connect, *arguments, **options), CHUNK)

    facade = ModuleType("aiosqlite")
    vars(facade).update(vars(module), connect=connect, Connection=Connection)
    return AsyncAdapt_aiosqlite_dbapi(facade, module)
