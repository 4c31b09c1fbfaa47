"""Refuses every request while the database is at another revision than this program needs.

A program that writes into tables of another revision could damage them. A database without any revision has no tables
to damage, so it is not guarded; `/readyz` reports it.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import TYPE_CHECKING

from server.http.errors import HttpError
from server.startup.migrations import revision_fault

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from resolvers.database.database import Database

logger = logging.getLogger(__name__)

#: How often the revision is read, and how long that may take.
CHECK_SECONDS, TIMEOUT_SECONDS = 5.0, 5.0


class RevisionGuard:
    """The guard of one worker.

    Attributes:
        fault: The sentence with which requests are refused; None if they are answered.
    """

    def __init__(self) -> None:
        self.fault: str | None = None

    async def _run(self, database: Database) -> None:
        while True:
            await asyncio.sleep(CHECK_SECONDS)
            await self._check(database)

    async def _check(self, database: Database) -> None:
        # A database that cannot be reached changes nothing.
        try:
            async with asyncio.timeout(TIMEOUT_SECONDS):
                revision = await database.revision()
        except Exception:  # noqa: BLE001 - each request reports what is wrong with the database
            return
        fault = revision_fault(revision) if revision else None
        if fault and fault != self.fault:
            logger.error("every request is refused: %s", fault)
        elif self.fault and not fault:
            logger.warning("requests are answered again")
        self.fault = fault

    @asynccontextmanager
    async def watching(self, database: Database) -> AsyncIterator[None]:
        """Check the database now, and again and again for as long as the block lasts."""
        await self._check(database)
        task = asyncio.create_task(self._run(database))
        try:
            yield
        finally:
            task.cancel()

    def error(self) -> HttpError:
        """Return the error for a refused request."""
        return HttpError(HTTPStatus.SERVICE_UNAVAILABLE, self.fault or "", "SERVICE_UNAVAILABLE", {"Retry-After": "5"})
