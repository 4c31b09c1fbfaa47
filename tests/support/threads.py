"""Runs what needs an event loop of its own in a separate thread: the tests of the browser have a loop in theirs."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from threading import Thread
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

Result = TypeVar("Result")
Arguments = ParamSpec("Arguments")


def in_a_thread(work: Callable[Arguments, Result], *args: Arguments.args, **kwargs: Arguments.kwargs) -> Result:
    """Run `work` in a separate thread; return its result or raise its exception."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(work, *args, **kwargs).result()


class LoopThread:
    """An event loop in a thread, for connections that last longer than a test."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        Thread(target=self._loop.run_forever, daemon=True).start()

    def run(self, work: Coroutine[Any, Any, Result]) -> Result:
        """Run a coroutine in the loop; return its result or raise its exception."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()
