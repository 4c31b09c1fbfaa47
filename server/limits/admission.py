"""Limits how many operations run and wait at once, per account and per worker."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import TYPE_CHECKING

from server.http.errors import abort

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

#: When to retry: operations usually end within a second.
RETRY = {"Retry-After": "1"}


class Admission:
    """Admits operations in the order in which they arrive."""

    def __init__(self, running: int, waiting: int, per_account: int) -> None:
        """Allow `running` operations to run and `waiting` to wait; of one account, at most `per_account` in total."""
        self._turns = asyncio.Semaphore(running)
        self._running = running
        self._max_running = running + waiting
        self._max_running_per_account = per_account
        self._inside = 0
        self._of: dict[str, int] = {}

    @property
    def running(self) -> int:
        """The number of operations that run."""
        return min(self._inside, self._running)

    @property
    def waiting(self) -> int:
        """The number of operations that wait."""
        return self._inside - self.running

    @asynccontextmanager
    async def slot(self, account: str) -> AsyncIterator[None]:
        """Wait for a slot, and hold it.

        Raises HttpError: 429 if the account already has too many operations, 503 if the worker has.
        """
        if self._of.get(account, 0) >= self._max_running_per_account:
            most = self._max_running_per_account
            message = f"You already have {most} operations running, the maximum: wait until one ends."
            abort(HTTPStatus.TOO_MANY_REQUESTS, message, code="RATE_LIMITED", headers=RETRY)
        if self._inside >= self._max_running:
            message = "The server is overloaded: try again in a moment."
            abort(HTTPStatus.SERVICE_UNAVAILABLE, message, code="SERVICE_UNAVAILABLE", headers=RETRY)
        self._count(account)
        try:
            async with self._turns:
                yield
        finally:
            self.release(account)

    def try_acquire(self, account: str) -> bool:
        """Admit an operation that runs only one statement, if it need not wait; return whether it was admitted.

        It takes no place of the semaphore, because the pool of database connections already limits such operations.
        An admitted operation must call `release`.
        """
        if self._inside >= self._running or self._of.get(account, 0) >= self._max_running_per_account:
            return False
        self._count(account)
        return True

    def release(self, account: str) -> None:
        """Release the slot of an admitted operation."""
        self._inside -= 1
        self._of[account] -= 1
        if not self._of[account]:
            del self._of[account]

    def _count(self, account: str) -> None:
        self._inside += 1
        self._of[account] = self._of.get(account, 0) + 1
