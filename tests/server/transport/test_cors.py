"""CORS: a page of another origin, in a real browser, reads with a token if its origin is allowed."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import httpx2
import pytest

from server.config.settings import SettingsError, load_settings
from tests.server.test_fast_path import GROUPS, at_work, send
from tests.support.clients import new_token
from tests.support.graphiql_page import chromium

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.servers.databases import Databases

DASHBOARD = "https://dashboard.example.org"
FETCH = """async ([address, token, options]) => {
  try {
    const response = await fetch(address, {
      method: "POST",
      headers: { "content-type": "application/json", ...(token ? { authorization: `Bearer ${token}` } : {}) },
      body: JSON.stringify({ query: "{ expertGroups { nodes { code } } }" }),
      ...options,
    });
    return [response.status, await response.json(), response.headers.has("x-request-id")];
  } catch (error) { return String(error); }
}"""


class Page(BaseHTTPRequestHandler):
    """An empty page."""

    def do_GET(self) -> None:
        """Send the page."""
        self.send_response(200)
        self.end_headers()

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Log nothing."""


@contextmanager
def an_origin() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Page) as server:
        threading.Thread(target=server.serve_forever).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture(scope="module")
def url(sqlite_databases: Databases) -> Iterator[str]:
    with sqlite_databases.with_public_record() as address:
        yield address


@pytest.mark.browser
def test_a_page_of_an_allowed_origin_asks_with_a_token_and_others_are_refused(url: str) -> None:
    token = new_token(url)
    with (
        an_origin() as named, an_origin() as other,
        at_work(url, allowed_origins=named) as address,
        chromium() as browser,
    ):  # fmt: skip
        page = browser.new_page()
        page.goto(named)
        # The first answer comes the ordinary way, the next ones from the fast path.
        for _ in range(3):
            status, answer, has_id = page.evaluate(FETCH, [address, token, {}])
            assert (status, has_id) == (200, True)
            assert len(answer["data"]["expertGroups"]["nodes"]) == 4
        # The page can read why a request is refused.
        assert page.evaluate(FETCH, [address, "itc_wrong", {}])[0] == 401
        assert page.evaluate(FETCH, [address, token, {"credentials": "include"}]) == "TypeError: Failed to fetch"
        page.goto(other)
        assert page.evaluate(FETCH, [address, token, {}]) == "TypeError: Failed to fetch"


def test_only_an_allowed_origin_gets_the_headers_and_never_for_cookies(url: str) -> None:
    asked = {"access-control-request-method": "POST", "access-control-request-headers": "authorization"}
    token = {"authorization": f"Bearer {new_token(url)}"}
    with at_work(url, allowed_origins=f"{DASHBOARD}, http://127.0.0.1:3000") as address, httpx2.Client() as client:
        found = client.options(address, headers={"origin": DASHBOARD, **asked})
        assert (found.status_code, found.content) == (204, b"")
        assert found.headers["access-control-allow-origin"] == DASHBOARD
        assert found.headers["access-control-allow-methods"] == "GET, HEAD, POST"
        assert "Authorization" in found.headers["access-control-allow-headers"]
        file = address.replace("/graphql", "/documents/a/versions/b")
        assert "PUT" in client.options(file, headers={"origin": DASHBOARD, **asked}).headers[
            "access-control-allow-methods"
        ]  # fmt: skip
        for origin in ("https://other.example.org", f"{DASHBOARD}.example.com", "null", DASHBOARD.upper()):
            assert client.options(address, headers={"origin": origin, **asked}).status_code == 401
        answers = [send(client, address, GROUPS, **token, **more) for _ in range(3) for more in ORIGINS]
        for answer, more in zip(answers, ORIGINS * 3, strict=True):
            assert answer.status_code == 200
            assert answer.headers.get("access-control-allow-origin") == (DASHBOARD if more == ORIGINS[0] else None)
            assert "Origin" in answer.headers["vary"]
            assert "access-control-allow-credentials" not in answer.headers
        cookie = {"cookie": f"__Host-coalition={'x' * 43}", "x-coalition-client": "a page"}
        assert send(client, address, GROUPS, origin=DASHBOARD, **cookie).status_code == 403


ORIGINS: tuple[dict[str, str], ...] = ({"origin": DASHBOARD}, {"origin": "https://other.example.org"}, {})


@pytest.mark.parametrize("origins", ["*", "null", f"{DASHBOARD}/page", "http://other.example.org", "dashboard"])
def test_an_origin_that_browsers_do_not_send_is_refused(origins: str) -> None:
    with pytest.raises(SettingsError, match="COALITION_ALLOWED_ORIGINS must be origins"):
        load_settings(allowed_origins=f"{DASHBOARD} {origins}")
