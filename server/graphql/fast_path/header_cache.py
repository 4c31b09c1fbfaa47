"""A cache of parsed request headers: media type and credential.

A client sends the same headers with every request, except for the length of its body, so they are parsed once. The
cache has profiles of plain requests only; for every other request, it has None.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from starlette.datastructures import Headers

from resolvers.core import cache_bounds
from resolvers.core.lru_cache import LRUCache
from server.auth.authenticator import key_of_bearer
from server.auth.credentials import COOKIE, bearer_in
from server.http.media_types import is_json, negotiate

if TYPE_CHECKING:
    from collections.abc import Iterable

HeaderPairs = tuple[tuple[bytes, bytes], ...]


@dataclass(frozen=True, slots=True)
class RequestProfile:
    """A JSON request with a bearer token, or without any credential.

    Attributes:
        media_type: The media type of the response.
        credential: The cache key of the bearer token; None without a token.
    """

    media_type: str
    credential: str | None


class HeaderCache:
    """The profiles of recent headers."""

    def __init__(self) -> None:
        self._profiles: LRUCache[tuple[RequestProfile | None]] = LRUCache(*cache_bounds.HEADERS)

    def read(self, headers: Iterable[tuple[bytes, bytes]]) -> RequestProfile | None:
        """Return the profile of a POST's headers; None if the endpoint must read them."""
        key = tuple([pair for pair in headers if pair[0] != b"content-length"])
        found = self._profiles.get(key)
        if found is None:
            found = (_read(key),)
            length = sum(len(name) + len(value) for name, value in key)
            if length <= cache_bounds.LONGEST_HEADERS:
                self._profiles.put(key, found, length)
        return found[0]


def _read(pairs: HeaderPairs) -> RequestProfile | None:
    headers = Headers(raw=list(pairs))
    media_type = negotiate(", ".join(headers.getlist("accept")))
    plain = not {"upgrade", "content-encoding", "transfer-encoding", "expect"} & {*headers}
    if media_type is None or not plain or not is_json(headers.get("content-type", "")):
        return None
    token = bearer_in(headers.getlist("authorization"))
    if token is None:
        shows_cookie = any(COOKIE in value for value in headers.getlist("cookie"))
        return None if shows_cookie else RequestProfile(media_type, None)
    return RequestProfile(media_type, key_of_bearer(token))
