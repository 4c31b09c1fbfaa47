"""The body of a PUT: the limits on its length and on its time to arrive."""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import TYPE_CHECKING, NoReturn

from server.http.errors import abort

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.requests import Request

    from resolvers.files.document_files import FileVersion
    from server.config.settings import Settings

#: The minimum speed of an upload, in bytes per second.
MIN_BYTES_PER_SECOND = 32 * 1024


def check_headers(request: Request, version: FileVersion, settings: Settings) -> None:
    """Reject a request whose headers do not match the declared file, before its body is read.

    Raises HttpError: 400, 409, 413 or 415.
    """
    headers = request.headers
    if headers.get("content-encoding", "identity").strip().lower() != "identity":
        abort(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "Content-Encoding is not supported: send the file without it.")
    if "content-range" in headers:
        abort(HTTPStatus.BAD_REQUEST, "Content-Range is not supported: send the whole file.")
    most = settings.max_file_bytes
    length = int(headers.get("content-length", version.content.byte_size))
    if max(length, version.content.byte_size) > most:
        message = f"The file is too long; at most {most} bytes are allowed."
        abort(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, message, code="TOO_LARGE")
    if length != version.content.byte_size:
        if version.was_received:
            message = "This version already has a different file, which cannot change: add another version."
            abort(HTTPStatus.CONFLICT, message, code="CONFLICT")
        message = f"The body has {length} bytes, but {version.content.byte_size} were declared: send the declared file."
        abort(HTTPStatus.BAD_REQUEST, message)


async def read_body(request: Request, version: FileVersion, settings: Settings) -> AsyncIterator[bytes]:
    """Yield the body in pieces, as they arrive.

    Raises HttpError (408) if no bytes arrive for a while, or if the whole body is too slow; ClientDisconnect if the
    client disconnects.
    """
    loop = asyncio.get_running_loop()
    stream = request.stream()
    end = loop.time() + settings.max_body_seconds + version.content.byte_size / MIN_BYTES_PER_SECOND
    while True:
        try:
            async with asyncio.timeout_at(min(end, loop.time() + settings.max_body_seconds)):
                piece = await anext(stream, None)
        except TimeoutError:
            _refuse_slow(settings)
        if piece is None:
            return
        yield piece


def _refuse_slow(settings: Settings) -> NoReturn:
    message = (
        f"The upload paused for {settings.max_body_seconds:g} seconds, or was too slow as a whole. "
        "Nothing was stored: send the file again."
    )
    abort(HTTPStatus.REQUEST_TIMEOUT, message, code="REQUEST_TIMEOUT")
