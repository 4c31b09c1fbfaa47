"""How long an operation runs: until it takes too long, or nobody waits for its answer any more.

What is stopped so is cancelled, and with it the statement that the database works on.
"""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import TYPE_CHECKING

from starlette.requests import ClientDisconnect

from server.errors import refuse

if TYPE_CHECKING:
    from types import TracebackType

    from starlette.requests import Request

#: Most operations end before this. Only of those that do not is it of interest whether somebody still waits.
NOTICE_SECONDS = 0.05


class Patience:
    """Runs the block within it while the client waits, and no longer than a number of seconds.

    Raises ClientDisconnect when the client is gone, HttpError (504) when the time is over.
    """

    def __init__(self, request: Request, seconds: float) -> None:
        self._request = request
        self._seconds = seconds
        self._timeout = asyncio.timeout(None)
        self._watch: asyncio.Task[None] | None = None

    async def __aenter__(self) -> None:
        await self._timeout.__aenter__()
        loop = asyncio.get_running_loop()
        self._until = loop.time() + self._seconds
        self._notice = loop.call_later(min(NOTICE_SECONDS, self._seconds), self._begin)

    def _begin(self) -> None:
        self._timeout.reschedule(self._until)
        self._watch = asyncio.create_task(self._until_gone())

    async def _until_gone(self) -> None:
        while (await self._request.receive())["type"] != "http.disconnect":
            pass
        # Whoever is gone when the time is over needs to be told of neither.
        if not self._timeout.expired():
            self._timeout.reschedule(asyncio.get_running_loop().time())

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._notice.cancel()
        gone = self._watch is not None and self._watch.done()
        if self._watch:
            self._watch.cancel()
        try:
            await self._timeout.__aexit__(kind, error, traceback)
        except TimeoutError:
            if gone:
                raise ClientDisconnect from None
            # The database answers behind this server, as the one behind a gateway does.
            message = f"The operation took longer than {self._seconds:g} seconds and was stopped: ask for less at once."
            refuse(HTTPStatus.GATEWAY_TIMEOUT, message, code="GATEWAY_TIMEOUT")
