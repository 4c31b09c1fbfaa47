"""How long a request is worked on: until it takes too long, or nobody waits for its answer any more.

What is stopped so is cancelled, and with it the statement that the database works on.
"""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import TYPE_CHECKING

from starlette.requests import ClientDisconnect

from server.errors import refuse

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.requests import Request


@asynccontextmanager
async def patience(request: Request, seconds: float) -> AsyncIterator[None]:
    """Run the block while the client waits, and no longer than `seconds`.

    Raises ClientDisconnect when the client is gone, HttpError (504) when the time is over.
    """
    watch = None
    patient = asyncio.timeout(seconds)
    try:
        async with patient:
            watch = asyncio.create_task(_until_gone(request, patient))
            yield
    except TimeoutError:
        if not patient.expired():
            raise
        if watch and watch.done():
            raise ClientDisconnect from None
        # The database answers behind this server, as the one behind a gateway does.
        message = f"The operation took longer than {seconds:g} seconds and was stopped: ask for less at once."
        refuse(HTTPStatus.GATEWAY_TIMEOUT, message, code="GATEWAY_TIMEOUT")
    finally:
        if watch:
            watch.cancel()


async def _until_gone(request: Request, patient: asyncio.Timeout) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
    # Whoever is gone when the time is over needs to be told of neither.
    if not patient.expired():
        patient.reschedule(asyncio.get_running_loop().time())
