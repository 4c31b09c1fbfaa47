"""Reads the credential of a request, without verifying it, and protects cookies against other sites."""

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

# With the prefix __Host-, browsers require HTTPS, this host and the path /: another host cannot set the cookie.
COOKIE = "__Host-coalition"
LOGIN, LOGOUT = "/auth/login", "/auth/logout"
CLIENT_HEADER = "X-Coalition-Client"
MAX_CHARACTERS = 8192
SECRET = re.compile(r"[\w-]{43}", re.ASCII)


def bearer_of(request: Request) -> str | None:
    """Return the bearer token of a request, as `bearer_in` does."""
    return bearer_in(request.headers.getlist("authorization"))


def bearer_in(headers: Sequence[str]) -> str | None:
    """Return the token after `Bearer` in the Authorization headers; None if there is no such header.

    The result is empty for an unusable header, and is then rejected like a forged token.
    """
    if not headers:
        return None
    scheme, _, token = headers[0].partition(" ")
    usable = len(headers) == 1 and scheme.lower() == "bearer" and len(token) <= MAX_CHARACTERS
    return token if usable else ""


def cookie_of(request: Request, name: str = COOKIE) -> str | None:
    """Return the secret in a cookie; empty if its format is wrong, None if there is no cookie."""
    value = request.cookies.get(name)
    if value is None:
        return None
    return value if SECRET.fullmatch(value) else ""


def own_address(request: Request, settings: Settings) -> str:
    """Return the scheme, host and port by which browsers reach this server."""
    if settings.public_url is not None:
        return settings.public_url.removesuffix(settings.path_prefix)
    address = urlsplit(str(request.url))
    return f"{address.scheme}://{address.netloc}"


def check_own_page(request: Request, settings: Settings) -> None:
    """Check that a page of this server sent a request with a cookie.

    A browser adds the cookie to requests from other sites too, but other sites cannot send our origin. Without our
    consent (CORS), they can send neither JSON nor a custom header.

    Raises HttpError (403) otherwise.
    """
    if request.method != "POST":
        _forbid("A request with a cookie must be a POST: send a POST, or a token in the header Authorization.")
    if not is_json(request.headers.get("content-type", "")):
        _forbid("A request with a cookie must have the header Content-Type: application/json.")
    _check_own_script(request, settings)


def check_own_page_for_files(request: Request, settings: Settings) -> None:
    """Check that a page of this server sent a request for a file with a cookie.

    Reading changes nothing, and a page of another site cannot see the response. It is enough if the browser reports
    that a page of this server, or the user directly, requested the file (Fetch Metadata, W3C).

    Raises HttpError (403) otherwise.
    """
    if request.method not in {"GET", "HEAD"}:
        _check_own_script(request, settings)
    elif request.headers.get("sec-fetch-site") not in {"same-origin", "none"} and CLIENT_HEADER not in request.headers:
        _forbid(f"A request with a cookie must come from a page of this server, or have the header {CLIENT_HEADER}.")


def _check_own_script(request: Request, settings: Settings) -> None:
    if request.headers.getlist("origin") != [own_address(request, settings)]:
        _forbid("A request with a cookie must have this server as Origin: behind a proxy, set COALITION_PUBLIC_URL.")
    if CLIENT_HEADER not in request.headers:
        _forbid(f"A request with a cookie must have the header {CLIENT_HEADER} with the name of the client.")


def _forbid(message: str) -> NoReturn:
    abort(HTTPStatus.FORBIDDEN, message, code="FORBIDDEN")
