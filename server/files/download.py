"""The answer to a GET of a file: whole or a part of it, always to be saved and never to be shown (RFC 9110, 6266)."""

from __future__ import annotations

import asyncio
import re
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import quote

from starlette.requests import ClientDisconnect
from starlette.responses import Response, StreamingResponse

from server.files.preconditions import etag_of, is_cached
from server.http.errors import HttpError, mask

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.requests import Request
    from starlette.types import Message, Send

    from resolvers.files.document_files import DocumentFiles, FileVersion

#: One range; several are answered with the whole, as RFC 9110 (section 14.2) lets a server do.
RANGE = re.compile(r"bytes=[ \t]*([0-9]{0,18})-([0-9]{0,18})[ \t]*", re.IGNORECASE)
#: The characters that stand in a header as they are (RFC 8187, section 3.2.1).
PLAIN = "!#$&+-.^_`|~"


async def file_response(
    request: Request, version: FileVersion, files: DocumentFiles, send: Send, patience: float
) -> Response | None:
    """Send the file of a version that is available, or give the answer that has no file.

    `patience` is how many seconds a client may take to accept a piece.

    Raises:
        HttpError: 416 for a range outside of the file.
        DamagedError: where the store has other bytes than were kept there.
        StoreError: where the store does not work.
    """
    headers = headers_of(version)
    if is_cached(request, headers["ETag"]):
        del headers["Content-Length"]
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    size = version.content.byte_size
    span = _range_of(request, size, headers["ETag"])
    status, (start, stop) = (HTTPStatus.OK, (0, size)) if span is None else (HTTPStatus.PARTIAL_CONTENT, span)
    headers["Content-Length"] = str(stop - start)
    if span is not None:
        headers["Content-Range"] = f"bytes {start}-{stop - 1}/{size}"
    if request.method == "HEAD":
        return Response(status_code=status, headers=headers)
    sender = files.downloader
    pieces = sender.read_all(version.content) if span is None else sender.read_range(version.content, start, stop)
    # Before anything is sent: what is short is found to be right as a whole, what is not there is found missing.
    first = await anext(pieces, b"")
    response = StreamingResponse(_all(first, pieces), status, headers)
    try:
        await response(request.scope, request.receive, _without_waiting(send, patience))
    except (ClientDisconnect, TimeoutError):
        # Nobody takes the rest of it.
        return None
    except Exception as error:  # noqa: BLE001 - whatever it is, the answer has begun
        # The connection ends before all that was announced is there, so that nobody takes it for the whole.
        mask(error)
    return None


def headers_of(version: FileVersion) -> dict[str, str]:
    """Give the headers of a whole file."""
    return {
        "Accept-Ranges": "bytes",
        "Cache-Control": "private, no-cache",
        "Content-Disposition": disposition(version.file_name),
        "Content-Length": str(version.content.byte_size),
        "Content-Type": version.media_type,
        "ETag": etag_of(version),
        "X-Content-Type-Options": "nosniff",
    }


def disposition(name: str) -> str:
    """Say that a file is saved, and under which name: in ASCII for the oldest clients, in full for all others."""
    ascii_name = re.sub(r'[^ -~]|["\\%]', "_", name)
    return f"attachment; filename=\"{ascii_name}\"; filename*=UTF-8''{quote(name, safe=PLAIN)}"


def _range_of(request: Request, size: int, tag: str) -> tuple[int, int] | None:
    """Give where the part that is asked for begins, and where what follows it does; None for the whole.

    Raises HttpError (416) for a part that there is not.
    """
    found = RANGE.fullmatch(request.headers.get("range", ""))
    if found is None or found[1] + found[2] == "" or request.headers.get("if-range", tag) != tag:
        return None
    if found[1] and found[2] and int(found[1]) > int(found[2]):
        return None
    if found[1]:
        start, stop = int(found[1]), min(int(found[2]) + 1, size) if found[2] else size
    else:
        start, stop = max(0, size - int(found[2])), size
    if start >= stop:
        message = f"The file has {size} bytes: ask for a range of them."
        headers = {"Content-Range": f"bytes */{size}"}
        raise HttpError(HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE, message, "BAD_REQUEST", headers)
    return start, stop


async def _all(first: bytes, rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    async for piece in rest:
        yield piece


def _without_waiting(send: Send, seconds: float) -> Send:
    async def send_in_time(message: Message) -> None:
        async with asyncio.timeout(seconds):
            await send(message)

    return send_in_time
