"""Entity tags in the headers of requests (RFC 9110, section 13.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.requests import Request

ANY = "*"
WEAK = "W/"


def tags_in(request: Request, name: str) -> list[str] | None:
    """Return the entity tags of a header, None if the request has no such header."""
    lines = request.headers.getlist(name)
    return [each.strip() for each in ",".join(lines).split(",")] if lines else None


def is_cached(request: Request, tag: str) -> bool:
    """Return whether If-None-Match names an entity tag; a strong tag and a weak tag of the same text are equal."""
    tags = {each.removeprefix(WEAK) for each in tags_in(request, "if-none-match") or ()}
    return bool({ANY, tag.removeprefix(WEAK)} & tags)
