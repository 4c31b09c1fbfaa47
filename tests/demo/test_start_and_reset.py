"""The demo starts, starts again, refuses a register that is not its own, and is deleted."""

from __future__ import annotations

import asyncio
import resource
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import httpx2
import pytest

from models import ERASED
from models.base import new_key, now
from resolvers.database.database import Database
from server.config.settings import ROOT, load_settings
from server.startup import demo
from server.startup.demo_steps import DemoError
from tests.servers.processes import COMMAND, serve_in_vain, serving
from tests.support.accounts import bearing
from tests.support.database.migrations import run
from tests.support.factories import a_capability_area, a_need, a_participant, an_account
from tests.support.rows import keep

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.servers.databases import Databases
    from tests.servers.processes import Server

SEARCH = {"query": '{ search(query: "EG1", types: [EXPERT_GROUP]) { totalCount } }'}
NEEDS = {"query": '{ capabilityNeeds(where: {reference: {startsWith: "DEMO-"}}) { totalCount } }'}
#: Seconds of processor time that a second start may take with one request: three times what it should.
SECOND_START = 9


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Copy the project, so that a demo that runs beside the tests stays as it is; of the set, only the needs."""
    for name in ("alembic", "data", "models", "resolvers", "schema", "server"):
        ignored = shutil.ignore_patterns("__pycache__", "0[3-9]-*.toml", "1?-*.toml")
        shutil.copytree(ROOT / name, tmp_path / name, ignore=ignored)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def reset(checkout: Path, *arguments: str) -> tuple[int, str]:
    """Run `coalition demo reset` in a copy of the project; return its exit code and its last line."""
    found = subprocess.run(
        [str(COMMAND), "demo", "reset", *arguments],
        cwd=checkout,
        env={"PYTHONPATH": str(checkout)},
        input="",
        capture_output=True,
        check=False,
        text=True,
    )
    return found.returncode, (found.stdout + found.stderr).splitlines()[-1]


def counted(server: Server, *, of: Server) -> list[int]:
    """Return how many needs of the fictional set each persona of a demo sees at a server."""
    found = [httpx2.post(server.address, json=NEEDS, headers=bearing(token)) for token in of.personas.values()]
    return [answer.json()["data"]["capabilityNeeds"]["totalCount"] for answer in found]


def next_line(server: Server) -> str:
    assert server.process.stdout is not None
    return server.process.stdout.readline().strip()


def seconds_of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def test_a_demo_needs_no_preparation_starts_again_fast_and_begins_anew_after_a_reset(
    checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    elsewhere, var = checkout / "data", checkout / "var"
    place = f"The demo's database is {var / 'demo.db'}, and its files are in {var / 'demo-files'}."
    with serving("--demo", cwd=elsewhere, code=checkout, database_url="sqlite:///mine.db") as first:
        assert next_line(first) == f"{place} It ignores COALITION_DATABASE_URL."
        lead, chair, member, observer = counted(first, of=first)
        assert lead > observer > 0
        assert chair != member
        # A start that fails, and a second demo of the same files, take nothing from the one that runs.
        port = first.address.partition("127.0.0.1:")[2].partition("/")[0]
        failed = serve_in_vain("--demo", "--port", port, cwd=checkout, code=checkout)
        assert failed.startswith(f"Error: Port {port} of 127.0.0.1 is in use: ")
        run(f"sqlite:///{var / 'demo.db'}", "DELETE FROM search_entries WHERE kind = 'ExpertGroup'")
        before = seconds_of_children()
        with serving("--demo", cwd=checkout, code=checkout) as second:
            assert next_line(second) == place
            # The second start found the entry that was missing.
            answer = httpx2.post(second.address, json=SEARCH, headers=bearing(next(iter(second.personas.values()))))
            assert answer.json()["data"]["search"]["totalCount"] == 1
            assert counted(second, of=second) == [lead, chair, member, observer]
            assert counted(first, of=second) == counted(second, of=first) == counted(first, of=first)
            assert httpx2.get(second.address.replace("/graphql", "/readyz")).status_code == 200
        assert seconds_of_children() - before < SECOND_START
        page = httpx2.get(first.address, headers={"accept": "text/html"})
        assert page.headers["content-type"] == "text/html; charset=utf-8"
        assert "<title>IT Coalition API: demo" in page.text
        running = f"Error: A demo is running on {var / 'demo.db'}: stop it with Ctrl+C"
        assert reset(checkout, "--yes") == (1, f"{running}, then run coalition demo reset again.")
    assert sorted(path.name for path in var.iterdir()) == ["demo-files", "demo.db", "demo.lock"]
    assert not (elsewhere / "mine.db").exists()
    # The second start read what the first one compiled.
    assert list((checkout / "server" / "__pycache__").glob("app.*.pyc"))
    code, line = reset(checkout)
    assert (code, line.endswith("Aborted!")) == (1, True)
    assert (var / "demo.db").exists()
    again = "To make a new one, run coalition serve --demo."
    assert reset(checkout, "--yes") == (0, f"The demo is deleted. {again}")
    assert [path.name for path in var.iterdir()] == ["demo.lock"]
    assert reset(checkout, "--yes") == (0, f"There is no demo, so nothing was deleted. {again}")


@pytest.fixture
def register(sqlite_databases: Databases, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Put a database without the demo's accounts in the place of the demo's."""
    with sqlite_databases.migrated() as url:
        file = Path(url.removeprefix("sqlite:///"))
        for name, value in {
            "FOLDER": file.parent,
            "FILE": file,
            "DATABASE_URL": url,
            "FILE_STORE": str(file.parent / "demo-files"),
            "LOCK": file.parent / "demo.lock",
            "UNFINISHED": file.parent / "demo-unfinished.db",
        }.items():
            monkeypatch.setattr(demo, name, value)
        yield file


def test_a_demo_neither_starts_on_a_register_that_is_not_its_own_nor_deletes_it(register: Path) -> None:
    before = register.read_bytes()
    for begin in (lambda: demo.prepare_demo(load_settings()), demo.reset_demo):
        with pytest.raises(DemoError, match=r"is not the database of a demo.*move the file to another place"):
            begin()
    assert register.read_bytes() == before


def test_a_demo_whose_personas_are_all_erased_names_the_reset_which_works(register: Path) -> None:
    async def erase() -> None:
        database = Database(demo.DATABASE_URL)
        home, erased = a_participant("DK"), {"display_name": ERASED, "erased_at": now(), "disabled_at": now()}
        await keep(
            database,
            *(an_account(home, f"{key}@erased.invalid", id=key, **erased) for key in (new_key() for _ in range(4))),
            a_need(a_capability_area("CYBER"), reference="DEMO-NEED-101"),
        )
        await database.close()

    asyncio.run(erase())
    before = register.read_bytes()
    with pytest.raises(DemoError, match=r"are erased.*run coalition demo reset"):
        demo.prepare_demo(load_settings())
    assert register.read_bytes() == before
    assert demo.reset_demo()
    assert not register.exists()
