"""The overview as its readers see it: in Chromium, from the real demo, with every other host out of reach."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import shutil
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from playwright.sync_api import expect

from resolvers.identity.demo_personas import PERSONAS
from server.config.settings import ROOT
from tests.server.overview.expected import NONE, TABLES, money, totals, words
from tests.servers.processes import serving
from tests.support.graphiql_page import chromium, no_break, origin, run

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

    from tests.servers.processes import Server

QUERIES = ROOT / "clients" / "overview" / "queries"
CODE = ("alembic", "clients", "data", "models", "resolvers", "schema", "server")
WIDTHS = (390, 768, 1440)
#: Under this name the server offers no persona, so the reader is the public.
PUBLIC_HOST = "coalition.example"
PUBLIC = "the public"
READERS = [*(persona.title for persona in PERSONAS), PUBLIC]
FORMULA = '=HYPERLINK("https://example.org")'
AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")
#: An object of each kind that has a page.
OBJECTS = {
    "need": ("capabilityNeeds", "DEMO-NEED-101"),
    "procurement": ("procurements", "DEMO-PROC-1"),
    "contribution": ("contributions", "DEMO-CON-1"),
    "meeting": ("meetings", "SG-2"),
}
PLACE = """{ expertGroup(code: "EG1") { id } capabilityArea(code: "SATCOM") { id } }"""
CREATE = """mutation ($title: String!, $group: ID!, $area: ID!) { createCapabilityNeed(input: {
  title: $title, quantity: 10, unit: "SET", groupId: $group, areaId: $area
}) { ... on CreateCapabilityNeedSuccess { capabilityNeed { id version reference } } ... on Error { message } } }"""
SUBMIT = """mutation ($id: ID!, $version: Int!) { transitionCapabilityNeed(input: {
  id: $id, to: SUBMITTED, expectedVersion: $version
}) { ... on TransitionCapabilityNeedSuccess { capabilityNeed { status } } ... on Error { message } } }"""

pytestmark = pytest.mark.browser


class Demo(NamedTuple):
    """The running demo, and the browser that reads it."""

    server: Server
    browser: Browser
    folder: Path

    def page_of(self, reader: str) -> str:
        """Return the address of the overview for a persona or the public."""
        parts = urlsplit(self.server.address)
        return f"http://{PUBLIC_HOST if reader == PUBLIC else '127.0.0.1'}:{parts.port}/"

    def answer(self, name: str, reader: str, **values: Any) -> Any:
        """Return the data of a query of the page, as the API returns it to the reader."""
        text = (QUERIES / f"{name}.graphql").read_text(encoding="utf-8")
        known = {"today": dt.datetime.now(dt.UTC).date().isoformat(), **values}
        return self.send(text, reader, {key: value for key, value in known.items() if f"${key}:" in text})

    def send(self, text: str, reader: str, values: dict[str, Any]) -> Any:
        """Send an operation as the reader; return its data."""
        token = self.server.personas.get(reader)
        headers = {"authorization": f"Bearer {token}"} if token else {}
        body = {"query": text, "variables": values}
        found = httpx2.post(self.server.address, json=body, headers=headers, timeout=60).json()
        assert "errors" not in found, found
        return found["data"]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory, graphiql_build: Path) -> Iterator[Demo]:
    """Start the demo with its fictional set, and a browser; add a need whose title is a formula."""
    assert graphiql_build.is_dir()
    folder = tmp_path_factory.mktemp("overview")
    for name in CODE:
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("node_modules", "__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", folder)
    with (
        serving("--demo", cwd=folder, code=folder, anonymous_reads="1", max_seconds="60") as server,
        chromium(PUBLIC_HOST) as browser,
    ):
        found = Demo(server, browser, folder)
        place = found.send(PLACE, READERS[1], {})
        given = {"title": FORMULA, "group": place["expertGroup"]["id"], "area": place["capabilityArea"]["id"]}
        need = found.send(CREATE, READERS[1], given)["createCapabilityNeed"]["capabilityNeed"]
        sent = found.send(SUBMIT, READERS[1], {"id": need["id"], "version": need["version"]})
        assert sent["transitionCapabilityNeed"] == {"capabilityNeed": {"status": "SUBMITTED"}}
        yield found


@contextmanager
def opened(demo: Demo, reader: str, fragment: str = "", **options: Any) -> Iterator[Page]:
    """Open the page; while the block lasts, no fault and no request to another origin may occur."""
    address = demo.page_of(reader)
    faults: list[str] = []
    requests: list[str] = []
    with demo.browser.new_context(viewport={"width": 1440, "height": 900}, **options) as context:
        page = context.new_page()
        page.on("console", lambda message: faults.append(message.text))
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("request", lambda request: requests.append(request.url))
        page.goto(f"{address}{fragment}")
        loaded(page)
        choose(page, reader)
        yield page
        assert faults == []
        assert {origin(url) for url in requests if not url.startswith("blob:")} == {origin(address)}


def choose(page: Page, reader: str) -> None:
    """View the page as a persona."""
    if reader not in {PUBLIC, READERS[0]}:
        page.get_by_label("View as").select_option(label=reader)
        expect(page.locator(".viewer")).to_contain_text(reader)
        loaded(page)


def loaded(page: Page) -> None:
    """Wait until every part of the page has its answer."""
    expect(page.locator("[aria-busy]").first).to_be_visible()
    expect(page.locator("[aria-busy=true]")).to_have_count(0, timeout=120_000)
    expect(page.locator(".fault")).to_have_count(0)


def table(page: Page, part: str) -> list[list[str]]:
    """Return the texts of a part's table, row by row; a part without rows has no table."""
    rows = page.locator(f"#{part} details.data tbody tr")
    found: list[list[str]] = rows.evaluate_all("rows => rows.map(row => [...row.cells].map(cell => cell.textContent))")
    return found


def shown(page: Page) -> dict[str, list[list[str]]]:
    """Return the compared columns of all tables."""
    return {
        part: [[row[index] for index in columns] for row in table(page, part)] for part, (columns, _) in TABLES.items()
    }


def serious(page: Page) -> list[str]:
    """Return the serious and critical findings of axe."""
    page.evaluate(AXE)
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{each['id']}: {each['nodes'][0]['html']}"
        for each in found["violations"]
        if each["impact"] in {"serious", "critical"}
    ]


@pytest.mark.parametrize("reader", READERS)
def test_each_reader_sees_the_numbers_of_the_api_at_every_width(demo: Demo, reader: str) -> None:
    expected = {part: [*rows(demo.answer(part, reader))] for part, (_, rows) in TABLES.items()}
    with opened(demo, reader) as page:
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            assert shown(page) == expected
            assert page.locator(".totals strong").all_inner_texts() == totals(demo.answer("totals", reader))
            assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert ("DEMO-" in page.locator("#needs").inner_text()) == (reader != PUBLIC)
        pictures = page.locator("#coverage svg[role=img]")
        assert page.locator("#coverage figure").count() == pictures.count()


def test_axe_finds_nothing_serious_in_light_and_dark(demo: Demo) -> None:
    with opened(demo, READERS[0]) as page:
        # All tables are alike, and axe looks at each cell: one is open, and the sources below it.
        page.locator("#groups details").evaluate_all("all => all.forEach(each => each.setAttribute('open', ''))")
        for width, scheme in ((1440, "light"), (1440, "dark"), (390, "dark")):
            page.set_viewport_size({"width": width, "height": 900})
            page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
            assert serious(page) == [], (width, scheme)
        for kind, (_, reference) in OBJECTS.items():
            page.goto(f"{demo.page_of(READERS[0])}#/{kind}/{reference}")
            expect(page.locator(".kind")).to_contain_text(reference)
            assert serious(page) == [], kind
            assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_each_object_has_a_page_with_its_status_figures_history_documents_and_sources(demo: Demo) -> None:
    with opened(demo, READERS[0]) as page:
        for kind, (field, reference) in OBJECTS.items():
            [found] = demo.answer(kind, READERS[0], reference=reference)[field]["nodes"]
            page.goto(f"{demo.page_of(READERS[0])}#/{kind}/{reference}")
            expect(page.locator(".kind")).to_contain_text(reference)
            expect(page.locator(".status-line [aria-current=step]")).to_have_text(words(found["status"]))
            assert page.locator(".sources").first.locator("li").count() == len(found["sources"])
            history = page.get_by_role("region", name="History").locator("tbody tr")
            expect(history).to_have_count(min(50, found["history"]["totalCount"]))
            facts = page.locator(".figures dd").all_inner_texts()
            amounts = [money(found.get(name)) for name in ("estimatedCost", "fundedAmount", "unmetAmount", "amount")]
            assert {each for each in amounts if each != NONE} <= {*facts}
        links = demo.answer("procurement", READERS[0], reference="DEMO-PROC-1")["procurements"]["nodes"][0]
        page.goto(f"{demo.page_of(READERS[0])}#/procurement/DEMO-PROC-1")
        expect(page.get_by_role("region", name="Purchase orders").locator("tbody tr")).to_have_count(
            links["purchaseOrders"]["totalCount"]
        )
        page.get_by_role("region", name="Needs").get_by_role("link").first.click()
        expect(page.locator(".kind")).to_contain_text("Capability need")
        page.get_by_role("link", name="← Overview").click()
        expect(page.locator("#needs h2")).to_be_in_viewport()


def test_an_object_that_the_reader_may_not_see_is_not_found(demo: Demo) -> None:
    with opened(demo, PUBLIC, "#/need/DEMO-NEED-101") as page:
        expect(page.get_by_text("no capability need with the reference DEMO-NEED-101 that you may see")).to_be_visible()
    with opened(demo, PUBLIC, "#/need/%") as page:
        expect(page.get_by_text("no capability need with the reference % that you may see")).to_be_visible()


def test_a_csv_has_the_rows_of_the_api_and_runs_no_formula(demo: Demo) -> None:
    with opened(demo, READERS[0]) as page:
        with page.expect_download() as download:
            page.locator("#needs").get_by_role("button", name="Download CSV").click()
        assert download.value.suggested_filename == "needs.csv"
        text = Path(download.value.path()).read_text(encoding="utf-8-sig")
        with page.expect_download() as download:
            page.locator("#deliveries").get_by_role("button", name="Download CSV").click()
        dates = Path(download.value.path()).read_text(encoding="utf-8-sig")
    arrived = {row["Delivery"]: row["Arrived"] for row in csv.DictReader(io.StringIO(dates, newline=""))}
    deliveries = demo.answer("deliveries", READERS[0])["deliveries"]["nodes"]
    known = {each["reference"]: (each["receivedOnPrecision"], each["receivedOn"]) for each in deliveries}
    assert {"2024"} <= {arrived[name] for name, (precision, _) in known.items() if precision == "YEAR"}
    assert all(arrived[name] == day for name, (precision, day) in known.items() if precision == "DAY")
    rows = [*csv.DictReader(io.StringIO(text, newline=""))]
    needs = demo.answer("needs", READERS[0])["capabilityNeeds"]["nodes"]
    assert [(row["Need"], row["Needed"], row["Estimated cost"]) for row in rows] == [
        (need["reference"], need["quantity"] or "", (need["estimatedCost"] or {"amount": ""})["amount"])
        for need in needs
    ]
    assert f"'{FORMULA}" in {row["Title"] for row in rows}
    assert not any(cell.startswith("=") for row in rows for cell in row.values())


def test_a_link_opens_the_very_query_in_graphiql_as_the_same_persona_and_carries_no_token(demo: Demo) -> None:
    with opened(demo, READERS[2]) as page:
        link = page.locator("#groups").get_by_role("link", name="Open this query in GraphiQL")
        address = str(link.get_attribute("href"))
        assert not any(token in address for token in demo.server.personas.values())
        given = parse_qs(urlsplit(address).fragment)
        assert given["query"] == [(QUERIES / "groups.graphql").read_text(encoding="utf-8")]
        assert json.loads(given["variables"][0]).keys() == {"today"}
        link.click()
        expect(page.get_by_label("View as")).to_have_value("2")
        expect(page.locator(".graphiql-query-editor .view-lines")).to_contain_text(no_break("query OverviewGroups"))
        run(page)
        assert "#" not in page.url


def test_the_page_works_by_keyboard_and_prints_its_tables(demo: Demo) -> None:
    with opened(demo, READERS[0]) as page:
        page.keyboard.press("Tab")
        expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
        page.keyboard.press("Enter")
        expect(page.locator("main")).to_be_focused()
        page.get_by_role("region", name="The roadmap by quarter").focus()
        page.keyboard.press("ArrowRight")
        summary = page.locator("#money summary").first
        summary.focus()
        page.keyboard.press("Enter")
        expect(page.get_by_role("region", name="Money and goods by donor, year and stage")).to_be_visible()
        page.emulate_media(media="print")
        expect(page.locator(".tools").first).to_be_hidden()
        page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
        expect(page.locator("details:not([open])")).to_have_count(0)


def test_a_reader_whom_the_server_does_not_know_enters_a_token(demo: Demo) -> None:
    url = f"sqlite:///{demo.folder}/var/demo.db"
    with (
        serving(cwd=demo.folder, code=demo.folder, database_url=url, max_seconds="60") as server,
        demo.browser.new_page() as page,
    ):
        page.goto(server.address.removesuffix("graphql"))
        for token in ("itc_unknown", demo.server.personas[READERS[3]]):
            page.get_by_label("API token").fill(token)
            page.get_by_role("button", name="Use this token").click()
            if token == "itc_unknown":  # noqa: S105  # it is the token that does not exist
                expect(page.get_by_role("alert")).to_contain_text("The server does not accept this token")
        expect(page.locator(".viewer")).to_contain_text(READERS[3])
        expect(page.locator(".totals strong").first).to_have_text("4")
        page.reload()
        expect(page.get_by_label("API token")).to_be_visible()
