"""How long somebody is waited for: until it takes too long, or nobody waits for the answer any more.

What is stopped so is cancelled, and with it the statement that the database works on. A timer for each request would
cost a small one a tenth of its time, so one timer looks at all that have been running for a while.
"""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import TYPE_CHECKING, NoReturn

from starlette.requests import ClientDisconnect

from server.http.errors import CLOSE, abort

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from starlette.types import Receive

    from server.config.settings import Settings

#: How often is looked. Most operations end before: only of those that do not is it of interest whether somebody waits.
CHECK_SECONDS = 0.05


class Deadlines:
    """What one worker waits for."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._open: set[Deadline] = set()
        self._loop: asyncio.AbstractEventLoop | None = None

    def for_body(self) -> Deadline:
        """Give a context in which a body is received. It raises HttpError (408) where that takes too long."""
        return Deadline(self, self._settings.max_body_seconds, self._refuse_body, None)

    def for_operation(self, receive: Receive) -> Deadline:
        """Give a context in which an operation runs while the client waits, which `receive` tells the end of.

        It raises ClientDisconnect when the client is gone, HttpError (504) when the time is over.
        """
        return Deadline(self, self._settings.max_seconds, self._refuse_operation, receive)

    def _refuse_body(self) -> NoReturn:
        seconds = self._settings.max_body_seconds
        message = f"The request body did not arrive within {seconds:g} seconds: send it at once."
        abort(HTTPStatus.REQUEST_TIMEOUT, message, code="REQUEST_TIMEOUT", headers=CLOSE)

    def _refuse_operation(self) -> NoReturn:
        seconds = self._settings.max_seconds
        # The database answers behind this server, as the one behind a gateway does.
        message = f"The operation took longer than {seconds:g} seconds and was stopped: ask for less at once."
        abort(HTTPStatus.GATEWAY_TIMEOUT, message, code="GATEWAY_TIMEOUT")

    def begin(self, wait: Deadline, loop: asyncio.AbstractEventLoop) -> None:
        """Look at a wait from now on."""
        if self._loop is not loop:
            self._loop = loop
            loop.call_later(CHECK_SECONDS, self._look, loop)
        self._open.add(wait)

    def end(self, wait: Deadline) -> None:
        """Look at it no more."""
        self._open.discard(wait)

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        now = loop.time()
        for wait in tuple(self._open):
            wait.look(now)
        if self._open:
            loop.call_later(CHECK_SECONDS, self._look, loop)
        else:
            self._loop = None


class Deadline:
    """One block that is waited for."""

    __slots__ = ("_before", "_deadlines", "_gone", "_on_timeout", "_receive", "_seconds", "_since", "_task", "_watch")

    def __init__(
        self, patience: Deadlines, seconds: float, late: Callable[[], NoReturn], receive: Receive | None
    ) -> None:
        self._deadlines = patience
        self._seconds = seconds
        self._on_timeout = late
        self._receive = receive
        self._watch: asyncio.Task[None] | None = None
        #: Whether the client is gone; None as long as the block was not stopped.
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
        """Stop the block if it takes too long; ask whether the client is still there if it takes a while."""
        if now - self._since >= self._seconds:
            self._stop(gone=False)
        elif self._receive is not None and self._watch is None and now - self._since >= CHECK_SECONDS:
            self._watch = asyncio.create_task(self._until_gone(self._receive))

    async def _until_gone(self, receive: Receive) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass
        self._stop(gone=True)

    def _stop(self, *, gone: bool) -> None:
        # Whoever is gone when the time is over needs to be told of neither.
        if self._gone is None:
            self._gone = gone
            self._task.cancel()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._deadlines.end(self)
        if self._watch is not None:
            self._watch.cancel()
        # As asyncio.timeout does: whoever else cancelled the task meanwhile is to be heard.
        if self._gone is None or self._task.uncancel() > self._before or kind is not asyncio.CancelledError:
            return
        if self._gone:
            raise ClientDisconnect from None
        self._on_timeout()
