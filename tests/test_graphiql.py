"""GraphiQL as a person meets it: in Chromium, from the real server, with every other host out of reach."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

import pytest
from graphql import OperationDefinitionNode, build_schema, parse
from playwright.sync_api import Page, expect, sync_playwright

from conftest import CHROMIUM_NAMES
from server.graphiql import build_graphiql

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, ConsoleMessage, Error, Request, Response, Worker

ROOT = Path(__file__).resolve().parents[1]
EXAMPLES = sorted((ROOT / "clients" / "graphiql" / "examples").glob("*.graphql"))
TITLES = [path.read_text(encoding="utf-8").splitlines()[0].removeprefix("# ") for path in EXAMPLES]
CHROMIUM_OPTIONS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]
PATIENCE = 30_000


class Visit(NamedTuple):
    """A page that is open, and what was noticed since."""

    page: Page
    requests: list[str]
    workers: list[str]
    faults: list[str]


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Start the server with the public record; give the address of its API."""
    hint = build_graphiql()
    assert hint is None, hint
    database = tmp_path_factory.mktemp("graphiql") / "record.db"
    environment = {**os.environ, "COALITION_DATABASE_URL": f"sqlite:///{database}", "COALITION_LOG_LEVEL": "warning"}
    command = (sys.executable, "-c", "from server.cli import main; main()")
    for arguments in (("migrate",), ("load", "data/public_record.json")):
        subprocess.run((*command, *arguments), cwd=ROOT, env=environment, check=True, capture_output=True, timeout=60)
    with subprocess.Popen(
        (*command, "serve", "--port", "0"), cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True
    ) as server:
        try:
            assert server.stdout
            line = server.stdout.readline()
            found = re.search(r"http://\S+", line)
            assert found, f"the server said {line!r} instead of its address"
            yield found[0]
        finally:
            server.terminate()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Start Chromium so that it finds no host but this machine."""
    chromium = next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)
    if chromium is None:
        pytest.fail('Chromium is missing: install the package "chromium", or leave these out with -m "not browser"')
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_OPTIONS)
        yield browser
        browser.close()


@pytest.fixture
def visit(browser: Browser, address: str) -> Iterator[Visit]:
    """Open GraphiQL as someone who was never here; nothing may go wrong or out while the test runs."""
    with browser.new_context(viewport={"width": 1440, "height": 900}) as context:
        page = context.new_page()
        visit = Visit(page, [], [], [])

        def note_request(request: Request) -> None:
            visit.requests.append(request.url)

        def note_worker(worker: Worker) -> None:
            visit.workers.append(worker.url)

        def note_message(message: ConsoleMessage) -> None:
            if message.type in {"error", "warning"}:
                visit.faults.append(message.text)

        def note_error(error: Error) -> None:
            visit.faults.append(str(error))

        context.on("request", note_request)
        page.on("worker", note_worker)
        page.on("console", note_message)
        page.on("pageerror", note_error)
        page.goto(address)
        expect(page.locator(".graphiql-query-editor .view-line").first).to_be_visible(timeout=PATIENCE)
        yield visit
        assert visit.faults == []
        assert {origin(url) for url in visit.requests} == {origin(address)}


def origin(url: str) -> str:
    """Give the scheme, host and port of an address; the page draws what stands in data: addresses itself."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def operation_of(path: Path) -> OperationDefinitionNode:
    """Give the one operation of an example."""
    definitions = parse(path.read_text(encoding="utf-8")).definitions
    (operation,) = (each for each in definitions if isinstance(each, OperationDefinitionNode))
    return operation


def test_every_example_has_a_title_an_explanation_and_one_operation_of_its_own_name() -> None:
    names = []
    for path in EXAMPLES:
        text = path.read_text(encoding="utf-8")
        assert re.match(r"# \S.{2,30}\n# \S.{20,}\n", text), path.name
        operation = operation_of(path)
        assert operation.name, path.name
        names.append(operation.name.value)
    assert len(EXAMPLES) >= 8
    assert len({*names}) == len({*TITLES}) == len(EXAMPLES)


@pytest.mark.browser
def test_each_example_has_a_tab_with_its_title(visit: Visit) -> None:
    tabs = visit.page.locator(".graphiql-tab-button")
    expect(tabs).to_have_text(TITLES)
    for tab in tabs.all():
        expect(tab).to_be_in_viewport(ratio=1)


@pytest.mark.browser
def test_the_first_example_shows_data_and_keeps_its_title(visit: Visit) -> None:
    run(visit.page)
    expect(visit.page.locator(".graphiql-tab-button").first).to_have_text(TITLES[0])


@pytest.mark.browser
def test_another_example_can_be_opened_and_run(visit: Visit) -> None:
    visit.page.get_by_role("tab", name=TITLES[-1]).click()
    expect(visit.page.locator(".graphiql-query-editor .view-lines")).to_contain_text(no_break(TITLES[-1]))
    run(visit.page)


@pytest.mark.browser
def test_the_documentation_shows_descriptions(visit: Visit) -> None:
    schema = build_schema((ROOT / "schema" / "schema.graphql").read_text(encoding="utf-8"))
    assert schema.query_type
    field = schema.query_type.fields["expertGroups"]
    assert field.description
    open_plugin(visit.page, "Documentation Explorer")
    documentation = visit.page.locator(".graphiql-doc-explorer")
    documentation.get_by_role("link", name="Query", exact=True).click()
    documentation.get_by_role("link", name="expertGroups", exact=True).click()
    expect(documentation).to_contain_text(field.description.splitlines()[0].replace("`", ""))


@pytest.mark.browser
def test_the_history_remembers_what_was_run(visit: Visit) -> None:
    operation = operation_of(EXAMPLES[0])
    assert operation.name
    run(visit.page)
    open_plugin(visit.page, "History")
    expect(visit.page.locator(".graphiql-history-item")).to_contain_text([operation.name.value])


@pytest.mark.browser
def test_the_query_builder_adds_a_field_to_the_query(visit: Visit) -> None:
    write(visit.page, "query Built { __typename }")
    open_plugin(visit.page, "GraphiQL Explorer")
    builder = visit.page.locator(".graphiql-explorer-root")
    builder.get_by_text("expertGroups", exact=True).click()
    builder.get_by_text("totalCount", exact=True).click()
    expect(visit.page.locator(".graphiql-query-editor .view-lines")).to_contain_text("totalCount")


@pytest.mark.browser
def test_completion_and_checking_come_from_workers_of_our_origin(visit: Visit, address: str) -> None:
    write(visit.page, "{ expertGroup")
    suggestions = visit.page.locator(".graphiql-query-editor .suggest-widget")
    expect(suggestions).to_contain_text("expertGroups", timeout=PATIENCE)
    write(visit.page, "{ noSuchField }")
    expect(visit.page.locator(".graphiql-query-editor .squiggly-error").first).to_be_visible(timeout=PATIENCE)
    assert {origin(url) for url in visit.workers} == {origin(address)}
    kinds = {Path(urlsplit(url).path).name.partition("-")[0] for url in visit.workers}
    assert {"graphql", "json"} <= kinds


@pytest.mark.browser
def test_the_policy_stops_a_request_to_another_host(visit: Visit) -> None:
    outcome = visit.page.evaluate("fetch('https://example.org/').then(() => 'answered', () => 'refused')")
    assert outcome == "refused"
    assert any("Content Security Policy" in fault for fault in visit.faults)
    visit.faults.clear()


@pytest.mark.browser
def test_a_second_visit_finds_the_tabs_with_their_titles(visit: Visit) -> None:
    visit.page.get_by_role("tab", name=TITLES[1]).click()
    # GraphiQL writes down what is open half a second after the last change.
    visit.page.wait_for_timeout(1000)
    visit.page.reload()
    expect(visit.page.locator(".graphiql-tab-button")).to_have_text(TITLES, timeout=PATIENCE)
    expect(visit.page.locator(".graphiql-tab-active .graphiql-tab-button")).to_have_text(TITLES[1])


def run(page: Page) -> None:
    """Run the operation in the editor; it must be answered with data and without errors."""
    with page.expect_response(answers_the_editor) as answer:
        page.get_by_role("button", name="Execute query").click()
    body = answer.value.json()
    assert body.keys() == {"data"}
    first = next(iter(body["data"]))
    expect(page.locator(".graphiql-response .view-lines")).to_contain_text(f'"{first}"')


def answers_the_editor(response: Response) -> bool:
    """Tell the answer to the operation in the editor from files and from the schema's description."""
    request = response.request
    return request.method == "POST" and "IntrospectionQuery" not in (request.post_data or "")


def write(page: Page, text: str) -> None:
    """Replace what stands in the query editor by typing."""
    page.locator(".graphiql-query-editor .view-lines").click()
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type(text)


def open_plugin(page: Page, title: str) -> None:
    """Open one of the panels beside the editor."""
    page.get_by_role("button", name=f"Show {title}").click()


def no_break(text: str) -> re.Pattern[str]:
    """Match text as Monaco draws it, with spaces that do not break."""
    return re.compile(re.escape(text).replace("\\ ", r"\s"))
