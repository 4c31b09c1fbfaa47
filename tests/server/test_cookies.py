"""The cookie of a browser that signed in: it counts only in requests from a page of the server's own origin."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

import pytest

from resolvers.identity.api_tokens import create_token
from resolvers.identity.browser_sessions import open_session
from server.auth.authenticator import Authenticator
from server.auth.credentials import check_own_page_for_files
from server.config.settings import load_settings
from tests.support.accounts import EMAIL, OWN, a_request, enter, status_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from resolvers.database.database import Database


@pytest.fixture
async def authenticator(database: Database) -> AsyncIterator[Authenticator]:
    opened = Authenticator(database, load_settings(public_url="https://it.example.org"))
    yield opened
    await opened.close()


@pytest.mark.anyio
@pytest.mark.parametrize("name", OWN)
async def test_a_cookie_counts_only_in_what_a_page_of_our_own_sends(
    database: Database, authenticator: Authenticator, name: str
) -> None:
    secret = await open_session(database, await enter(database))
    headers = {"cookie": f"__Host-coalition={secret}", **OWN}
    del headers[name]
    assert await status_of(authenticator.authenticate(a_request(**headers))) == HTTPStatus.FORBIDDEN


@pytest.mark.anyio
@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://example.org"},
        {"origin": "null"},
        {"origin": "http://it.example.org"},
        {"origin": "https://it.example.org:8443"},
        {"origin": "https://it.example.org.example.org"},
        {"content_type": "text/plain"},
        {"content_type": "application/x-www-form-urlencoded"},
        {"content_type": "multipart/form-data; boundary=application/json"},
    ],
    ids=lambda headers: "".join(headers.values()),
)
async def test_another_site_s_page_is_refused_whoever_is_signed_in(
    database: Database, authenticator: Authenticator, headers: dict[str, str]
) -> None:
    secret = await open_session(database, await enter(database))
    request = a_request(**{"cookie": f"__Host-coalition={secret}", **OWN, **headers})
    assert await status_of(authenticator.authenticate(request)) == HTTPStatus.FORBIDDEN


@pytest.mark.anyio
@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_a_cookie_does_not_count_in_a_get(database: Database, authenticator: Authenticator, method: str) -> None:
    secret = await open_session(database, await enter(database))
    request = a_request(method, cookie=f"__Host-coalition={secret}", **OWN)
    assert await status_of(authenticator.authenticate(request)) == HTTPStatus.FORBIDDEN


@pytest.mark.anyio
async def test_without_a_public_address_the_host_of_the_request_is_ours(database: Database) -> None:
    secret = await open_session(database, await enter(database))
    authenticator = Authenticator(database, load_settings())
    headers = {**OWN, "cookie": f"__Host-coalition={secret}", "host": "there.example.org"}
    assert await status_of(authenticator.authenticate(a_request(**headers))) == HTTPStatus.FORBIDDEN
    headers["origin"] = "https://there.example.org"
    assert (await authenticator.authenticate(a_request(**headers))).account is not None


@pytest.mark.anyio
async def test_what_is_good_for_a_cookie_is_no_token_not_even_while_it_is_remembered(
    database: Database, authenticator: Authenticator
) -> None:
    secret = await open_session(database, await enter(database))
    cookie = a_request(**{"cookie": f"__Host-coalition={secret}", **OWN})
    token = a_request(authorization=f"Bearer {secret}")
    for _ in range(2):
        assert await status_of(authenticator.authenticate(token)) == HTTPStatus.UNAUTHORIZED
        assert (await authenticator.authenticate(cookie)).account is not None


@pytest.mark.anyio
async def test_a_token_is_good_for_no_cookie(database: Database, authenticator: Authenticator) -> None:
    await enter(database)
    token = (await create_token(database, EMAIL, "test", "read")).text
    for _ in range(2):
        assert (await authenticator.authenticate(a_request(authorization=f"Bearer {token}"))).account is not None
        cookie = a_request(**{"cookie": f"__Host-coalition={token}", **OWN})
        assert await status_of(authenticator.authenticate(cookie)) == HTTPStatus.UNAUTHORIZED


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("method", "headers", "counts"),
    [
        ("GET", {"sec_fetch_site": "same-origin"}, True),
        ("HEAD", {"sec_fetch_site": "none"}, True),
        ("GET", {"x_coalition_client": "test"}, True),
        ("GET", {"sec_fetch_site": "same-site"}, False),
        ("GET", {"sec_fetch_site": "cross-site"}, False),
        ("GET", {}, False),
        ("PUT", {"origin": OWN["origin"], "x_coalition_client": "test"}, True),
        ("PUT", {"origin": OWN["origin"], "sec_fetch_site": "same-origin"}, False),
        ("PUT", {"origin": "https://example.org", "x_coalition_client": "test"}, False),
        ("PUT", {"x_coalition_client": "test"}, False),
        ("POST", {"sec_fetch_site": "same-origin"}, False),
    ],
)
async def test_for_files_a_cookie_counts_only_in_what_a_page_of_our_own_asks(
    database: Database, authenticator: Authenticator, method: str, headers: dict[str, str], *, counts: bool
) -> None:
    account = await enter(database)
    cookie = f"__Host-coalition={await open_session(database, account)}"
    request = a_request(method, cookie=cookie, **headers)
    found = await status_of(authenticator.authenticate(request, check_own_page_for_files))
    assert found == (account if counts else HTTPStatus.FORBIDDEN)
