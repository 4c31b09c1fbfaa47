"""The ID of a request: in the response header `X-Request-Id`, in the audit log and in the server's log.

The server generates it and never takes it from the request, because a client must not choose the text of the audit log.
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
    """Return the ID of the current request, None outside a request."""
    return _current.get()


def with_request_id(send: Send) -> Send:
    """Start a request: generate its ID, and return a `send` that adds the ID to the response."""
    made = str(uuid7())
    _current.set(made)

    async def send_with_id(message: Message) -> None:
        # Every 401 is identical, byte for byte, and the audit log has no event of it.
        if message["type"] == "http.response.start" and message["status"] != HTTPStatus.UNAUTHORIZED:
            message = {**message, "headers": [*message.get("headers", ()), (HEADER, made.encode())]}
        await send(message)

    return send_with_id
