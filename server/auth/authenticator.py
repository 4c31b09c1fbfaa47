"""Authenticates requests: finds the viewer of a credential."""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
from dataclasses import replace
from http import HTTPStatus
from typing import TYPE_CHECKING, NamedTuple

from resolvers.access.viewer import PUBLIC, Viewer
from resolvers.core.cache_bounds import VIEWERS
from resolvers.core.ttl_cache import TTL_SECONDS, TTLCache
from resolvers.database.unavailable import DatabaseUnavailableError
from resolvers.identity.account_linking import find_account
from resolvers.identity.api_tokens import find_token, record_use, use_is_due
from resolvers.identity.browser_sessions import find_session
from resolvers.identity.token_format import PREFIX, digest_of, is_token
from resolvers.identity.viewer_loader import read_viewer
from server.auth.credentials import bearer_of, check_own_page, cookie_of
from server.http.errors import abort

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.requests import Request

    from resolvers.database.database import Database
    from server.auth.jwt_verifier import JwtVerifier
    from server.config.settings import Settings

    CookieCheck = Callable[[Request, Settings], None]

logger = logging.getLogger(__name__)

SIGN_IN = "The request is not authenticated: send a valid token in the header Authorization: Bearer <token>."


class Authenticated(NamedTuple):
    """A viewer, and the time when the credential expires."""

    viewer: Viewer
    until: dt.datetime | None = None


class Authenticator:
    """Finds the viewer of each request, and caches it for a few seconds."""

    def __init__(self, database: Database, settings: Settings, verifier: JwtVerifier | None = None) -> None:
        """Use `verifier` for the tokens of the identity provider; without it, they are all rejected."""
        self._database = database
        self._settings = settings
        self.verifier = verifier
        self._viewers: TTLCache[Authenticated] = TTLCache(TTL_SECONDS, VIEWERS)
        self._uses: set[asyncio.Task[None]] = set()

    async def authenticate(self, request: Request, check_cookie: CookieCheck = check_own_page) -> Viewer:
        """Return the viewer of a request, reading only its method and headers.

        `check_cookie` rejects a request with a cookie that a page of another site could have sent.

        Raises HttpError: always the same 401 without a valid credential; 403 if `check_cookie` rejects the request.
        Raises DatabaseUnavailableError if the database is unavailable.
        """
        viewer = await self._authenticate(request, check_cookie)
        if viewer is None:
            headers = {"WWW-Authenticate": "Bearer"}
            abort(HTTPStatus.UNAUTHORIZED, SIGN_IN, code="UNAUTHENTICATED", headers=headers)
        return viewer

    def cached_viewer(self, key: str) -> Viewer | None:
        """Return the viewer that is cached under a key; None if a lookup is needed."""
        found = self._viewers.peek(key)
        if found is None or (found.until is not None and found.until <= dt.datetime.now(dt.UTC)):
            return None
        return found.viewer

    def forget(self, secret: str) -> None:
        """Remove a credential from the cache."""
        for ask in (self._by_token, self._by_identity, self._by_session):
            self._viewers.invalidate(_key(secret, ask.__name__))

    async def close(self) -> None:
        """Wait for the pending records of token use."""
        await asyncio.gather(*self._uses, return_exceptions=True)

    async def _authenticate(self, request: Request, check_cookie: CookieCheck) -> Viewer | None:
        token = bearer_of(request)
        if token is not None:
            return await self._viewer(token, self._by_token if token.startswith(PREFIX) else self._by_identity)
        cookie = cookie_of(request)
        if cookie is not None:
            check_cookie(request, self._settings)
            return await self._viewer(cookie, self._by_session)
        return PUBLIC if self._settings.anonymous_reads else None

    async def _viewer(self, secret: str, ask: Callable[[str], Awaitable[Authenticated | None]]) -> Viewer | None:
        found = await self._viewers.get(_key(secret, ask.__name__), lambda: ask(secret))
        if found is None or (found.until is not None and found.until <= dt.datetime.now(dt.UTC)):
            return None
        return found.viewer

    async def _by_token(self, token: str) -> Authenticated | None:
        if not is_token(token):
            return None
        found = await find_token(self._database, digest_of(token))
        viewer = await read_viewer(self._database, found.account, found.scopes) if found else None
        if found is None or viewer is None:
            return None
        if use_is_due(found):
            # In a task of its own: the request must not wait for this, and must not fail with it.
            note = asyncio.create_task(self._record_use(found.id))
            self._uses.add(note)
            note.add_done_callback(self._uses.discard)
        return Authenticated(replace(viewer, credential=f"token:{found.id}"), found.expires_at)

    async def _by_identity(self, token: str) -> Authenticated | None:
        identity = await self.verifier.verify_access_token(token) if self.verifier else None
        account = await find_account(self._database, identity) if identity else None
        viewer = await read_viewer(self._database, account) if account else None
        return Authenticated(replace(viewer, credential="oidc")) if viewer else None

    async def _by_session(self, cookie: str) -> Authenticated | None:
        session = await find_session(self._database, digest_of(cookie)) if cookie else None
        viewer = await read_viewer(self._database, session.account) if session else None
        if session is None or viewer is None:
            return None
        return Authenticated(replace(viewer, credential=f"session:{session.id}"), session.expires_at)

    async def _record_use(self, key: str) -> None:
        try:
            await record_use(self._database, key)
        except DatabaseUnavailableError:
            # The error is already logged, and the next use will be recorded.
            return
        except Exception as error:  # noqa: BLE001 - no error here affects the request
            logger.warning("the use of token %s could not be recorded: %s", key, type(error).__name__)


def key_of_bearer(token: str) -> str:
    """Return the cache key of a bearer token."""
    ask = Authenticator._by_token if token.startswith(PREFIX) else Authenticator._by_identity  # noqa: SLF001 - of this module
    return _key(token, ask.__name__)


def _key(secret: str, ask: str) -> str:
    """Return the cache key of a credential; it includes the kind of lookup, because a cookie's secret is no token."""
    return f"{ask} {digest_of(secret)}"
