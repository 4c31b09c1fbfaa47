"""How many operations run at once: so many of each account, so many in a worker, and how many wait for their turn."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import TYPE_CHECKING

from server.http.errors import abort

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

#: When to ask again: operations end by the second, and nobody knows which.
RETRY = {"Retry-After": "1"}


class Admission:
    """Lets operations in, in the order they came."""

    def __init__(self, running: int, waiting: int, per_account: int) -> None:
        """Let `running` run and `waiting` wait, of one account at most `per_account` in both together."""
        self._turns = asyncio.Semaphore(running)
        self._running = running
        self._max_running = running + waiting
        self._max_running_per_account = per_account
        self._inside = 0
        self._of: dict[str, int] = {}

    @asynccontextmanager
    async def slot(self, account: str) -> AsyncIterator[None]:
        """Wait for a turn, and hold it.

        Raises HttpError: 429 where the account has too many operations already, 503 where all have.
        """
        if self._of.get(account, 0) >= self._max_running_per_account:
            most = self._max_running_per_account
            message = f"{most} operations of yours are running, the most at once: wait for one to end."
            abort(HTTPStatus.TOO_MANY_REQUESTS, message, code="RATE_LIMITED", headers=RETRY)
        if self._inside >= self._max_running:
            message = "The server has more to do than it can take on: ask again in a moment."
            abort(HTTPStatus.SERVICE_UNAVAILABLE, message, code="SERVICE_UNAVAILABLE", headers=RETRY)
        self._count(account)
        try:
            async with self._turns:
                yield
        finally:
            self.release(account)

    def try_acquire(self, account: str) -> bool:
        """Let an operation in that has nothing to do but to run one statement, if it need not wait; tell whether it is.

        It holds no turn, since the connections to the database are no more than the turns. It must `leave`.
        """
        if self._inside >= self._running or self._of.get(account, 0) >= self._max_running_per_account:
            return False
        self._count(account)
        return True

    def release(self, account: str) -> None:
        """End what was let in."""
        self._inside -= 1
        self._of[account] -= 1
        if not self._of[account]:
            del self._of[account]

    def _count(self, account: str) -> None:
        self._inside += 1
        self._of[account] = self._of.get(account, 0) + 1
