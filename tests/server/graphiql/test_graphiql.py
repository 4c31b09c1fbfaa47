"""GraphiQL as a user sees it: in Chromium, from the real server, with every other host out of reach."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
from graphql import OperationDefinitionNode, build_schema, parse
from playwright.sync_api import expect

from tests.support.graphiql_page import (
    ROOT,
    Visit,
    chromium,
    no_break,
    open_plugin,
    origin,
    run,
    served,
    visiting,
    write,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser

EXAMPLES = sorted((ROOT / "clients" / "graphiql" / "examples").glob("*.graphql"))
TITLES = [path.read_text(encoding="utf-8").splitlines()[0].removeprefix("# ") for path in EXAMPLES]


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory, graphiql_build: Path) -> Iterator[str]:
    assert graphiql_build.is_dir()
    with served(tmp_path_factory.mktemp("graphiql")) as address:
        yield address


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture
def visit(browser: Browser, address: str) -> Iterator[Visit]:
    with visiting(browser, address) as visit:
        yield visit


def operation_of(path: Path) -> OperationDefinitionNode:
    """Return the only operation of an example."""
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
    expect(suggestions).to_contain_text("expertGroups")
    write(visit.page, "{ noSuchField }")
    expect(visit.page.locator(".graphiql-query-editor .squiggly-error").first).to_be_visible()
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
    expect(visit.page.locator(".graphiql-tab-button")).to_have_text(TITLES)
    expect(visit.page.locator(".graphiql-tab-active .graphiql-tab-button")).to_have_text(TITLES[1])
