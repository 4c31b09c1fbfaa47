"""Which credential a request shows, before anything is known of whether it holds."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import TYPE_CHECKING, NoReturn
from urllib.parse import urlsplit

from server.http.errors import abort
from server.http.media_types import is_json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.requests import Request

    from server.config.settings import Settings

# The prefix binds the cookie to this host, to HTTPS and to no folder: a neighbouring host cannot set it.
COOKIE = "__Host-coalition"
LOGIN, LOGOUT = "/auth/login", "/auth/logout"
CLIENT_HEADER = "X-Coalition-Client"
MAX_CHARACTERS = 8192
SECRET = re.compile(r"[\w-]{43}", re.ASCII)


def bearer_of(request: Request) -> str | None:
    """Give what a request shows in its Authorization header, as `bearer_in` does."""
    return bearer_in(request.headers.getlist("authorization"))


def bearer_in(headers: Sequence[str]) -> str | None:
    """Give what follows `Bearer` in the Authorization headers of a request; None where there is no such header.

    The empty text stands for a header that is something else: it holds as little as a forged token.
    """
    if not headers:
        return None
    scheme, _, token = headers[0].partition(" ")
    usable = len(headers) == 1 and scheme.lower() == "bearer" and len(token) <= MAX_CHARACTERS
    return token if usable else ""


def cookie_of(request: Request, name: str = COOKIE) -> str | None:
    """Give a cookie's secret, the empty text for one that could be none of ours; None where there is no cookie."""
    value = request.cookies.get(name)
    if value is None:
        return None
    return value if SECRET.fullmatch(value) else ""


def own_address(request: Request, settings: Settings) -> str:
    """Give the scheme, host and port by which browsers reach this server."""
    if settings.public_url is not None:
        return settings.public_url
    address = urlsplit(str(request.url))
    return f"{address.scheme}://{address.netloc}"


def check_own_page(request: Request, settings: Settings) -> None:
    """Let a request that shows a cookie pass only where a page of our own has sent it.

    A browser adds the cookie to whatever another site makes it send, but it lets other sites neither
    name our origin, nor send JSON or a header of our own, unasked.

    Raises HttpError (403) otherwise.
    """
    if request.method != "POST":
        _forbid("Signed in by a cookie, send a POST; with a token in the header Authorization, a GET is answered, too.")
    if not is_json(request.headers.get("content-type", "")):
        _forbid("Signed in by a cookie, send the Content-Type application/json.")
    _check_own_script(request, settings)


def check_own_page_for_files(request: Request, settings: Settings) -> None:
    """Let a request for a file that shows a cookie pass only where a page of our own has sent it.

    Reading changes nothing, and another site's page gets no answer to see: it is enough that a browser says it was
    a page of ours, or the person's own doing, that asked (Fetch Metadata, W3C).

    Raises HttpError (403) otherwise.
    """
    if request.method not in {"GET", "HEAD"}:
        _check_own_script(request, settings)
    elif request.headers.get("sec-fetch-site") not in {"same-origin", "none"} and CLIENT_HEADER not in request.headers:
        _forbid(f"Signed in by a cookie, ask from a page of this server, or send the header {CLIENT_HEADER}.")


def _check_own_script(request: Request, settings: Settings) -> None:
    if request.headers.getlist("origin") != [own_address(request, settings)]:
        _forbid("Signed in by a cookie, send the Origin of this server; behind a proxy, set COALITION_PUBLIC_URL.")
    if CLIENT_HEADER not in request.headers:
        _forbid(f"Signed in by a cookie, send the header {CLIENT_HEADER} with the name of the client.")


def _forbid(message: str) -> NoReturn:
    abort(HTTPStatus.FORBIDDEN, message, code="FORBIDDEN")
