"""GraphiQL with credentials: the personas of the demonstration, a typed token, and sign-in."""

from __future__ import annotations

import json
import re
import shutil
import socket
from html import unescape
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import httpx2
import pytest
from playwright.sync_api import expect

from resolvers.identity.demo_personas import PERSONAS
from server.config.settings import ROOT
from tests.servers.identity_provider import providing
from tests.servers.processes import serving
from tests.support.accounts import EMAIL, enter, enter_with_token, on
from tests.support.graphiql_page import chromium, run, visiting

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

    from tests.servers.databases import Databases
    from tests.servers.processes import Server

CODE = ("alembic", "data", "models", "resolvers", "schema", "server")


@pytest.fixture(scope="module")
def browser(sqlite_databases: Databases) -> Iterator[Browser]:
    # Migrations start a loop of their own, which they cannot once the browser has one running.
    with sqlite_databases.migrated(), chromium() as browser:
        yield browser


@pytest.fixture(scope="module", autouse=True)
def build(graphiql_build: Path) -> Path:
    """Let every server of these tests serve GraphiQL."""
    return graphiql_build


@pytest.fixture(scope="module")
def demonstration(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Yield a running demonstration with two workers, from a copy of the checkout."""
    folder = tmp_path_factory.mktemp("demonstration")
    for name in CODE:
        # Without the fictional set, which takes some seconds to make.
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("*.toml"))
    shutil.copytree(ROOT / "clients", folder / "clients", ignore=shutil.ignore_patterns("node_modules"))
    shutil.copy(ROOT / "pyproject.toml", folder)
    with serving("--demo", "--workers", "2", cwd=folder, code=folder) as server:
        yield server


@pytest.fixture
def sqlite_url(sqlite_databases: Databases) -> Iterator[str]:
    with sqlite_databases.migrated() as address:
        yield address


def offered(address: str, **headers: str) -> dict[str, Any]:
    """Return the options to authenticate that the page offers."""
    page = httpx2.get(address, headers={"accept": "text/html", **headers}, timeout=60)
    assert page.headers["cache-control"] == "no-store"
    [content] = re.findall(r'<meta name="coalition" content="([^"]*)">', page.text)
    found: dict[str, Any] = json.loads(unescape(content))
    return found


def tokens_shown(server: Server, host: str) -> int:
    """Count the tokens on the page. The request sends the header verbatim, also one that no client would send."""
    parts = urlsplit(server.address)
    with socket.create_connection((parts.hostname, parts.port), timeout=60) as connection:
        head = f"GET {parts.path} HTTP/1.1\r\n{host}\r\nAccept: text/html\r\nConnection: close\r\n\r\n"
        connection.sendall(head.encode())
        page = b"".join(iter(lambda: connection.recv(65_536), b"")).decode()
    assert page.startswith("HTTP/1.1 ")
    return sum(token in page for token in server.personas.values())


def token_sent(page: Page) -> str | None:
    """Run the operation in the editor; return the Authorization header of the request."""
    with page.expect_request(lambda request: request.method == "POST") as sent:
        page.get_by_role("button", name="Execute query").click()
    return sent.value.headers.get("authorization")


def test_the_page_of_the_demonstration_holds_the_tokens_that_were_printed(demonstration: Server) -> None:
    titles = [persona.title for persona in PERSONAS]
    assert list(demonstration.personas) == titles
    for _ in range(8):
        personas = offered(demonstration.address)["personas"]
        assert {persona["title"]: persona["token"] for persona in personas} == demonstration.personas


def test_by_another_name_of_this_machine_no_token_is_shown(demonstration: Server) -> None:
    assert offered(demonstration.address, host="attacker.example.org") == {}
    page = httpx2.get(demonstration.address, headers={"accept": "text/html", "host": "attacker.example.org"}).text
    assert not any(token in page for token in demonstration.personas.values())


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1@evil.example",
        "evil.example#localhost",
        "evil.example/localhost",
        "localhost:8000@evil",
        "localhost:99999",
        "localhost:0",
        "localhost:",
        "localhost.",
        "localhost.evil.example",
        "user@localhost",
        "127.0.0.1.evil.example",
        "127.0.0.999",
        "[::1",
        "[::1%25lo]",
        "::1",
        "",
        "löcalhost",
        "localhost\u0661",
        "localhost:\u0661",
    ],
)
def test_under_a_name_that_is_no_host_no_token_is_shown(demonstration: Server, host: str) -> None:
    assert tokens_shown(demonstration, f"Host: {host}") == 0


def test_under_two_names_no_token_is_shown(demonstration: Server) -> None:
    assert tokens_shown(demonstration, "Host: localhost\r\nHost: evil.example") == 0


@pytest.mark.parametrize("host", ["localhost", "localhost:8000", "127.0.0.1:65535", "127.1.2.3", "[::1]", "[::1]:8000"])
def test_under_each_name_of_this_machine_the_tokens_are_shown(demonstration: Server, host: str) -> None:
    assert tokens_shown(demonstration, f"Host: {host}") == len(PERSONAS)


def test_a_server_of_ones_own_shows_none(sqlite_url: str, tmp_path: Path) -> None:
    with serving(cwd=tmp_path, database_url=sqlite_url) as server:
        assert offered(server.address) == {"personas": []}


@pytest.mark.browser
def test_whoever_opens_the_demonstration_is_the_first_persona_and_can_become_another(
    browser: Browser, demonstration: Server
) -> None:
    bearers = [f"Bearer {token}" for token in demonstration.personas.values()]
    with visiting(browser, demonstration.address) as visit:
        run(visit.page)
        assert token_sent(visit.page) == bearers[0]
        visit.page.get_by_label("View as").select_option(label=PERSONAS[3].title)
        assert token_sent(visit.page) == bearers[3]
        # In every tab.
        visit.page.get_by_role("tab").nth(2).click()
        expect(visit.page.get_by_label("View as")).to_have_value("3")
        # The editor shows the text of the former tab for a moment, and would send it.
        expect(visit.page.locator(".graphiql-query-editor .view-lines")).to_contain_text("ContributionsByDonor")
        run(visit.page)
        assert token_sent(visit.page) == bearers[3]


@pytest.mark.browser
def test_without_a_token_the_answer_says_how_to_sign_in_and_a_typed_one_is_used(
    browser: Browser, sqlite_url: str, tmp_path: Path
) -> None:
    token = enter_with_token(sqlite_url).text
    with serving(cwd=tmp_path, database_url=sqlite_url) as server, visiting(browser, server.address) as visit:
        page = visit.page
        expect(page.locator(".graphiql-response .view-lines")).to_contain_text("not authenticated")
        page.get_by_role("button", name="Headers").click()
        editor = page.locator(".graphiql-editor-tool .graphiql-editor:not(.hidden)")
        expect(editor.locator(".view-lines")).to_contain_text("Bearer")
        editor.locator(".inputarea").focus()
        page.keyboard.press("ControlOrMeta+a")
        # The editor closes by itself what is opened in it.
        page.keyboard.type(json.dumps({"Authorization": f"Bearer {token}"}).removesuffix('"}'))
        page.get_by_role("button", name="Re-fetch GraphQL schema").click()
        run(page)
        # The browser itself notes each answer that was no 200.
        assert all("401" in fault for fault in visit.faults)
        visit.faults.clear()


@pytest.mark.browser
def test_a_person_signs_in_with_the_provider_asks_and_signs_out(
    browser: Browser, sqlite_url: str, tmp_path: Path
) -> None:
    on(sqlite_url, enter)
    with providing() as provider:
        provider.person = {"sub": "person-1", "email": EMAIL, "email_verified": True}
        with (
            serving(cwd=tmp_path, database_url=sqlite_url, code=None, **provider.settings) as server,
            browser.new_context() as context,
        ):
            page = context.new_page()
            page.goto(server.address)
            page.get_by_role("link", name="Sign in").click()
            expect(page.get_by_role("button", name="Sign out")).to_be_visible()
            assert page.url == server.address
            run(page)
            [cookie] = [found for found in context.cookies() if found.get("name") == "__Host-coalition"]
            assert [cookie.get(name) for name in ("secure", "httpOnly", "sameSite")] == [True, True, "Lax"]
            assert page.evaluate("document.cookie") == ""
            page.get_by_role("button", name="Sign out").click()
            expect(page.get_by_role("link", name="Sign in")).to_be_visible()
            assert context.cookies() == []
            # A sign-in leads back to the page on which it began, and to no other.
            overview = server.address.removesuffix("graphql")
            for start, back in ((overview, overview), (f"{overview}auth/login?page=//evil.example", server.address)):
                page.goto(start)
                if start == overview:
                    page.get_by_role("link", name="Sign in").first.click()
                expect(page.get_by_role("button", name="Sign out")).to_be_visible()
                assert page.url == back
