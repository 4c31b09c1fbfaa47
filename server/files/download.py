"""The response to a GET of a file: the whole file or a range, which browsers save and never show (RFC 9110, 6266)."""

from __future__ import annotations

import asyncio
import re
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import quote

from starlette.requests import ClientDisconnect
from starlette.responses import Response, StreamingResponse

from server.files.preconditions import etag_of
from server.http.entity_tags import is_cached
from server.http.errors import HttpError, mask

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.requests import Request
    from starlette.types import Message, Send

    from resolvers.files.document_files import DocumentFiles, FileVersion

#: One range; a request for several ranges gets the whole file, as RFC 9110 (section 14.2) permits.
RANGE = re.compile(r"bytes=[ \t]*([0-9]{0,18})-([0-9]{0,18})[ \t]*", re.IGNORECASE)
#: The characters that need no encoding in a header (RFC 8187, section 3.2.1).
PLAIN = "!#$&+-.^_`|~"


async def file_response(
    request: Request, version: FileVersion, files: DocumentFiles, send: Send, seconds: float
) -> Response | None:
    """Send the file of a version that is available, or return a response that has no file.

    `seconds` is the time that a client has to accept a piece.

    Raises:
        HttpError: 416 for a range outside the file.
        CorruptFileError: The bytes in the store differ from the uploaded bytes.
        StoreError: The store does not work.
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
    # Read before the response starts: this verifies a short file as a whole, and detects a missing file.
    first = await anext(pieces, b"")
    response = StreamingResponse(_all(first, pieces), status, headers)
    try:
        await response(request.scope, request.receive, _without_waiting(send, seconds))
    except (ClientDisconnect, TimeoutError):
        # The client does not accept the rest.
        return None
    except Exception as error:  # noqa: BLE001 - after any error, the response has already started
        # The connection closes before the announced length, so the client notices that the file is incomplete.
        mask(error)
    return None


def headers_of(version: FileVersion) -> dict[str, str]:
    """Return the headers of a whole file."""
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
    """Return the Content-Disposition that saves a file, with its name in ASCII for old clients and in full for new."""
    ascii_name = re.sub(r'[^ -~]|["\\%]', "_", name)
    return f"attachment; filename=\"{ascii_name}\"; filename*=UTF-8''{quote(name, safe=PLAIN)}"


def _range_of(request: Request, size: int, tag: str) -> tuple[int, int] | None:
    """Return the start and the end (exclusive) of the requested range; None for the whole file.

    Raises HttpError (416) for a range outside the file.
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
        message = f"The range is outside the file: request a range within its {size} bytes."
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
