"""Tokens of the identity provider: valid tokens are accepted; forged tokens all get the same bare response."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

import pytest
from starlette.testclient import TestClient

from server.app import build_app
from server.config.settings import load_settings
from tests.servers.identity_provider import ALGORITHMS, AUDIENCE, providing
from tests.support.accounts import asking, bearing, enter, on
from tests.support.forged_tokens import FORGERIES, later

if TYPE_CHECKING:
    from collections.abc import Iterator

    from httpx2 import Response

    from tests.servers.databases import Databases
    from tests.servers.identity_provider import IdentityProvider
    from tests.support.forged_tokens import Forgery


ALLOWED: dict[str, Forgery] = {
    "expired on a clock that is ahead": lambda p: p.token(exp=later(-25)),
    "made on a clock that is ahead": lambda p: p.token(nbf=later(25), iat=later(25)),
    "several audiences": lambda p: p.token(aud=["another", AUDIENCE]),
    "the usual type": lambda p: p.token(header={"typ": "JWT"}),
    "the whole type and more headers": lambda p: p.token(
        header={"typ": "application/at+jwt", "x5t": "AAAA", "org.example": 1}
    ),
    "a fraction of a second": lambda p: p.token(exp=later(60) + 0.5),
}


@pytest.fixture(scope="module")
def provider() -> Iterator[IdentityProvider]:
    with providing() as started:
        yield started


@pytest.fixture(scope="module")
def client(provider: IdentityProvider, sqlite_databases: Databases) -> Iterator[TestClient]:
    with sqlite_databases.migrated() as url:
        on(url, lambda database: enter(database, issuer=provider.issuer, subject="person-1"))
        on(url, lambda database: enter(database, "unlinked@example.org"))
        with TestClient(build_app(load_settings(database_url=url, **provider.settings))) as opened:
            yield opened


def bare(response: Response) -> tuple[int, bytes, list[tuple[str, str]]]:
    """Return everything that a client can see of a response."""
    return response.status_code, response.content, sorted(response.headers.multi_items())


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_good_token_of_each_algorithm_is_taken(
    client: TestClient, provider: IdentityProvider, algorithm: str
) -> None:
    assert asking(client, **bearing(provider.token(algorithm))).status_code == HTTPStatus.OK


@pytest.mark.parametrize("name", ALLOWED)
def test_what_the_standard_allows_and_clocks_do_is_taken(
    client: TestClient, provider: IdentityProvider, name: str
) -> None:
    assert asking(client, **bearing(ALLOWED[name](provider))).status_code == HTTPStatus.OK


@pytest.mark.parametrize("name", FORGERIES)
def test_a_forged_token_gets_the_same_bare_answer_as_none(
    client: TestClient, provider: IdentityProvider, name: str
) -> None:
    refused = asking(client, **bearing(FORGERIES[name](provider)))
    assert bare(refused) == bare(asking(client))
    assert refused.status_code == HTTPStatus.UNAUTHORIZED
    assert refused.headers["www-authenticate"] == "Bearer"


def test_the_answer_to_a_forged_token_tells_how_to_sign_in_and_no_more(client: TestClient) -> None:
    [error] = asking(client).json()["errors"]
    assert error == {
        "message": "The request is not authenticated: send a valid token in the header Authorization: Bearer <token>.",
        "extensions": {"code": "UNAUTHENTICATED"},
    }


def test_a_token_with_other_letters_than_ascii_gets_it_too(client: TestClient, provider: IdentityProvider) -> None:
    headers = [(b"authorization", b"Bearer " + provider.token().encode() + "ł".encode())]
    refused = client.post("/graphql", content=b"{}", headers=headers)
    assert bare(refused) == bare(asking(client))


def test_without_an_issuer_even_a_good_token_is_as_good_as_forged(
    provider: IdentityProvider, sqlite_databases: Databases
) -> None:
    with sqlite_databases.migrated() as url, TestClient(build_app(load_settings(database_url=url))) as client:
        assert bare(asking(client, **bearing(provider.token()))) == bare(asking(client))
