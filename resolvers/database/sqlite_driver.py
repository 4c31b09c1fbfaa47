"""SQLite of a version that can take a deep plan, behind SQLAlchemy's asynchronous dialect.

SQLite's parser gave up 100 symbols deep until 3.46, which is three nested lists. Where
Python was built with an older one, the library that comes with `pysqlite3` is used.
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

from resolvers.database.sqlite_memory import stop_counting_memory

if TYPE_CHECKING:
    from collections.abc import Callable

OLDEST = (3, 46)

#: Rows fetched at once from the driver's thread.
CHUNK = 64

#: How long a statement is given to notice that it was interrupted, before it is interrupted again.
INTERRUPT_CHECK_SECONDS = 0.005


class Connection(aiosqlite.Connection):
    """A connection whose statement ends when whoever waits for it is cancelled; the driver would let it run on."""

    _stopped: asyncio.Future[None] | None = None

    def stop(self) -> asyncio.Future[None] | None:
        """Have the thread end; what is returned is done then."""
        self._stopped = super().stop()
        return self._stopped

    async def _connect(self) -> aiosqlite.Connection:
        try:
            return await super()._connect()
        except BaseException:
            # The driver does not wait for its thread, which then finds a loop that is closed, and says so.
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
            # Again and again: at first it may only be about to begin.
            while not ended:
                # What is being closed needs no interruption.
                with contextlib.suppress(ValueError, library().ProgrammingError):
                    self._conn.interrupt()
                await asyncio.sleep(INTERRUPT_CHECK_SECONDS)
            raise


@cache
def library() -> ModuleType:
    """Give the SQLite module to use. Raises RuntimeError where none is new enough."""
    if sqlite3.sqlite_version_info >= OLDEST:
        return sqlite3
    try:
        stop_counting_memory("pysqlite3")
        return importlib.import_module("pysqlite3")
    except ModuleNotFoundError:
        message = f"SQLite 3.46 or later is needed, and this Python has {sqlite3.sqlite_version}: use a newer Python."
        raise RuntimeError(message) from None


def driver() -> AsyncAdapt_aiosqlite_dbapi:
    """Give the driver for `create_async_engine(module=…)`: aiosqlite's thread around the chosen library."""
    module = library()

    def connect(*arguments: Any, **options: Any) -> Connection:
        return Connection(partial(module.connect, *arguments, **options), CHUNK)

    facade = ModuleType("aiosqlite")
    vars(facade).update(vars(module), connect=connect, Connection=Connection)
    return AsyncAdapt_aiosqlite_dbapi(facade, module)
