"""A fault that an operator can correct ends a command with one line, which names the setting and what to do."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
from typing import TYPE_CHECKING

import httpx2
import pytest
from sqlalchemy import make_url

from server.startup.demo import PUBLIC_RECORD
from tests.servers.processes import COMMAND, coalition, serving

if TYPE_CHECKING:
    from pathlib import Path

    from tests.servers.databases import Databases

#: Every kind of command that opens the database of the settings.
COMMANDS = [
    ("migrate",),
    ("load", str(PUBLIC_RECORD)),
    ("account", "list"),
    ("audit", "head"),
    ("trusted-documents", "list"),
    ("files", "clean-up"),
]
SECRET = "hunter2"  # noqa: S105  # it stands for one, to see that none leaks
SETTING = "COALITION_DATABASE_URL"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def check(command: tuple[str, ...], url: str, *expected: str) -> None:
    result = coalition(*command, database_url=url)
    assert (result.exit_code, result.stdout) == (1, "")
    [line] = result.stderr.splitlines()
    assert line.startswith("Error: ")
    assert SECRET not in line
    for words in (*expected, SETTING):
        assert words in line


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_a_postgresql_that_does_not_run_is_named_with_its_setting(command: tuple[str, ...]) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
        url = f"postgresql://someone:{SECRET}@127.0.0.1:{port}/coalition"
        check(command, url, f"There is no response from 127.0.0.1:{port}: start PostgreSQL there")


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_a_postgresql_that_lets_a_login_in_nowhere_is_named_with_its_setting(
    postgresql_databases: Databases, command: tuple[str, ...]
) -> None:
    with postgresql_databases.migrated() as url:
        known = make_url(url)
        absent = known.set(database="absent").render_as_string(hide_password=False)
        check(command, absent, "has no database named absent: create it")
        stranger = known.set(username="stranger", password=SECRET).render_as_string(hide_password=False)
        check(command, stranger, "PostgreSQL at ")


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_a_file_that_is_no_database_is_named_with_its_setting(folder: Path, command: tuple[str, ...]) -> None:
    (folder / "text.db").write_text("This is no database. " * 100)
    check(command, f"sqlite:///{folder}/text.db", "text.db is not an SQLite database")
    (folder / "place.db").mkdir()
    check(command, f"sqlite:///{folder}/place.db", "place.db is a folder")


def test_a_folder_that_cannot_be_written_is_named_with_its_setting(folder: Path) -> None:
    # Root writes everywhere, so another account does it.
    closed = folder / "closed"
    closed.mkdir(mode=0o555)
    url = "sqlite:////proc/coalition.db" if os.geteuid() == 0 else f"sqlite:///{closed}/coalition.db"
    check(("migrate",), url, "coalition.db")


def test_one_worker_outlives_a_hangup_and_says_that_it_changes_nothing(folder: Path) -> None:
    with serving(cwd=folder, anonymous_reads="1") as server:
        server.process.send_signal(signal.SIGHUP)
        for _ in range(3):
            assert httpx2.post(server.address, json={"query": "{ __typename }"}).status_code == 200
        server.process.send_signal(signal.SIGINT)
        _, logged = server.process.communicate(timeout=20)
    assert server.process.returncode == 0
    assert "With one worker, SIGHUP has no effect" in logged


def test_a_pipe_that_closes_ends_a_command_without_a_traceback(folder: Path) -> None:
    """As `coalition schema | head -1` does."""
    with subprocess.Popen([str(COMMAND), "schema"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=folder) as run:
        assert run.stdout is not None
        assert run.stderr is not None
        run.stdout.readline()
        run.stdout.close()
        said = run.stderr.read()
    assert b"Traceback" not in said
