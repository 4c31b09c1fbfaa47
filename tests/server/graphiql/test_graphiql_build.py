"""`coalition graphiql build`, run in copies of the checkout: complete or not at all, in parallel, and without Node."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import httpx2
import pytest

from server.config.settings import ROOT
from server.graphiql.build import BUILDS, NO_NODE, NO_SOURCES, OVERVIEW, SOURCES
from server.graphiql.page import NOT_BUILT
from tests.servers.processes import serving

if TYPE_CHECKING:
    from pathlib import Path

COMMAND = "from server.cli.main import main; main(['graphiql', 'build'])"
#: Without the environment's packages there is no click, which the command needs.
FUNCTION = "from server.graphiql.build import build_graphiql; build_graphiql(print)"
BUNDLING = "Building GraphiQL: esbuild bundles it (some seconds) …"


@pytest.fixture
def checkout(tmp_path: Path, graphiql_build: Path) -> Path:
    """Copy the checkout without its build, but with the packages that npm installed for it."""
    assert graphiql_build.is_dir()
    for name in ("alembic", "data", "models", "resolvers", "schema", "server"):
        # Without the fictional set of the demo, which takes some seconds to make.
        ignored = shutil.ignore_patterns("static", "__pycache__", "*.toml")
        shutil.copytree(ROOT / name, tmp_path / name, ignore=ignored)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    copied = tmp_path / "clients" / "graphiql"
    shutil.copytree(SOURCES, copied, ignore=shutil.ignore_patterns("node_modules"))
    (copied / "node_modules").symlink_to(SOURCES / "node_modules")
    shutil.copytree(OVERVIEW, tmp_path / "clients" / "overview")
    return tmp_path


def start(checkout: Path, *command: str, path: str | None = None) -> subprocess.Popen[str]:
    environment = {**os.environ, "PATH": os.environ["PATH"] if path is None else path}
    return subprocess.Popen(
        (sys.executable, *(command or ("-c", COMMAND))),
        cwd=checkout,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def built(process: subprocess.Popen[str]) -> list[str]:
    """Wait for a build that succeeds; return the steps that it reported."""
    output, errors = process.communicate(timeout=120)
    assert process.returncode == 0, errors
    assert output.startswith("GraphiQL is built: ")
    return steps(errors)


def steps(errors: str) -> list[str]:
    """Return the lines of a build without those that only say that a step still runs."""
    return [line for line in errors.splitlines() if not re.fullmatch(r"… \d+ seconds", line)]


def failed(process: subprocess.Popen[str]) -> str:
    """Wait for a build that fails; return the last line, which says why."""
    output, errors = process.communicate(timeout=120)
    assert (process.returncode, output) == (1, "")
    return errors.splitlines()[-1]


def builds(checkout: Path) -> list[Path]:
    return sorted((checkout / "server" / "static" / "graphiql").glob("*"))


def leftovers(checkout: Path) -> list[Path]:
    return [path for path in (checkout / "server" / "static").iterdir() if path.name != "graphiql"]


def names(build: Path) -> list[str]:
    """Return the names of a build's files without the hashes, which depend on the folder of npm's packages."""
    return sorted(re.sub(r"-[0-9A-Z]{8}(?=\.)", "", path.name) for path in build.iterdir())


def test_two_processes_that_build_at_once_leave_one_whole_build(checkout: Path) -> None:
    both = [start(checkout), start(checkout)]
    assert [built(process) for process in both] == [[BUNDLING], [BUNDLING]]
    (build,) = builds(checkout)
    (original,) = BUILDS.iterdir()
    assert build.name == original.name
    assert names(build) == names(original)
    assert leftovers(checkout) == []


def test_a_changed_example_replaces_the_build_and_nothing_is_built_twice(checkout: Path) -> None:
    assert built(start(checkout)) == [BUNDLING]
    before = builds(checkout)
    assert built(start(checkout)) == []
    with (checkout / "clients" / "graphiql" / "examples" / "99-new.graphql").open("w") as example:
        example.write("# New\n# Something to tell the two builds apart.\nquery New { __typename }\n")
    assert built(start(checkout)) == [BUNDLING]
    after = builds(checkout)
    assert len(before) == len(after) == 1
    assert before != after
    assert any("tell the two builds apart" in path.read_text("utf-8") for path in after[0].glob("graphiql-*.js"))


def test_a_build_that_fails_says_why_and_leaves_nothing_behind(checkout: Path) -> None:
    (checkout / "clients" / "graphiql" / "src" / "main.jsx").write_text("not JavaScript")
    line = failed(start(checkout))
    assert line.startswith("Error: GraphiQL could not be built (")
    assert "ERROR" in line
    assert line.endswith("): fix this, then run `coalition graphiql build` again.")
    assert builds(checkout) == leftovers(checkout) == []


def test_without_node_nothing_breaks_and_one_line_says_what_to_install(checkout: Path) -> None:
    # With -S the packages of the environment are out of sight, and with them the Node among them.
    line = failed(start(checkout, "-S", "-c", FUNCTION, path=os.devnull))
    assert line == f"server.graphiql.build.BuildError: {NO_NODE}"


def test_without_its_sources_a_build_that_was_copied_serves_and_none_is_a_fault(checkout: Path) -> None:
    shutil.rmtree(checkout / "clients")
    assert failed(start(checkout)) == f"Error: {NO_SOURCES}"
    (checkout / "server" / "static" / "graphiql" / "0123456789abcdef").mkdir(parents=True)
    assert built(start(checkout)) == []


def page_of(address: str) -> str:
    return httpx2.get(address, headers={"accept": "text/html"}, timeout=60).text


def test_a_server_without_a_build_answers_never_builds_and_says_which_command_does(checkout: Path) -> None:
    with serving(cwd=checkout, code=checkout, anonymous_reads="1") as server:
        assert "run `coalition graphiql build`" in server.line
        assert httpx2.post(server.address, json={"query": "{ __typename }"}).json()["data"] == {"__typename": "Query"}
        assert f"<p>{NOT_BUILT}</p>" in page_of(server.address)
        assert not (checkout / "server" / "static").exists()
        # The page is there as soon as it is built: the server need not be started again.
        assert built(start(checkout)) == [BUNDLING]
        assert '<div id="graphiql">' in page_of(server.address)


def test_the_demonstration_builds_where_there_is_no_build(checkout: Path) -> None:
    with serving("--demo", cwd=checkout, code=checkout) as server:
        assert "The API and GraphiQL are at" in server.line
        assert '<div id="graphiql">' in page_of(server.address)
        server.process.terminate()
        assert steps(server.process.communicate(timeout=20)[1]) == [BUNDLING]
