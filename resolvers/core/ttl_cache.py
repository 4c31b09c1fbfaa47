"""A TTL cache with single-flight loading, bounded in the number of entries."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from time import monotonic
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

Found = TypeVar("Found")

#: Revocations and withdrawals must take effect on every worker within five seconds, so this is less.
TTL_SECONDS = 4.0


class TTLCache(Generic[Found]):
    """A cache of loaded values by key; concurrent requests for a key wait for the same load."""

    def __init__(self, seconds: float, most: int) -> None:
        """Store at most `most` values, each for `seconds` from the start of its load."""
        self._seconds = seconds
        self._max_entries = most
        self._entries: OrderedDict[str, tuple[float, Found]] = OrderedDict()
        self._loading: dict[str, asyncio.Task[Found | None]] = {}

    async def get(self, key: str, ask: Callable[[], Awaitable[Found | None]]) -> Found | None:
        """Return the value of `key`, loaded with `ask` if it is not cached. None is never cached.

        Raises every error that `ask` raises.
        """
        found = self.peek(key)
        if found is not None:
            return found
        task = self._loading.get(key)
        if task is None:
            task = asyncio.create_task(self._load(key, ask))
            self._loading[key] = task
            task.add_done_callback(lambda done: self._close(key, done))
        # Shielded: the cancellation of one waiting request must not cancel the load for the others.
        return await asyncio.shield(task)

    def peek(self, key: str) -> Found | None:
        """Return the cached value of `key`, or None."""
        entry = self._entries.get(key)
        if entry is None or monotonic() >= entry[0]:
            return None
        self._entries.move_to_end(key)
        return entry[1]

    def invalidate(self, key: str) -> None:
        """Remove the value of `key`, so that the next request loads it again."""
        self._entries.pop(key, None)
        self._loading.pop(key, None)

    async def _load(self, key: str, ask: Callable[[], Awaitable[Found | None]]) -> Found | None:
        # Taken before the load: a change during the load must not make the value live longer.
        until = monotonic() + self._seconds
        found = await ask()
        if found is None:
            self._entries.pop(key, None)
        elif self._loading.get(key) is asyncio.current_task():
            self._entries[key] = (until, found)
            self._entries.move_to_end(key)
            while len(self._entries) > self._max_entries:
                self._entries.popitem(last=False)
        return found

    def _close(self, key: str, done: asyncio.Task[Found | None]) -> None:
        if self._loading.get(key) is done:
            del self._loading[key]
        if not done.cancelled():
            # Waiting requests raise this error; without any, it is marked as handled.
            done.exception()
