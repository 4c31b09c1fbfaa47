"""The body of a PUT: how long it may be, and how long it may take to arrive."""

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

#: Bytes a second: a body that comes slower than this never ends in good time.
MIN_BYTES_PER_SECOND = 32 * 1024


def check_headers(request: Request, version: FileVersion, settings: Settings) -> None:
    """Turn away what the headers say cannot be the bytes of a version, before any of it is read.

    Raises HttpError: 400, 409, 413 or 415.
    """
    headers = request.headers
    if headers.get("content-encoding", "identity").strip().lower() != "identity":
        abort(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "Send the file as it is, without Content-Encoding.")
    if "content-range" in headers:
        abort(HTTPStatus.BAD_REQUEST, "Send the whole file, without Content-Range.")
    most = settings.max_file_bytes
    length = int(headers.get("content-length", version.content.byte_size))
    if max(length, version.content.byte_size) > most:
        message = f"The file is too long; at most {most} bytes are allowed."
        abort(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, message, code="TOO_LARGE")
    if length != version.content.byte_size:
        if version.was_received:
            message = "This version has other bytes, and a version never changes: add another version."
            abort(HTTPStatus.CONFLICT, message, code="CONFLICT")
        message = f"The body has {length} bytes, {version.content.byte_size} were declared: send the declared file."
        abort(HTTPStatus.BAD_REQUEST, message)


async def read_body(request: Request, version: FileVersion, settings: Settings) -> AsyncIterator[bytes]:
    """Give the body in pieces, as they arrive.

    Raises HttpError (408) where nothing comes for a while, or all of it too slowly; ClientDisconnect where the
    client is gone.
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
        f"The file did not arrive: nothing came for {settings.max_body_seconds:g} seconds, or all of it too slowly. "
        "Nothing was kept: send it again."
    )
    abort(HTTPStatus.REQUEST_TIMEOUT, message, code="REQUEST_TIMEOUT")
