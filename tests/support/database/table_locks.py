"""Locks a table of a PostgreSQL database, so that its readers wait, and counts the statements that wait."""

from __future__ import annotations

import asyncio
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from sqlalchemy import text

from resolvers.database.database import create_engine
from resolvers.database.statement_guard import bypass_options

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

#: A query that waits while the table is held.
WAITING = "{ capabilityAreas { totalCount } }"
PATIENCE_SECONDS = 10
RUNNING = text(
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    " AND state <> 'idle' AND query LIKE '%json%' AND query LIKE '%capability_areas%'"
)


@contextmanager
def held(url: str, table: str = "capability_areas") -> Iterator[None]:
    """Lock a table, by default that of the capability areas, for as long as the block lasts."""
    begun, ended = threading.Event(), threading.Event()

    async def hold() -> None:
        engine = create_engine(url).execution_options(**bypass_options("a test lets others wait"))
        async with engine.begin() as connection:
            await connection.execute(text(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE"))
            begun.set()
            await asyncio.to_thread(ended.wait)
        await engine.dispose()

    thread = threading.Thread(target=asyncio.run, args=(hold(),))
    thread.start()
    try:
        assert begun.wait(PATIENCE_SECONDS)
        yield
    finally:
        ended.set()
        thread.join()


def running(url: str) -> int:
    """Return the number of statements on the capability areas that run or wait in the database."""

    async def count() -> int:
        engine = create_engine(url).execution_options(**bypass_options("a test looks who waits"))
        async with engine.connect() as connection:
            found = (await connection.execute(RUNNING)).scalar_one()
        await engine.dispose()
        return int(found)

    return asyncio.run(count())


def comes(state: Callable[[], bool]) -> bool:
    """Return whether a state becomes true within `PATIENCE_SECONDS`."""
    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until:
        if state():
            return True
        time.sleep(0.02)
    return False
