"""Authentication: which credentials identify which account, and how long a result is cached."""

from __future__ import annotations

import asyncio
import datetime as dt
import time
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import update
from starlette.testclient import TestClient

from models import ApiToken, BrowserSession, Scope
from resolvers.access.viewer import PUBLIC
from resolvers.core import ttl_cache
from resolvers.identity.account_admin import disable_account
from resolvers.identity.api_tokens import create_token, list_tokens
from resolvers.identity.browser_sessions import close_session, open_session
from resolvers.identity.token_format import digest_of, new_token
from server.app import build_app
from server.auth.authenticator import Authenticator
from server.config.settings import load_settings
from tests.support.accounts import (
    EMAIL,
    OWN,
    a_request,
    asking,
    bearing,
    enter,
    enter_with_token,
    revoke_newest,
    status_of,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

    from resolvers.database.database import Database
    from tests.servers.databases import Databases


@pytest.fixture
def sqlite_url(sqlite_databases: Databases) -> Iterator[str]:
    with sqlite_databases.migrated() as address:
        yield address


@pytest.fixture
async def authenticator(database: Database) -> AsyncIterator[Authenticator]:
    opened = Authenticator(database, load_settings(public_url="https://it.example.org"))
    yield opened
    await opened.close()


@pytest.mark.anyio
async def test_an_api_token_stands_for_its_account_within_its_scopes(
    database: Database, authenticator: Authenticator
) -> None:
    account = await enter(database)
    for scope, scopes in (("read", frozenset({Scope.READ})), ("write", frozenset(Scope))):
        token = await create_token(database, EMAIL, scope, scope)
        viewer = await authenticator.authenticate(a_request(authorization=f"Bearer {token.text}"))
        assert (viewer.account, viewer.scopes) == (account, scopes)


@pytest.mark.anyio
async def test_a_cookie_stands_for_the_account_that_signed_in(database: Database, authenticator: Authenticator) -> None:
    account = await enter(database)
    secret = await open_session(database, account)
    viewer = await authenticator.authenticate(a_request(cookie=f"__Host-coalition={secret}", **OWN))
    assert (viewer.account, viewer.scopes) == (account, frozenset(Scope))


@pytest.mark.anyio
async def test_the_header_comes_before_the_cookie_and_a_bad_one_is_not_helped_by_it(
    database: Database, authenticator: Authenticator
) -> None:
    secret = await open_session(database, await enter(database))
    other = await enter(database, "other@example.org")
    token = await create_token(database, "other@example.org", "test")
    cookie = {"cookie": f"__Host-coalition={secret}", **OWN}
    found = await authenticator.authenticate(a_request(authorization=f"Bearer {token.text}", **cookie))
    assert found.account == other
    refused = authenticator.authenticate(a_request(authorization=f"Bearer {new_token()}", **cookie))
    assert await status_of(refused) == HTTPStatus.UNAUTHORIZED


@pytest.mark.anyio
async def test_whoever_shows_nothing_is_refused_unless_the_public_record_is_open(database: Database) -> None:
    closed = Authenticator(database, load_settings())
    assert await status_of(closed.authenticate(a_request("GET"))) == HTTPStatus.UNAUTHORIZED
    assert await Authenticator(database, load_settings(anonymous_reads=True)).authenticate(a_request("GET")) is PUBLIC


@pytest.mark.anyio
@pytest.mark.parametrize(
    "shown", [{"authorization": "Bearer nonsense"}, {"cookie": "__Host-coalition=nonsense"}], ids=["header", "cookie"]
)
async def test_whoever_shows_what_does_not_hold_is_not_even_the_public(
    database: Database, shown: dict[str, str]
) -> None:
    authenticator = Authenticator(database, load_settings(anonymous_reads=True, public_url="https://it.example.org"))
    assert await status_of(authenticator.authenticate(a_request(**shown, **OWN))) == HTTPStatus.UNAUTHORIZED


@pytest.mark.parametrize(
    "value",
    [
        *("", "Bearer", "Bearer ", "Basic cGVyc29uOnBhc3M=", "{token}", "Token {token}", "Bearer  {token}"),
        *("Bearer {token} ", "Bearer {token}{token}", "Bearer {token}, Bearer {token}", "Bearer " + "x" * 9000),
    ],
    ids=lambda value: value[:40] or "empty",
)
def test_whatever_else_stands_in_the_header_gets_the_bare_answer(sqlite_url: str, value: str) -> None:
    token = enter_with_token(sqlite_url).text
    with TestClient(build_app(load_settings(database_url=sqlite_url, anonymous_reads=True))) as client:
        assert asking(client, authorization=f"bearer {token}").status_code == HTTPStatus.OK
        refused = asking(client, authorization=value.format(token=token))
        bare = asking(client, **bearing(new_token()))
    assert (refused.status_code, refused.content, refused.headers) == (401, bare.content, bare.headers)


def test_two_headers_are_none(sqlite_url: str) -> None:
    header = ("authorization", f"Bearer {enter_with_token(sqlite_url).text}")
    with TestClient(build_app(load_settings(database_url=sqlite_url))) as client:
        assert client.post("/graphql", json={}, headers=[header, header]).status_code == HTTPStatus.UNAUTHORIZED


@pytest.mark.parametrize(
    ("method", "options"),
    [
        ("POST", {"content": b"{"}),
        ("POST", {"content": b" " * 300_000, "headers": {"content-type": "text/plain"}}),
        ("POST", {"json": {"query": "{"}}),
        ("POST", {"json": {"query": "mutation { a }"}}),
        ("GET", {"params": {"query": "{"}}),
        ("GET", {"params": {"query": "{ __schema { queryType { name } } }"}}),
        ("GET", {"headers": {"accept": "image/png"}}),
        ("PUT", {}),
    ],
    ids=["broken", "huge", "syntax", "mutation", "get", "introspection", "accept", "method"],
)
def test_nothing_of_a_request_is_looked_at_before_it_is_known_who_asks(
    sqlite_url: str, method: str, options: dict[str, Any]
) -> None:
    with TestClient(build_app(load_settings(database_url=sqlite_url))) as client:
        response = client.request(method, "/graphql", **options)
        assert (response.status_code, response.content) == (401, asking(client).content)
    assert response.headers["www-authenticate"] == "Bearer"


async def expire(database: Database, model: type[ApiToken | BrowserSession]) -> None:
    moment = dt.datetime.now(dt.UTC) - dt.timedelta(seconds=1)
    async with database.bypass_policies("a test lets time pass").begin() as connection:
        await connection.execute(update(model).values(expires_at=moment))


async def revoke(database: Database, secret: str) -> None:
    await revoke_newest(database)
    await close_session(database, digest_of(secret))


ENDS: dict[str, Callable[[Database, str], Awaitable[None]]] = {
    "revoked": revoke,
    "disabled": lambda database, _: disable_account(database, EMAIL),
    "expired": lambda database, _: expire(database, ApiToken),
    "over": lambda database, _: expire(database, BrowserSession),
}


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("kind", "end"),
    [
        *(("token", "revoked"), ("token", "disabled"), ("token", "expired")),
        *(("cookie", "revoked"), ("cookie", "disabled"), ("cookie", "over")),
    ],
)
async def test_what_has_ended_is_refused_within_five_seconds(
    database: Database, authenticator: Authenticator, kind: str, end: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = await enter(database)
    token = (await create_token(database, EMAIL, "test")).text
    cookie = await open_session(database, account)
    shown = {"token": {"authorization": f"Bearer {token}"}, "cookie": {"cookie": f"__Host-coalition={cookie}"}}
    request = a_request(**OWN, **shown[kind])
    assert await status_of(authenticator.authenticate(request)) == account
    await ENDS[end](database, cookie)
    monkeypatch.setattr(ttl_cache, "monotonic", lambda: time.monotonic() + 4.9)
    assert await status_of(authenticator.authenticate(request)) == HTTPStatus.UNAUTHORIZED


@pytest.mark.anyio
async def test_what_is_known_is_not_asked_for_again_at_once(database: Database, authenticator: Authenticator) -> None:
    account = await enter(database)
    token = await create_token(database, EMAIL, "test")
    request = a_request(authorization=f"Bearer {token.text}")
    found = await asyncio.gather(*(authenticator.authenticate(request) for _ in range(20)))
    await disable_account(database, EMAIL)
    assert {viewer.account for viewer in [*found, await authenticator.authenticate(request)]} == {account}


@pytest.mark.anyio
async def test_whoever_goes_away_while_they_are_recognised_takes_nobody_along(
    database: Database, authenticator: Authenticator
) -> None:
    account = await enter(database)
    token = await create_token(database, EMAIL, "test")
    request = a_request(authorization=f"Bearer {token.text}")
    first, second = (asyncio.create_task(authenticator.authenticate(request)) for _ in range(2))
    await asyncio.sleep(0)
    first.cancel()
    assert (await second).account == account


@pytest.mark.anyio
async def test_a_use_of_a_token_is_noted_once_a_minute(database: Database) -> None:
    await enter(database)
    token = await create_token(database, EMAIL, "test")
    noted = []
    for _ in range(2):
        # Another worker each time, which knows nothing of the other.
        authenticator = Authenticator(database, load_settings())
        await authenticator.authenticate(a_request(authorization=f"Bearer {token.text}"))
        await authenticator.close()
        noted.append((await list_tokens(database))[0].last_used_at)
    assert noted[0] is not None
    assert noted[0] == noted[1]


@pytest.mark.anyio
async def test_a_use_that_cannot_be_noted_neither_delays_nor_fails_the_request(
    authenticator: Authenticator, database: Database, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    account = await enter(database)
    token = await create_token(database, EMAIL, "test")
    asked = asyncio.Event()

    async def fail(_database: Database, _key: str) -> None:
        await asked.wait()
        raise OSError(token.text)

    monkeypatch.setattr("server.auth.authenticator.record_use", fail)
    viewer = await authenticator.authenticate(a_request(authorization=f"Bearer {token.text}"))
    assert viewer.account == account
    asked.set()
    await authenticator.close()
    assert "could not be recorded: OSError" in caplog.text
    assert token.text not in caplog.text
