"""The `coalition` command, as an operator uses it."""

from __future__ import annotations

import json
import re
import signal
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import httpx2
import pytest

from schema import schema
from server.config.settings import ROOT
from server.startup.demo import PUBLIC_RECORD
from server.startup.migrations import head_revision
from tests.servers.processes import coalition, serving
from tests.support.database.migrations import run

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from click.testing import Result

    from tests.servers.processes import Server

SECRET = "hunter2"  # noqa: S105  # it stands for one, to see that none leaks
TYPENAME = {"query": "{ __typename }"}
GROUPS = {"query": "{ expertGroups { totalCount } }"}
FOUR_GROUPS = {"expertGroups": {"totalCount": 4}}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in an empty folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Yield a server whose database is not migrated."""
    with serving(cwd=tmp_path_factory.mktemp("server"), anonymous_reads="1") as started:
        yield started


def the_line(result: Result) -> str:
    """Return the one line of a failed command's error."""
    assert result.exit_code == 1
    assert result.stdout == ""
    [line] = result.stderr.splitlines()
    return line


def test_the_help_names_every_command() -> None:
    printed = coalition("--help").stdout
    names = (
        *("account", "demo", "trusted-documents", "files", "load", "load-rates", "migrate", "schema", "serve"),
        "token",
    )
    assert all(f"\n  {name} " in printed for name in names)


def test_serving_sqlite_imports_nothing_that_it_does_not_need() -> None:
    loaded = subprocess.run(
        (sys.executable, "-c", "import sys, server.app, server.startup.serve; print(*sys.modules)"),
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout.split()
    assert "aiosqlite" in loaded
    assert not {"alembic", "asyncpg", "authlib", "cryptography", "joserfc"} & set(loaded)


def test_the_schema_is_printed() -> None:
    assert coalition("schema").stdout == f"{schema.as_str()}\n"


def test_a_database_is_made_migrated_and_loaded(folder: Path) -> None:
    assert coalition("migrate").stdout == f"The database is at revision {head_revision()}.\n"
    assert (folder / "var" / "coalition.db").is_file()
    assert coalition("load", str(PUBLIC_RECORD)).exit_code == 0


def test_migrating_and_loading_again_changes_nothing() -> None:
    first, again = ((coalition("migrate"), coalition("load", str(PUBLIC_RECORD))) for _ in range(2))
    assert again[0].stdout == first[0].stdout
    assert again[1].stdout.startswith(f"{PUBLIC_RECORD}: 0 created, 0 updated, 0 removed, ")


def test_migrating_completes_a_search_index_that_lacks_objects() -> None:
    coalition("migrate")
    coalition("load", str(PUBLIC_RECORD))
    url = "sqlite:///var/coalition.db"
    for lost in ("", " WHERE kind = 'ExpertGroup' AND object_id IN (SELECT id FROM expert_groups LIMIT 2)"):
        run(url, f"DELETE FROM search_entries{lost}")  # noqa: S608 - two constants
        first, line = coalition("migrate").stdout.splitlines()
        assert first == f"The database is at revision {head_revision()}."
        [number] = re.findall(r"^The search index was rebuilt, because it lacked (\d+) objects\.$", line)
        assert int(number) == 2 if lost else int(number) > 2
        assert len(coalition("migrate").stdout.splitlines()) == 1


def test_exchange_rates_are_loaded_or_refused_with_one_line(folder: Path) -> None:
    coalition("migrate")
    file = folder / "rates.csv"
    file.write_text("Date,USD,TRL,\n2024-03-01,1.0813,N/A,\n")
    loaded = f"{file}: 1 rates of 2024-03-01 to 2024-03-01; the register does not know TRL.\n"
    assert coalition("load-rates", str(file)).stdout == loaded
    file.write_text("Date,USD\n2024-03-01,one\n")
    assert the_line(coalition("load-rates", str(file))).startswith(f"Error: {file}: line 2, USD: one is not a rate")


def test_a_load_shows_what_it_would_change_and_overwrites_only_what_is_named(folder: Path) -> None:
    coalition("migrate")
    record = folder / "record.json"
    figure = {"reference": "FIG-001", "measure": "OBSERVERS", "value": 7}
    record.write_text(json.dumps({"publishedFigures": [figure]}))
    assert coalition("load", str(record)).exit_code == 0
    record.write_text(json.dumps({"publishedFigures": [{**figure, "value": 8}]}))
    shown = coalition("load", "--diff", str(record)).stdout
    assert shown.splitlines() == [
        'publishedFigures[0] "FIG-001": value: takes what the file says.',
        f"{record}: 0 created, 1 updated, 0 removed, 0 unchanged; nothing was written.",
    ]
    for _ in range(2):
        assert "0 created, 1 updated" in coalition("load", "--diff", str(record)).stdout
    assert "no such field" in the_line(coalition("load", "--overwrite", "FIG-009.value", str(record)))
    written = coalition("load", "--overwrite", "FIG-001.value", "--overwrite", "published_figures.note", str(record))
    assert written.stdout == f"{record}: 0 created, 1 updated, 0 removed, 0 unchanged.\n"


def test_a_database_that_is_not_migrated_is_served_and_told_of(server: Server) -> None:
    assert httpx2.post(server.address, json=TYPENAME).json()["data"] == {"__typename": "Query"}
    assert httpx2.get(server.address.replace("/graphql", "/readyz")).json()["failed"] == "migrations"


def test_small_answers_on_a_kept_connection_do_not_wait_for_each_other(server: Server) -> None:
    with httpx2.Client() as client:
        times = sorted(client.post(server.address, json=TYPENAME).elapsed.total_seconds() for _ in range(20))
    # With Nagle's algorithm on, each takes the 40 ms of a delayed ACK.
    assert times[10] < 0.03


def test_several_workers_answer_with_the_same_settings(folder: Path) -> None:
    def ask(address: str) -> int:
        return httpx2.post(address, json=TYPENAME, timeout=60).status_code

    settings = {"max_body_bytes": "2048", "anonymous_reads": "1"}
    with serving("--workers", "2", cwd=folder, code=None, **settings) as server, ThreadPoolExecutor(8) as pool:
        assert list(pool.map(ask, [server.address] * 50)) == [200] * 50
        headers = {"content-type": "application/json"}
        assert httpx2.post(server.address, content=b" " * 3000, headers=headers).status_code == 413


def test_an_interrupt_ends_the_server_without_a_word(folder: Path) -> None:
    # A refused request would have a line in the log.
    with serving(cwd=folder, anonymous_reads="1") as server:
        assert httpx2.post(server.address, json=TYPENAME, timeout=60).status_code == 200
        server.process.send_signal(signal.SIGINT)
        printed = server.process.communicate(timeout=20)
    assert (server.process.returncode, *printed) == (0, "", "")


def test_a_port_in_use_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        line = the_line(coalition("serve", "--port", port))
    in_use = f"Port {port} of 127.0.0.1 is in use: stop the program that uses it"
    assert line == f"Error: {in_use}, or choose another with --port."


def test_a_folder_of_files_that_cannot_be_made_is_named(folder: Path) -> None:
    (folder / "files").write_text("no folder")
    line = the_line(coalition("serve", "--port", "0", file_store="files"))
    assert "files/arriving cannot be used: Not a directory" in line
    assert "COALITION_FILE_STORE" in line


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1"])  # noqa: S104
def test_the_demonstration_is_not_shown_to_other_machines(host: str) -> None:
    for result in (coalition("serve", "--demo", "--host", host), coalition("serve", "--demo", host=host)):
        assert "it can listen on this machine only" in the_line(result)


@pytest.mark.parametrize("command", ["serve", "migrate"])
def test_a_bad_setting_ends_the_start_with_one_line(command: str) -> None:
    assert the_line(coalition(command, port="http")) == (
        "Error: COALITION_PORT must be a port number up to 65535 (0 selects a free port); 'http' is not."
    )


@pytest.mark.parametrize("command", [("migrate",), ("load", str(PUBLIC_RECORD))])
@pytest.mark.parametrize(
    "url",
    [
        f"postgresql://someone:{SECRET}@127.0.0.1:1/coalition",
        f"postgresql://someone:{SECRET}@name.invalid/coalition",
        "sqlite:////dev/null/coalition.db",
    ],
)
def test_a_database_out_of_reach_is_one_line_without_its_password(command: tuple[str, ...], url: str) -> None:
    assert SECRET not in the_line(coalition(*command, database_url=url))


def test_a_database_that_is_not_migrated_is_not_loaded() -> None:
    assert "coalition migrate" in the_line(coalition("load", str(PUBLIC_RECORD)))


def test_a_bad_record_is_one_line(folder: Path) -> None:
    (folder / "record.json").write_text(json.dumps({"nothing": [{}]}), encoding="utf-8")
    coalition("migrate")
    assert "nothing" in the_line(coalition("load", "record.json"))
