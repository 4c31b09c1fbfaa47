"""The conditions of a request for a file: If-Match and If-None-Match (RFC 9110, sections 13.1 and 13.2)."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, NoReturn

from server.http.entity_tags import ANY, is_cached, tags_in
from server.http.errors import abort

if TYPE_CHECKING:
    from starlette.requests import Request

    from resolvers.files.document_files import FileVersion

OTHER = "If-Match does not name the file of this version: fetch the version again and compare."
SAME = "If-None-Match names the file of this version: nothing was stored, because the file is already there."


def etag_of(version: FileVersion) -> str:
    """Return the entity tag of the file of a version; it is strong, because a file never changes."""
    return f'"{version.content.sha256}"'


def check_preconditions(request: Request, version: FileVersion) -> None:
    """Check the conditions of an otherwise successful request. Raises HttpError (412) if a condition is false.

    `is_cached` checks If-None-Match of a GET.
    """
    tag = etag_of(version) if version.was_received else None
    wanted = tags_in(request, "if-match")
    if wanted is not None and (tag is None or not {ANY, tag} & {*wanted}):
        _abort(OTHER, tag)
    if request.method == "PUT" and tag is not None and is_cached(request, tag):
        _abort(SAME, tag)


def _abort(message: str, tag: str | None) -> NoReturn:
    headers = {"ETag": tag} if tag else None
    abort(HTTPStatus.PRECONDITION_FAILED, message, code="PRECONDITION_FAILED", headers=headers)
