"""Sign-in with a browser: the whole flow through the identity provider, and every step that the server refuses."""

from __future__ import annotations

import logging
import re
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx2
import pytest
from joserfc.jwk import RSAKey
from sqlalchemy import select
from starlette.testclient import TestClient

from models import BrowserSession
from resolvers.identity.token_format import digest_of
from server.app import build_app
from server.config.settings import load_settings
from server.startup.logging_setup import QUIET
from tests.servers.identity_provider import AUDIENCE, CLIENT_ID, CLIENT_SECRET, providing
from tests.support.accounts import ASKED, EMAIL, enter, on

if TYPE_CHECKING:
    from collections.abc import Iterator

    from httpx2 import Response

    from resolvers.database.database import Database
    from tests.servers.databases import Databases
    from tests.servers.identity_provider import IdentityProvider

HERE = "https://it.example.org"
ATTEMPT, SESSION = "__Host-coalition-sign-in", "__Host-coalition"
OWN = {"origin": HERE, "x-coalition-client": "test"}
PERSON = {"sub": "person-1", "email": EMAIL, "email_verified": True}


@pytest.fixture
def provider() -> Iterator[IdentityProvider]:
    with providing() as started:
        started.person = dict(PERSON)
        yield started


@pytest.fixture
def database_url(sqlite_databases: Databases) -> Iterator[str]:
    with sqlite_databases.migrated() as url:
        on(url, enter)
        yield url


@pytest.fixture
def client(provider: IdentityProvider, database_url: str) -> Iterator[TestClient]:
    settings = load_settings(database_url=database_url, **provider.settings)
    with TestClient(build_app(settings), base_url=HERE, follow_redirects=False) as opened:
        yield opened


def set_off(client: TestClient) -> str:
    """Begin to sign in; return the address at the provider to which the server redirects the browser."""
    response = client.get("/auth/login")
    assert response.status_code == HTTPStatus.SEE_OTHER
    return response.headers["location"]


def return_address(at_provider: str) -> str:
    """Visit the provider as the browser would; return the address to which the provider redirects the browser."""
    response = httpx2.get(at_provider)
    assert response.is_redirect, response.text
    return response.headers["location"]


def sign_in(client: TestClient) -> Response:
    return client.get(return_address(set_off(client)))


def ask(client: TestClient, **headers: str) -> Response:
    return client.post("/graphql", json=ASKED, headers={**OWN, **headers})


def sessions(url: str) -> list[Any]:
    async def read(database: Database) -> list[Any]:
        async with database.bypass_policies("a test looks at what is stored").connect() as connection:
            return list(await connection.execute(select(BrowserSession.__table__)))

    return on(url, read)


def test_a_person_signs_in_asks_and_signs_out(client: TestClient, database_url: str) -> None:
    assert ask(client).status_code == HTTPStatus.UNAUTHORIZED
    back = sign_in(client)
    assert (back.status_code, back.headers["location"]) == (HTTPStatus.SEE_OTHER, "/graphql")
    assert ask(client).status_code == HTTPStatus.OK
    secret = client.cookies[SESSION]
    out = client.post("/auth/logout", json={}, headers=OWN)
    assert out.status_code == HTTPStatus.NO_CONTENT
    assert SESSION not in client.cookies
    # Whoever kept a copy of the cookie has nothing of it.
    client.cookies.set(SESSION, secret, domain="it.example.org")
    assert ask(client).status_code == HTTPStatus.UNAUTHORIZED
    assert [row.revoked_at is None for row in sessions(database_url)] == [False]


def test_the_cookies_are_bound_to_this_host_and_out_of_reach_of_scripts(client: TestClient, database_url: str) -> None:
    for response, name in ((client.get("/auth/login"), ATTEMPT), (sign_in(client), SESSION)):
        [cookie] = [found for found in response.headers.get_list("set-cookie") if found.startswith(f"{name}=")]
        attributes = {part.strip().lower() for part in cookie.split(";")[1:]}
        assert {"secure", "httponly", "samesite=lax", "path=/"} <= attributes
        assert not any(part.startswith("domain") for part in attributes)
        assert response.headers["cache-control"] == "no-store"
    [row] = sessions(database_url)
    assert row.digest == digest_of(client.cookies[SESSION])
    assert (row.expires_at - row.created_at).total_seconds() == 8 * 3600


def test_the_provider_is_asked_with_a_fresh_state_nonce_and_challenge(client: TestClient) -> None:
    asked = [parse_qs(urlsplit(set_off(client)).query) for _ in range(2)]
    for name in ("state", "nonce", "code_challenge"):
        values = {query[name][0] for query in asked}
        assert len(values) == 2
        assert all(len(value) == 43 for value in values)
    assert asked[0]["redirect_uri"] == [f"{HERE}/auth/callback"]
    assert asked[0]["code_challenge_method"] == ["S256"]


def check_refused(response: Response, client: TestClient, status: int = HTTPStatus.BAD_REQUEST) -> None:
    assert response.status_code == status
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    assert "default-src 'none'" in response.headers["content-security-policy"]
    assert 'href="/auth/login"' in response.text
    assert SESSION not in client.cookies
    assert ATTEMPT not in client.cookies


def with_query(address: str, **changes: str | None) -> str:
    parts = urlsplit(address)
    query = {name: values[0] for name, values in parse_qs(parts.query).items()} | changes
    return parts._replace(query=urlencode({name: value for name, value in query.items() if value is not None})).geturl()


@pytest.mark.parametrize(
    "changes",
    [
        {"state": None},
        {"state": ""},
        {"state": "x" * 43},
        {"state": "ł"},
        {"code": None},
        {"code": ""},
        {"code": "nonsense"},
        {"code": "x" * 5000},
        {"iss": "https://other.example.org"},
        {"error": "access_denied"},
    ],
    ids=lambda changes: "-".join(f"{name}={str(value)[:12]}" for name, value in changes.items()),
)
def test_a_way_back_that_is_not_the_right_one_leads_nowhere(client: TestClient, changes: dict[str, str | None]) -> None:
    back = return_address(set_off(client))
    check_refused(client.get(with_query(back, **changes)), client)


def test_a_way_back_is_taken_once(client: TestClient) -> None:
    back = return_address(set_off(client))
    attempt = client.cookies[ATTEMPT]
    assert client.get(back).status_code == HTTPStatus.SEE_OTHER
    client.cookies.clear()
    client.cookies.set(ATTEMPT, attempt, domain="it.example.org")
    check_refused(client.get(back), client)


def test_a_way_back_does_not_work_in_another_browser(client: TestClient) -> None:
    back = return_address(set_off(client))
    client.cookies.clear()
    check_refused(client.get(back), client)
    set_off(client)
    check_refused(client.get(back), client)


@pytest.mark.parametrize(
    "lies",
    [
        {"nonce": "another"},
        {"nonce": None},
        {"aud": "another"},
        {"aud": None},
        {"iss": "https://other.example.org"},
        {"exp": 1},
        {"exp": None},
        {"iat": None},
        {"azp": "another"},
        {"aud": [CLIENT_ID, "another"]},
        {"aud": [CLIENT_ID, "another"], "azp": CLIENT_ID},
        {"aud": [CLIENT_ID, AUDIENCE]},
        {"aud": [CLIENT_ID, AUDIENCE], "azp": "another"},
        {"aud": [CLIENT_ID, {"x": 1}], "azp": CLIENT_ID},
        {"aud": [AUDIENCE], "azp": CLIENT_ID},
        {"aud": []},
        {"azp": [CLIENT_ID]},
        {"key": RSAKey.generate_key(2048)},
    ],
    ids=lambda lies: "-".join(f"{name}={str(value)[:40]}" for name, value in lies.items()),
)
def test_an_id_token_that_does_not_hold_signs_nobody_in(
    client: TestClient, provider: IdentityProvider, lies: dict[str, Any]
) -> None:
    provider.lies = lies
    check_refused(sign_in(client), client)


@pytest.mark.parametrize(
    "said",
    [{"aud": [CLIENT_ID]}, {"azp": CLIENT_ID}, {"aud": [CLIENT_ID, AUDIENCE], "azp": CLIENT_ID}],
    ids=["a list of one", "the party it was made for", "our two audiences"],
)
def test_an_id_token_for_this_server_and_nobody_else_signs_in(
    client: TestClient, provider: IdentityProvider, said: dict[str, Any]
) -> None:
    provider.lies = said
    assert sign_in(client).status_code == HTTPStatus.SEE_OTHER
    assert ask(client).status_code == HTTPStatus.OK


@pytest.mark.parametrize(
    "person",
    [
        {"sub": "person-2"},
        {"sub": "person-2", "email": EMAIL},
        {"sub": "person-2", "email": EMAIL, "email_verified": False},
        {"sub": "person-2", "email": EMAIL, "email_verified": "true"},
        {"sub": "person-2", "email": [EMAIL], "email_verified": True},
        {"sub": "person-2", "email": "other@example.org", "email_verified": True},
    ],
    ids=["no address", "said nothing", "not verified", "text", "list", "another"],
)
def test_whoever_has_no_account_is_told_so(
    client: TestClient, provider: IdentityProvider, person: dict[str, Any]
) -> None:
    provider.person = person
    response = sign_in(client)
    check_refused(response, client, HTTPStatus.FORBIDDEN)
    assert "no account" in response.text


def test_a_provider_that_passes_for_another_is_not_used(client: TestClient, provider: IdentityProvider) -> None:
    provider.lies = {"issuer": "https://other.example.org"}
    response = client.get("/auth/login")
    assert (response.status_code, "cannot be reached" in response.text) == (HTTPStatus.BAD_GATEWAY, True)


@pytest.mark.parametrize("name", [*OWN, "content-type"])
def test_signing_out_needs_a_page_of_our_own_too(client: TestClient, name: str) -> None:
    sign_in(client)
    headers = {key: value for key, value in {**OWN, "content-type": "application/json"}.items() if key != name}
    assert client.post("/auth/logout", content=b"{}", headers=headers).status_code == HTTPStatus.FORBIDDEN
    assert ask(client).status_code == HTTPStatus.OK


def test_nobody_is_signed_out_by_a_get(client: TestClient) -> None:
    sign_in(client)
    assert client.get("/auth/logout", headers=OWN).status_code == HTTPStatus.METHOD_NOT_ALLOWED
    assert ask(client).status_code == HTTPStatus.OK


def test_with_a_cookie_a_query_in_an_address_is_refused(client: TestClient) -> None:
    sign_in(client)
    response = client.get("/graphql", params={"query": "{ __typename }"}, headers=OWN)
    assert (response.status_code, response.json()["errors"][0]["extensions"]["code"]) == (403, "FORBIDDEN")


def test_the_page_offers_to_sign_in_and_then_to_sign_out(client: TestClient) -> None:
    offered = []
    for _ in range(2):
        page = client.get("/graphql", headers={"accept": "text/html"}).text
        offered += re.findall(r"signedIn&quot;: (\w+)", page)
        sign_in(client)
    assert offered == ["false", "true"]


def test_without_a_client_at_a_provider_there_is_no_way_to_sign_in(database_url: str) -> None:
    with TestClient(build_app(load_settings(database_url=database_url))) as client:
        for path in ("/auth/login", "/auth/callback", "/auth/logout"):
            assert client.get(path).status_code == HTTPStatus.NOT_FOUND


def test_nothing_secret_is_logged_however_much_is(
    client: TestClient, provider: IdentityProvider, caplog: pytest.LogCaptureFixture
) -> None:
    # As with COALITION_LOG_LEVEL=debug, whatever a test before this one has set.
    for name in (None, *QUIET):
        caplog.set_level(logging.DEBUG, logger=name)
    back = return_address(set_off(client))
    attempt = client.cookies[ATTEMPT]
    assert client.get(back).status_code == HTTPStatus.SEE_OTHER
    token = provider.token(sub="person-1")
    assert ask(client, authorization=f"Bearer {token}").status_code == HTTPStatus.OK
    secrets = (attempt, client.cookies[SESSION], CLIENT_SECRET, token, token.split(".")[2])
    assert caplog.text
    assert [secret for secret in secrets if secret in caplog.text] == []
