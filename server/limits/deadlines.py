"""Deadlines: cancel an operation on timeout, or when the client disconnects.

Cancelling an operation also cancels its statement in the database. A timer for each request would take a tenth of the
time of a small one, so one timer checks all running operations.
"""

from __future__ import annotations

import asyncio
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING, NoReturn

from starlette.requests import ClientDisconnect

from server.http.errors import CLOSE, abort

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from starlette.types import Receive

    from resolvers.access.context import Progress
    from server.config.settings import Settings

#: The interval between checks. Most operations end sooner; only for the others is the client's connection watched.
CHECK_SECONDS = 0.05


class Deadlines:
    """The deadlines of one worker."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._open: set[Deadline] = set()
        self._loop: asyncio.AbstractEventLoop | None = None

    def for_body(self) -> Deadline:
        """Return a context for receiving a body. It raises HttpError (408) on timeout."""
        return Deadline(self, self._settings.max_body_seconds, self._refuse_body, None)

    def for_operation(self, receive: Receive, progress: Progress | None = None) -> Deadline:
        """Return a context for running an operation; `receive` reports when the client disconnects.

        `progress` is what a mutation has changed until now. The context raises ClientDisconnect when the client
        disconnects, HttpError (504) on timeout.
        """
        return Deadline(self, self._settings.max_seconds, partial(self._refuse_operation, progress), receive)

    def _refuse_body(self) -> NoReturn:
        seconds = self._settings.max_body_seconds
        message = f"The request body did not arrive within {seconds:g} seconds: send it without pauses."
        abort(HTTPStatus.REQUEST_TIMEOUT, message, code="REQUEST_TIMEOUT", headers=CLOSE)

    def _refuse_operation(self, progress: Progress | None) -> NoReturn:
        stopped = f"The operation took longer than {self._settings.max_seconds:g} seconds and was stopped"
        # 504, because this server waited for the database, as a gateway waits for the server behind it.
        abort(HTTPStatus.GATEWAY_TIMEOUT, f"{stopped}{_advice(progress)}", code="GATEWAY_TIMEOUT")

    def begin(self, wait: Deadline, loop: asyncio.AbstractEventLoop) -> None:
        """Start to check a deadline."""
        if self._loop is not loop:
            self._loop = loop
            loop.call_later(CHECK_SECONDS, self._look, loop)
        self._open.add(wait)

    def end(self, wait: Deadline) -> None:
        """Stop checking a deadline."""
        self._open.discard(wait)

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        now = loop.time()
        for wait in tuple(self._open):
            wait.look(now)
        if self._open:
            loop.call_later(CHECK_SECONDS, self._look, loop)
        else:
            self._loop = None


def _advice(progress: Progress | None) -> str:
    """Return how many changes were made before the operation was stopped, and what the client can do."""
    if progress and progress.in_progress:
        made = f" {progress.made} changes were made." if progress.made else ""
        return f".{made} It is not known if the last change was made: send it again with the same idempotencyKey."
    if progress and progress.made:
        made = "The change was made" if progress.made == 1 else f"{progress.made} changes were made"
        return f". {made}, only the result was not read: query it, and do not send the change again."
    return ": request less data at once."


class Deadline:
    """The deadline of one block of code."""

    __slots__ = ("_before", "_deadlines", "_gone", "_on_timeout", "_receive", "_seconds", "_since", "_task", "_watch")

    def __init__(
        self, deadlines: Deadlines, seconds: float, on_timeout: Callable[[], NoReturn], receive: Receive | None
    ) -> None:
        self._deadlines = deadlines
        self._seconds = seconds
        self._on_timeout = on_timeout
        self._receive = receive
        self._watch: asyncio.Task[None] | None = None
        #: Whether the client has disconnected; None until the block is stopped.
        self._gone: bool | None = None

    def __enter__(self) -> None:
        loop = asyncio.get_running_loop()
        task = asyncio.current_task(loop)
        assert task is not None  # noqa: S101 - a coroutine that runs has a task
        self._task = task
        self._before = task.cancelling()
        self._since = loop.time()
        self._deadlines.begin(self, loop)

    def look(self, now: float) -> None:
        """Stop the block on timeout; if it takes a while, watch whether the client disconnects."""
        if now - self._since >= self._seconds:
            self._stop(gone=False)
        elif self._receive is not None and self._watch is None and now - self._since >= CHECK_SECONDS:
            self._watch = asyncio.create_task(self._until_gone(self._receive))

    async def _until_gone(self, receive: Receive) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass
        self._stop(gone=True)

    def _stop(self, *, gone: bool) -> None:
        # Only the first reason counts: the timeout or the disconnect.
        if self._gone is None:
            self._gone = gone
            self._task.cancel()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._deadlines.end(self)
        if self._watch is not None:
            self._watch.cancel()
        # As in asyncio.timeout, a cancellation of the task from elsewhere takes precedence.
        if self._gone is None or self._task.uncancel() > self._before or kind is not asyncio.CancelledError:
            return
        if self._gone:
            raise ClientDisconnect from None
        self._on_timeout()
