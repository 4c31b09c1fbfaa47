"""The build of GraphiQL, run in copies of the checkout: whole or not at all, whoever else builds, and without Node."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from server.graphiql.build import BUILDS, HOW_TO_BUILD, SOURCES, build_graphiql

if TYPE_CHECKING:
    from pathlib import Path

BUILD = "from server.graphiql.build import build_graphiql; print(build_graphiql())"


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Copy what a build needs; the packages that npm installed for the real one serve this one too."""
    hint = build_graphiql()
    assert hint is None, hint
    shutil.copytree(BUILDS.parents[1], tmp_path / "server", ignore=shutil.ignore_patterns("static", "__pycache__"))
    copied = tmp_path / "clients" / "graphiql"
    shutil.copytree(SOURCES, copied, ignore=shutil.ignore_patterns("node_modules"))
    (copied / "node_modules").symlink_to(SOURCES / "node_modules")
    return tmp_path


def start(checkout: Path, *options: str, path: str | None = None) -> subprocess.Popen[str]:
    environment = {**os.environ, "PATH": os.environ["PATH"] if path is None else path}
    return subprocess.Popen(
        (sys.executable, *options, "-c", BUILD),
        cwd=checkout,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def outcome(process: subprocess.Popen[str]) -> str:
    """Wait for a build; give what it answered."""
    output, complaints = process.communicate(timeout=120)
    assert process.returncode == 0, complaints
    return output.strip()


def builds(checkout: Path) -> list[Path]:
    return sorted((checkout / "server" / "static" / "graphiql").glob("*"))


def leftovers(checkout: Path) -> list[Path]:
    return [path for path in (checkout / "server" / "static").iterdir() if path.name != "graphiql"]


def names(build: Path) -> list[str]:
    """Give the names of a build's files without the hashes, which depend on where npm's packages lie."""
    return sorted(re.sub(r"-[0-9A-Z]{8}(?=\.)", "", path.name) for path in build.iterdir())


def test_two_processes_that_build_at_once_leave_one_whole_build(checkout: Path) -> None:
    both = [start(checkout), start(checkout)]
    assert [outcome(process) for process in both] == ["None", "None"]
    (build,) = builds(checkout)
    (original,) = BUILDS.iterdir()
    assert build.name == original.name
    assert names(build) == names(original)
    assert leftovers(checkout) == []


def test_a_changed_example_replaces_the_build(checkout: Path) -> None:
    assert outcome(start(checkout)) == "None"
    before = builds(checkout)
    with (checkout / "clients" / "graphiql" / "examples" / "99-new.graphql").open("w") as example:
        example.write("# New\n# Something to tell the two builds apart.\nquery New { __typename }\n")
    assert outcome(start(checkout)) == "None"
    after = builds(checkout)
    assert len(before) == len(after) == 1
    assert before != after
    assert any("tell the two builds apart" in path.read_text("utf-8") for path in after[0].glob("graphiql-*.js"))


def test_a_build_that_fails_says_why_and_leaves_nothing_behind(checkout: Path) -> None:
    (checkout / "clients" / "graphiql" / "src" / "main.jsx").write_text("not JavaScript")
    answer = outcome(start(checkout))
    assert answer.startswith("GraphiQL could not be built (")
    assert "ERROR" in answer
    assert len(answer.splitlines()) == 1
    assert builds(checkout) == leftovers(checkout) == []


def test_without_node_nothing_breaks_and_one_line_says_what_to_install(checkout: Path) -> None:
    # With -S the packages of the environment are out of sight, and with them the Node among them.
    answer = outcome(start(checkout, "-S", path=os.devnull))
    assert answer == HOW_TO_BUILD
    assert len(answer.splitlines()) == 1
