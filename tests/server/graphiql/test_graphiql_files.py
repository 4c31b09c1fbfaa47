"""The pages for browsers, at the API's address and at `/`, and the files that they load, as the server sends them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from starlette.testclient import TestClient

from server.app import build_app
from server.config.settings import Settings
from server.graphiql import build as graphiql_build

if TYPE_CHECKING:
    from httpx2 import Response

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
TYPES = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8"}


@pytest.fixture(scope="module")
def client(graphiql_build: Path) -> TestClient:
    assert graphiql_build.is_dir()
    return TestClient(build_app(Settings()))


PAGES = ("/graphql", "/")


def page(client: TestClient, path: str = "/graphql") -> Response:
    return client.get(path, headers={"Accept": BROWSER})


def files(client: TestClient) -> list[str]:
    """Return the paths of the files that the pages name."""
    return re.findall(r'(?:href|src)="(/[^"]+)"', "".join(page(client, path).text for path in PAGES))


@pytest.mark.parametrize("path", PAGES)
def test_the_page_allows_nothing_from_elsewhere_and_no_frame_around_it(client: TestClient, path: str) -> None:
    headers = page(client, path).headers
    policy = headers["content-security-policy"]
    assert policy.startswith("default-src 'self';")
    assert "frame-ancestors 'none'" in policy
    assert not re.search(r"script-src|https?:|\*|unsafe-eval", policy)
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["vary"] == "Accept"


@pytest.mark.parametrize("path", PAGES)
def test_the_page_names_no_other_host(client: TestClient, path: str) -> None:
    addresses = re.findall(r"(?:https?:)?//[\w.]+", page(client, path).text)
    # The name of the language that the icon is drawn in; nobody fetches it.
    assert addresses == ["http://www.w3.org"]


def test_its_files_have_the_right_type_and_are_kept_for_ever(client: TestClient) -> None:
    assert {Path(path).suffix for path in files(client)} == TYPES.keys()
    assert {Path(path).name.partition("-")[0] for path in files(client)} == {"graphiql", "overview"}
    for path in files(client):
        response = client.get(path)
        assert response.status_code == 200
        assert response.headers["content-type"] == TYPES[Path(path).suffix]
        assert response.headers["cache-control"] == "public, max-age=31536000, immutable"
        # A worker obeys the policy of its own file.
        assert response.headers["content-security-policy"] == page(client).headers["content-security-policy"]
        assert response.headers["x-content-type-options"] == "nosniff"


def test_its_files_arrive_compressed(client: TestClient) -> None:
    for path in files(client):
        with client.stream("GET", path, headers={"Accept-Encoding": "gzip"}) as response:
            sent = sum(map(len, response.iter_raw()))
            assert response.headers["content-encoding"] == "gzip"
        assert sent < len(client.get(path).content) / 2


@pytest.mark.parametrize("name", ["manifest.json", "none.js", "..%2F..%2F..%2Fapp.py", "..%2F..%2Fx.js", "%00.js", ""])
def test_nothing_but_its_files_is_served(client: TestClient, name: str) -> None:
    folder = files(client)[0].rpartition("/")[0]
    assert client.get(f"{folder}/{name}").status_code == 404


@pytest.mark.parametrize("path", PAGES)
def test_without_a_build_the_page_says_in_one_line_how_to_make_one(
    client: TestClient, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, path: str
) -> None:
    monkeypatch.setattr(graphiql_build, "BUILDS", tmp_path)
    response = page(client, path)
    assert response.status_code == 200
    assert "<p>GraphiQL is not built: run `coalition graphiql build`, then" in response.text
    assert "<script" not in response.text
    assert "default-src 'self'" in response.headers["content-security-policy"]
