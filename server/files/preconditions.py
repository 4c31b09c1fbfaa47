"""Conditions on a request for a file: If-Match and If-None-Match (RFC 9110, sections 13.1 and 13.2)."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, NoReturn

from server.http.errors import abort

if TYPE_CHECKING:
    from starlette.requests import Request

    from resolvers.files.document_files import FileVersion

ANY = "*"
OTHER = "The file of this version is not the one that If-Match names: fetch the version again and compare."
SAME = "This version has the file that If-None-Match names already: nothing was stored, and nothing need be."


def etag_of(version: FileVersion) -> str:
    """Return the entity tag of the file of a version; it is strong, as a file never changes."""
    return f'"{version.content.sha256}"'


def check_preconditions(request: Request, version: FileVersion) -> None:
    """Check a request that would succeed otherwise. Raises HttpError (412) where a condition is false.

    If-None-Match of a GET is none of these: see `is_cached`.
    """
    tag = etag_of(version) if version.was_received else None
    wanted = _tags(request, "if-match")
    if wanted is not None and (tag is None or not {ANY, tag} & {*wanted}):
        _abort(OTHER, tag)
    if request.method == "PUT" and tag is not None and is_cached(request, tag):
        _abort(SAME, tag)


def is_cached(request: Request, tag: str) -> bool:
    """Tell whether If-None-Match names the entity tag of a file, which it may do by a weak one."""
    return bool({ANY, tag} & {each.removeprefix("W/") for each in _tags(request, "if-none-match") or ()})


def _tags(request: Request, name: str) -> list[str] | None:
    """Return the entity tags of a header, None where the request has no such header."""
    lines = request.headers.getlist(name)
    return [each.strip() for each in ",".join(lines).split(",")] if lines else None


def _abort(message: str, tag: str | None) -> NoReturn:
    headers = {"ETag": tag} if tag else None
    abort(HTTPStatus.PRECONDITION_FAILED, message, code="PRECONDITION_FAILED", headers=headers)
