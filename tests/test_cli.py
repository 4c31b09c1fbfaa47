"""The `coalition` command, run as an operator runs it."""

from __future__ import annotations

import json
import shutil
import signal
import socket
import subprocess
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import httpx2
import pytest

from schema import schema
from server.demo import RECORD
from server.migrations import head_revision
from server.settings import ROOT
from serving import COMMAND, coalition, environment, serving

if TYPE_CHECKING:
    from pathlib import Path

SECRET = "hunter2"  # noqa: S105  # it stands for one, to see that none leaks
TYPENAME = {"query": "{ __typename }"}


def the_line(result: subprocess.CompletedProcess[str]) -> str:
    """Give the one line with which a command failed."""
    assert result.returncode == 1
    assert result.stdout == ""
    [line] = result.stderr.splitlines()
    return line


def test_the_help_names_every_command() -> None:
    printed = coalition("--help").stdout
    assert all(f"\n  {name} " in printed for name in ("load", "migrate", "schema", "serve"))


def test_the_schema_is_printed() -> None:
    assert coalition("schema").stdout == f"{schema.as_str()}\n"


def test_a_migrated_and_loaded_database_is_served(tmp_path: Path) -> None:
    migrated = coalition("migrate", cwd=tmp_path)
    assert migrated.stdout == f"The database is at revision {head_revision()}.\n"
    assert (tmp_path / "var" / "coalition.db").is_file()
    loaded = coalition("load", str(RECORD), cwd=tmp_path)
    assert loaded.stdout.startswith(f"{RECORD}: ")
    again = coalition("load", str(RECORD), cwd=tmp_path)
    assert " 0 created, 0 updated, 0 removed, " in again.stdout
    with serving(cwd=tmp_path) as address:
        query = {"query": "{ expertGroups { totalCount } }"}
        assert httpx2.post(address, json=query).json() == {"data": {"expertGroups": {"totalCount": 4}}}
        assert httpx2.get(address.replace("/graphql", "/readyz")).status_code == 200


def test_a_database_that_is_not_migrated_is_served_and_told_of(tmp_path: Path) -> None:
    with serving(cwd=tmp_path) as address:
        assert httpx2.post(address, json=TYPENAME).status_code == 200
        assert httpx2.get(address.replace("/graphql", "/readyz")).json()["failed"] == "migrations"


def test_the_demonstration_needs_no_preparation_and_starts_again(tmp_path: Path) -> None:
    # A copy of the checkout, so that the demonstration of whoever runs the tests stays as it is.
    for folder in ("alembic", "data", "models", "resolvers", "schema", "server"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for _ in range(2):
        with serving("--demo", cwd=tmp_path, pythonpath=tmp_path) as address:
            answer = httpx2.post(address, json={"query": "{ expertGroups { totalCount } }"})
            assert answer.json() == {"data": {"expertGroups": {"totalCount": 4}}}
            page = httpx2.get(address, headers={"accept": "text/html"})
            assert page.headers["content-type"] == "text/html; charset=utf-8"
        assert (tmp_path / "var" / "demo.db").is_file()


def test_several_workers_answer_with_the_same_settings(tmp_path: Path) -> None:
    with serving("--workers", "2", cwd=tmp_path, max_body_bytes="2048") as address, ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: httpx2.post(address, json=TYPENAME, timeout=30).status_code, range(50)))
        assert answers == [200] * 50
        assert (
            httpx2.post(address, content=b" " * 3000, headers={"content-type": "application/json"}).status_code == 413
        )


def test_small_answers_on_a_kept_connection_do_not_wait_for_each_other(tmp_path: Path) -> None:
    with serving(cwd=tmp_path) as address, httpx2.Client() as client:
        times = sorted(client.post(address, json=TYPENAME).elapsed.total_seconds() for _ in range(20))
    # With Nagle's algorithm on, each takes the 40 ms of a delayed ACK.
    assert times[10] < 0.03


def test_an_interrupt_ends_the_server_without_a_word(tmp_path: Path) -> None:
    command = [str(COMMAND), "serve", "--port", "0"]
    with subprocess.Popen(
        command, cwd=tmp_path, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.send_signal(signal.SIGINT)
        printed, complaints = process.communicate(timeout=20)
    assert (process.returncode, printed, complaints) == (0, "", "")


def test_a_port_in_use_is_named(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        line = the_line(coalition("serve", "--port", port, cwd=tmp_path))
    assert line == f"Error: Port {port} of 127.0.0.1 is in use: stop what uses it, or give another with --port."


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1"])  # noqa: S104
def test_other_machines_are_not_served_yet(host: str) -> None:
    assert "until accounts exist" in the_line(coalition("serve", "--host", host))
    assert "until accounts exist" in the_line(coalition("serve", host=host))


@pytest.mark.parametrize("command", ["serve", "migrate"])
def test_a_bad_setting_ends_the_start_with_one_line(command: str) -> None:
    assert the_line(coalition(command, port="http")) == (
        "Error: COALITION_PORT must be a port number up to 65535 (0 takes a free one); 'http' is not."
    )


@pytest.mark.parametrize("command", [("migrate",), ("load", str(RECORD))])
@pytest.mark.parametrize(
    "url",
    [f"postgresql://someone:{SECRET}@127.0.0.1:1/coalition", "sqlite:////dev/null/coalition.db"],
)
def test_a_database_out_of_reach_is_one_line_without_its_password(command: tuple[str, ...], url: str) -> None:
    assert SECRET not in the_line(coalition(*command, database_url=url))


def test_a_database_that_is_not_migrated_is_not_loaded(tmp_path: Path) -> None:
    assert "coalition migrate" in the_line(coalition("load", str(RECORD), cwd=tmp_path))


def test_a_bad_record_is_one_line(tmp_path: Path) -> None:
    file = tmp_path / "record.json"
    file.write_text(json.dumps({"nothing": [{}]}), encoding="utf-8")
    coalition("migrate", cwd=tmp_path)
    assert "nothing" in the_line(coalition("load", str(file), cwd=tmp_path))
