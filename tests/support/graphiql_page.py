"""Helpers of the tests of GraphiQL: the real server, a browser that reaches nothing else, and a person's actions."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from tests.conftest import CHROMIUM_NAMES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, ConsoleMessage, Error, Request, Response, Worker

ROOT = Path(__file__).resolve().parents[2]
CHROMIUM_OPTIONS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
# A busy machine takes its time; a page that is right does not wait for this.
expect.set_options(timeout=30_000)


class Visit(NamedTuple):
    """An open page, and its requests, workers and faults since it was opened."""

    page: Page
    requests: list[str]
    workers: list[str]
    faults: list[str]


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Start the server with the public record, its database in `folder`; yield the address of its API."""
    database = folder / "record.db"
    settings = {"DATABASE_URL": f"sqlite:///{database}", "LOG_LEVEL": "warning", "ANONYMOUS_READS": "1"}
    environment = {**os.environ, **{f"COALITION_{name}": value for name, value in settings.items()}}
    command = (sys.executable, "-c", "from server.cli.main import main; main()")
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


@contextmanager
def chromium(*names: str) -> Iterator[Browser]:
    """Start Chromium so that it finds no host but this machine, also under these names."""
    executable = next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)
    if executable is None:
        pytest.fail('Chromium is missing: install the package "chromium", or leave these out with -m "not browser"')
    with sync_playwright() as playwright:
        rules = ", ".join([*(f"MAP {name} 127.0.0.1" for name in names), "MAP * ~NOTFOUND", "EXCLUDE 127.0.0.1"])
        arguments = [*CHROMIUM_OPTIONS, f"--host-resolver-rules={rules}"]
        browser = playwright.chromium.launch(executable_path=executable, args=arguments)
        yield browser
        browser.close()


@contextmanager
def visiting(browser: Browser, address: str) -> Iterator[Visit]:
    """Open GraphiQL in a new profile; while the block lasts, no fault and no request to another origin may occur."""
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
        expect(page.locator(".graphiql-query-editor .view-line").first).to_be_visible()
        yield visit
        assert visit.faults == []
        assert {origin(url) for url in visit.requests} == {origin(address)}


def origin(url: str) -> str:
    """Return the scheme, host and port of an address; the page renders data: addresses itself."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def run(page: Page) -> None:
    """Run the operation in the editor; the response must have data and no errors."""
    # A click before the editor has its text sends nothing.
    expect(page.locator(".graphiql-query-editor .view-line").first).to_be_visible()
    with page.expect_response(answers_the_editor) as answer:
        page.get_by_role("button", name="Execute query").click()
    body = answer.value.json()
    assert "errors" not in body
    first = next(iter(body["data"]))
    expect(page.locator(".graphiql-response .view-lines")).to_contain_text(f'"{first}"')


def answers_the_editor(response: Response) -> bool:
    """Return whether a response is that of the operation in the editor, not a file or the result of introspection."""
    request = response.request
    return request.method == "POST" and "IntrospectionQuery" not in (request.post_data or "")


def write(page: Page, text: str) -> None:
    """Replace the text of the query editor by typing."""
    page.locator(".graphiql-query-editor .inputarea").focus()
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type(text)


def open_plugin(page: Page, title: str) -> None:
    """Open one of the panels beside the editor."""
    page.get_by_role("button", name=f"Show {title}").click()


def no_break(text: str) -> re.Pattern[str]:
    """Return a pattern of text as Monaco renders it, with spaces that do not break."""
    return re.compile(re.escape(text).replace("\\ ", r"\s"))
