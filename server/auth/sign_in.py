"""Signs browsers in with the identity provider, and signs them out.

This is the code flow of OpenID Connect, with PKCE, state and nonce. All three are derived from one random secret, which
the browser stores in a cookie during the sign-in, so the workers store no state.
"""

from __future__ import annotations

import hashlib
import hmac
import logging
import secrets
from base64 import urlsafe_b64encode
from html import escape
from http import HTTPStatus
from typing import TYPE_CHECKING

from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from resolvers.identity.account_linking import find_account
from resolvers.identity.browser_sessions import LIFETIME, close_session, open_session
from resolvers.identity.token_format import digest_of
from server.auth.credentials import COOKIE, LOGIN, LOGOUT, check_own_page, cookie_of, own_address
from server.auth.jwks import ProviderError
from server.auth.oidc_client import LoginAttempt, OidcClient
from server.http.errors import HttpError, format_http_error

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.requests import Request
    from starlette.routing import BaseRoute

    from server.config.settings import Settings

logger = logging.getLogger(__name__)

CALLBACK = "/auth/callback"
ATTEMPT_COOKIE = "__Host-coalition-sign-in"
ATTEMPT_SECONDS = 600
# The page that the browser returns to. Other names lead to the default, so no link leads to another server.
PAGE_COOKIE = "__Host-coalition-page"
PAGES = {"overview": "/", "graphiql": "/graphql"}
DEFAULT_PAGE = "graphiql"
MAX_CHARACTERS = 4096
NO_STORE = {"Cache-Control": "no-store"}
PAGE_POLICY = {"Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'"}
PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>IT Coalition API</title>
<p>{message}</p>
<p><a href="{again}">Sign in again</a></p>
</html>
"""


class SignIn:
    """The endpoints under `/auth/` for the identity provider in the settings."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._provider = OidcClient(settings)

    @property
    def routes(self) -> Sequence[BaseRoute]:
        """The routes of these endpoints."""
        return (
            Route(LOGIN, self.login, methods=["GET"]),
            Route(CALLBACK, self.callback, methods=["GET"]),
            Route(LOGOUT, self.logout, methods=["POST"]),
        )

    async def login(self, request: Request) -> Response:
        """Redirect the browser to the identity provider; the parameter `page` names the page that it returns to."""
        secret = secrets.token_urlsafe(32)
        try:
            address = await self._provider.authorization_address(_attempt(secret), self._back(request))
        except ProviderError as error:
            logger.warning("sign-in is not possible: %s", error)
            return _page(request, HTTPStatus.BAD_GATEWAY, "The identity provider cannot be reached. Try again later.")
        response = RedirectResponse(address, HTTPStatus.SEE_OTHER, NO_STORE)
        _set_cookie(response, ATTEMPT_COOKIE, secret, ATTEMPT_SECONDS)
        _set_cookie(response, PAGE_COOKIE, _page_name(request.query_params.get("page")), ATTEMPT_SECONDS)
        return response

    async def callback(self, request: Request) -> Response:
        """Complete the sign-in when the browser returns from the identity provider."""
        response = await self._sign_in(request)
        _delete_cookie(response, ATTEMPT_COOKIE)
        _delete_cookie(response, PAGE_COOKIE)
        return response

    async def logout(self, request: Request) -> Response:
        """Sign the browser out and close its session, so that a copy of the cookie is useless too."""
        try:
            check_own_page(request, self._settings)
        except HttpError as error:
            return JSONResponse({"errors": [format_http_error(error)]}, error.status, NO_STORE)
        secret = cookie_of(request)
        if secret:
            await close_session(request.state.database, digest_of(secret))
            request.state.authenticator.forget(secret)
        response = Response(status_code=HTTPStatus.NO_CONTENT, headers=NO_STORE)
        _delete_cookie(response, COOKIE)
        return response

    async def _sign_in(self, request: Request) -> Response:
        attempt = _attempt(cookie_of(request, ATTEMPT_COOKIE) or secrets.token_urlsafe(32))
        code = _code(request, attempt, self._settings)
        if code is None:
            return _page(request, HTTPStatus.BAD_REQUEST, "The sign-in was refused or did not start in this browser.")
        try:
            token = await self._provider.exchange(code, attempt, self._back(request))
        except ProviderError as error:
            logger.warning("a sign-in failed: %s", error)
            return _page(request, HTTPStatus.BAD_REQUEST, "The identity provider did not confirm this sign-in.")
        identity = await request.state.authenticator.verifier.verify_id_token(token, attempt.nonce)
        if identity is None:
            logger.warning("a sign-in failed: the ID token is not valid")
            return _page(request, HTTPStatus.BAD_REQUEST, "The identity provider did not confirm this sign-in.")
        account = await find_account(request.state.database, identity)
        if account is None:
            message = "You have no account yet: contact the coalition's secretariat to get an account."
            return _page(request, HTTPStatus.FORBIDDEN, message)
        secret = await open_session(request.state.database, account)
        page = PAGES[_page_name(request.cookies.get(PAGE_COOKIE))]
        response = RedirectResponse(f"{_root(request)}{page}", HTTPStatus.SEE_OTHER, NO_STORE)
        _set_cookie(response, COOKIE, secret, int(LIFETIME.total_seconds()))
        return response

    def _back(self, request: Request) -> str:
        return f"{own_address(request, self._settings)}{_root(request)}{CALLBACK}"


def _page_name(given: str | None) -> str:
    return given if given in PAGES else DEFAULT_PAGE


def _attempt(secret: str) -> LoginAttempt:
    def part(label: str) -> str:
        made = hmac.digest(secret.encode(), label.encode(), hashlib.sha256)
        return urlsafe_b64encode(made).rstrip(b"=").decode()

    return LoginAttempt(part("state"), part("nonce"), part("verifier"))


def _code(request: Request, attempt: LoginAttempt, settings: Settings) -> str | None:
    """Return the authorization code of a callback; None if it does not belong to this browser's sign-in."""
    given = request.query_params
    state = given.getlist("state")
    if len(state) != 1 or not hmac.compare_digest(state[0].encode("utf-8", "replace"), attempt.state.encode()):
        return None
    # If the provider sends its issuer, it must match (RFC 9207).
    if given.get("iss", settings.oidc_issuer) != settings.oidc_issuer or "error" in given:
        return None
    codes = given.getlist("code")
    return codes[0] if len(codes) == 1 and 0 < len(codes[0]) <= MAX_CHARACTERS else None


def _set_cookie(response: Response, name: str, secret: str, seconds: int) -> None:
    response.set_cookie(name, secret, seconds, path="/", secure=True, httponly=True, samesite="lax")


def _delete_cookie(response: Response, name: str) -> None:
    response.delete_cookie(name, path="/", secure=True, httponly=True, samesite="lax")


def _root(request: Request) -> str:
    return str(request.scope.get("root_path", ""))


def _page(request: Request, status: HTTPStatus, message: str) -> Response:
    page = PAGE.format(message=escape(message), again=escape(f"{_root(request)}{LOGIN}"))
    return HTMLResponse(page, status, {**NO_STORE, **PAGE_POLICY})
