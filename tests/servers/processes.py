"""The `coalition` command: run to its end in this process, or as a server in a separate process."""

from __future__ import annotations

import logging
import os
import re
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from click.testing import CliRunner

from resolvers.identity.demo_personas import PERSONAS
from server.cli.main import main

if TYPE_CHECKING:
    from collections.abc import Iterator

    from click.testing import Result

COMMAND = Path(sys.executable).with_name("coalition")
ADDRESS = re.compile(r"http://\S+")
ENDS_WITHIN_SECONDS = 20
PIPE_BYTES = 1024 * 1024


class Server(NamedTuple):
    """A running server: its process, its first line, the address of its API, and its personas' tokens by title."""

    process: subprocess.Popen[str]
    line: str
    address: str
    personas: dict[str, str]


def coalition(*arguments: str, **settings: str) -> Result:
    """Run the command to its end; `settings` are environment variables without their prefix."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    others: dict[str, str | None] = {name: None for name in os.environ if name.startswith("COALITION_")}
    try:
        return CliRunner().invoke(main, arguments, env=others | _variables(settings))
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)


@contextmanager
def serving(*arguments: str, cwd: Path, code: Path | None = None, **settings: str) -> Iterator[Server]:
    """Yield a server on a free port of this machine, for as long as the block lasts.

    It runs the project's code, or the copy of it in the folder `code`.
    """
    with _running([str(COMMAND), "serve", "--port", "0", *arguments], cwd, code, settings) as server:
        yield server


@contextmanager
def serving_with_few_files(files: int, cwd: Path, settings: dict[str, str]) -> Iterator[Server]:
    """Yield a server that can open so many `files`."""
    command = ["prlimit", f"--nofile={files}:{files}", str(COMMAND), "serve", "--port", "0"]
    with _running(command, cwd, None, settings) as server:
        yield server


@contextmanager
def _running(command: list[str], cwd: Path, code: Path | None, settings: dict[str, str]) -> Iterator[Server]:
    with subprocess.Popen(
        command,
        cwd=cwd,
        env=_environment(code) | _variables(settings),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        # Each refusal is a line of the log, and no test reads them while the server runs.
        pipesize=PIPE_BYTES,
        text=True,
    ) as process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            found = ADDRESS.search(line)
            assert found is not None, f"the server did not start: {line}{process.communicate()}"
            lines = [process.stdout.readline().strip() for _ in PERSONAS if "--demo" in command]
            yield Server(process, line, found[0], dict(line.split(": ") for line in lines))
        finally:
            process.terminate()
            process.wait(ENDS_WITHIN_SECONDS)


def serve_in_vain(*arguments: str, cwd: Path, code: Path) -> str:
    """Run a server that cannot start, from the copy of the project in `code`; return its error output."""
    found = subprocess.run(
        [str(COMMAND), "serve", *arguments],
        cwd=cwd,
        env=_environment(code),
        capture_output=True,
        check=False,
        text=True,
        timeout=ENDS_WITHIN_SECONDS,
    )
    assert (found.returncode, found.stdout) == (1, "")
    return found.stderr


def _environment(code: Path | None) -> dict[str, str]:
    """Return the environment of a server without settings, which runs the copy of the project in `code`."""
    others = {name: value for name, value in os.environ.items() if not name.startswith("COALITION_")}
    return others | ({"PYTHONPATH": str(code)} if code else {})


def _variables(settings: dict[str, str]) -> dict[str, str]:
    return {f"COALITION_{name.upper()}": value for name, value in settings.items()}
