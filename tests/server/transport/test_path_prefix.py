"""A path prefix behind a proxy, which leaves it in the path or removes it: sign-in, API, page and files."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from starlette.testclient import TestClient

from server.app import build_app
from server.config.settings import load_settings
from tests.server.test_sign_in import HERE, OWN, PERSON, SESSION, return_address
from tests.servers.identity_provider import providing
from tests.support.accounts import ASKED, enter, on

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.servers.databases import Databases

PREFIX = "/it/coalition"


@pytest.fixture(scope="module")
def client(sqlite_databases: Databases) -> Iterator[TestClient]:
    with sqlite_databases.migrated() as url, providing() as provider:
        on(url, enter)
        provider.person = dict(PERSON)
        settings = load_settings(**{**provider.settings, "database_url": url, "public_url": f"{HERE}{PREFIX}/"})
        with TestClient(build_app(settings), base_url=HERE, follow_redirects=False) as opened:
            yield opened


@pytest.mark.parametrize("seen", [PREFIX, ""], ids=["left in the path", "removed by the proxy"])
def test_everything_is_reached_below_the_prefix(client: TestClient, graphiql_build: Path, seen: str) -> None:
    page = client.get(f"{seen}/graphql", headers={"accept": "text/html"}).text
    assert f'src="{PREFIX}/graphiql/{graphiql_build.name}/' in page
    assert f"{PREFIX}/auth/login" in page
    [script] = [part.partition('"')[0] for part in page.split('src="')[1:]]
    assert client.get(script.removeprefix(PREFIX if not seen else "")).status_code == 200
    back = return_address(client.get(f"{seen}/auth/login").headers["location"])
    assert back.startswith(f"{HERE}{PREFIX}/auth/callback?")
    signed_in = client.get(back.removeprefix(HERE).removeprefix(PREFIX if not seen else ""))
    assert signed_in.headers["location"] == f"{PREFIX}/graphql"
    assert client.post(f"{seen}/graphql", json=ASKED, headers=OWN).status_code == 200
    assert client.get(f"{seen}/documents/a/versions/b", headers={"x-coalition-client": "test"}).status_code == 404
    assert client.get(f"{seen}/livez").status_code == 200
    assert client.post(f"{seen}/auth/logout", json={}, headers=OWN).status_code == 204
    assert SESSION not in client.cookies


@pytest.mark.usefixtures("graphiql_build")
def test_the_overview_is_at_the_prefix_with_and_without_a_slash(client: TestClient) -> None:
    pages = [client.get(path) for path in (PREFIX, f"{PREFIX}?x=1", f"{PREFIX}/", "/")]
    assert [page.status_code for page in pages] == [200] * 4
    assert len({page.text for page in pages}) == 1
    assert f"{PREFIX}/graphql" in pages[0].text
    assert client.head(PREFIX).status_code == 200


def test_no_other_prefix_reaches_anything(client: TestClient) -> None:
    for path in ("/it/graphql", f"{PREFIX}x/graphql", f"{PREFIX}{PREFIX}/graphql", PREFIX):
        assert client.post(path, json=ASKED).status_code == 404
