"""What was found out a moment ago, kept for that moment: bounded in time and in number."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from time import monotonic
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

Found = TypeVar("Found")

#: Below the five seconds within which what is revoked or withdrawn is promised to be gone from every worker.
TTL_SECONDS = 4.0


class TTLCache(Generic[Found]):
    """The last answers to a question, by key; who asks while an answer is on its way waits for the same one."""

    def __init__(self, seconds: float, most: int) -> None:
        """Keep at most `most` answers, each for `seconds` from the moment it was asked for."""
        self._seconds = seconds
        self._max_entries = most
        self._entries: OrderedDict[str, tuple[float, Found]] = OrderedDict()
        self._loading: dict[str, asyncio.Task[Found | None]] = {}

    async def get(self, key: str, ask: Callable[[], Awaitable[Found | None]]) -> Found | None:
        """Give the answer for `key`, from `ask` where none is kept; None is never kept.

        Raises what `ask` raises.
        """
        kept = self.peek(key)
        if kept is not None:
            return kept
        task = self._loading.get(key)
        if task is None:
            task = asyncio.create_task(self._load(key, ask))
            self._loading[key] = task
            task.add_done_callback(lambda done: self._close(key, done))
        # Shielded: others wait for it, too, and one of them going away must not end it.
        return await asyncio.shield(task)

    def peek(self, key: str) -> Found | None:
        """Give the answer that is kept for `key`, None where there is none."""
        kept = self._entries.get(key)
        if kept is None or monotonic() >= kept[0]:
            return None
        self._entries.move_to_end(key)
        return kept[1]

    def invalidate(self, key: str) -> None:
        """Ask anew the next time."""
        self._entries.pop(key, None)
        self._loading.pop(key, None)

    async def _load(self, key: str, ask: Callable[[], Awaitable[Found | None]]) -> Found | None:
        # From before the question: what changes while it is answered is not kept for longer than anything else.
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
            # Whoever waits gets it raised; where nobody waits any more it is of no interest.
            done.exception()
