"""A server that answers trusted documents only: it reads no other, and its page says so."""

from __future__ import annotations

import json
import re
from html import unescape
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from resolvers.trusted_documents import digest_of
from tests.servers.processes import serving
from tests.support.accounts import on
from tests.support.clients import opened, signed_in, the_error
from tests.support.graphiql_page import answers_the_editor, chromium, run, visiting, write
from tests.support.transport_schema import GRAPHQL, JSON, post
from tests.support.trusted_documents import GROUPS, NOT_FOUND, get, trust

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser
    from starlette.testclient import TestClient

    from tests.servers.databases import Databases


@pytest.fixture(scope="module")
def url(databases: Databases) -> Iterator[str]:
    with databases.with_public_record() as address:
        on(address, lambda database: trust(database, GROUPS))
        yield address


@pytest.fixture(scope="module")
def strict(url: str) -> Iterator[TestClient]:
    """Yield a client of a server that answers trusted documents only."""
    with signed_in(url, trusted_documents_only=True) as found:
        yield found


@pytest.mark.parametrize(
    "query",
    [
        GROUPS,
        "{ __typename }",
        "{ __schema { types { name } } }",
        "{ documents { nodes { id } } " + "a: __typename " * 40 + "}",
        "mutation { change }",
        "{ nothing }",
        # None of these is ever parsed.
        "{",
        "no GraphQL",
        "{a" * 5_000,
        "x" * 200_000,
    ],
    ids=lambda query: query[:20],
)
def test_where_only_trusted_documents_are_answered_every_other_is_refused_unread(
    strict: TestClient, query: str
) -> None:
    expected = (NOT_FOUND, "This server accepts trusted documents only: send the documentId of a loaded document.")
    for accept, status in ((GRAPHQL, 400), (JSON, 200)):
        response = post(strict, {"query": query, "variables": {"n": "many"}, "operationName": "Nothing"}, accept)
        assert (response.status_code, the_error(response)) == (status, expected)
        assert response.json()["extensions"]["cost"]["requested"] == 1
    assert len(query) > 60_000 or the_error(get(strict, query=query))[0] == NOT_FOUND


def test_a_text_that_names_itself_is_refused_where_nobody_loaded_it(strict: TestClient) -> None:
    for query in ("{ __typename }", "{", "{ __schema { types { name } } }"):
        assert the_error(post(strict, {"query": query, "documentId": digest_of(query)}))[0] == NOT_FOUND
    assert post(strict, {"query": GROUPS, "documentId": digest_of(GROUPS)}).status_code == 200


def page(client: TestClient) -> dict[str, object]:
    """Return the data about the server in the page for a browser."""
    text = client.get("/graphql", headers={"accept": "text/html"}).text
    [content] = re.findall(r'<meta name="coalition" content="([^"]*)">', text)
    found: dict[str, object] = json.loads(unescape(content))
    return found


@pytest.mark.usefixtures("graphiql_build")
def test_the_page_is_told_that_only_trusted_documents_are_answered(url: str, strict: TestClient) -> None:
    assert page(strict)["trustedOnly"] is True
    with opened(url) as other:
        assert "trustedOnly" not in page(other)


@pytest.fixture(scope="module")
def browser(url: str) -> Iterator[Browser]:
    # Migrations start a loop of their own, which they cannot once the browser has one running.
    assert url
    with chromium() as browser:
        yield browser


@pytest.mark.browser
@pytest.mark.usefixtures("graphiql_build")
def test_the_page_says_so_and_runs_the_text_of_a_trusted_document(url: str, browser: Browser, tmp_path: Path) -> None:
    settings = {"trusted_documents_only": "1", "anonymous_reads": "1"}
    with (
        serving(cwd=tmp_path, code=None, database_url=url, **settings) as server,
        visiting(browser, server.address) as visit,
    ):
        expect(visit.page.get_by_role("note")).to_have_text("Trusted documents only")
        with visit.page.expect_response(answers_the_editor) as answer:
            visit.page.get_by_role("button", name="Execute query").click()
        assert answer.value.status == 400
        expect(visit.page.locator(".graphiql-response .view-lines")).to_contain_text(NOT_FOUND)
        write(visit.page, "")
        visit.page.keyboard.insert_text(GROUPS)
        run(visit.page)
        # The browser itself notes each answer that was no 200.
        assert all("400" in fault for fault in visit.faults)
        visit.faults.clear()
