"""What a request is known by: in its answer's header `X-Request-Id`, in the trail and in the log.

It is made here and never taken from the request: whoever asks must not choose what the trail says.
"""

from __future__ import annotations

from contextvars import ContextVar
from http import HTTPStatus
from typing import TYPE_CHECKING

from uuid_utils import uuid7

if TYPE_CHECKING:
    from starlette.types import Message, Send

HEADER = b"x-request-id"

_current: ContextVar[str | None] = ContextVar("request_id", default=None)


def request_id() -> str | None:
    """Give the id of the request that is being answered, None outside of one."""
    return _current.get()


def with_request_id(send: Send) -> Send:
    """Begin a request: give it an id, and give a `send` that tells it to the client."""
    made = str(uuid7())
    _current.set(made)

    async def telling(message: Message) -> None:
        # A 401 is the same for everybody, to the byte; nothing of it stands in the trail.
        if message["type"] == "http.response.start" and message["status"] != HTTPStatus.UNAUTHORIZED:
            message = {**message, "headers": [*message.get("headers", ()), (HEADER, made.encode())]}
        await send(message)

    return telling
