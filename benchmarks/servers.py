"""The servers: each is started in a process of its own, waited for, and ended."""

from __future__ import annotations

import socket
import sys
import time
from contextlib import contextmanager
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import make_url

from benchmarks import load, node
from benchmarks.processes import running
from benchmarks.works import HAND_WRITTEN, OURS, TABLES, Works

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from benchmarks.database import Filled
    from benchmarks.processes import Process
    from benchmarks.works import Asked

#: How many connections to the database each server may have.
CONNECTIONS = 12
START_SECONDS = 30
COMMAND = Path(sys.executable).with_name("coalition")
#: Everything is on as an operator gets it; only what an account may ask for in a second is not what is measured.
OUR_SETTINGS = {"MAX_COST": "1000000000", "COST_PER_SECOND": "1000000000", "MAX_RUNNING": str(CONNECTIONS)}
NODE_SETTINGS = {"NODE_ENV": "production", "GRAPHILE_ENV": "production"}


class StartError(RuntimeError):
    """A server did not start; the message holds what it wrote."""


class Server(NamedTuple):
    """A server at work on a database, and what it is asked for."""

    name: str
    process: Process
    port: int
    works: Works
    headers: Mapping[str, str]

    def request(self, asked: Asked) -> bytes:
        """Give the bytes of a request to this server."""
        return load.request(self.port, asked.body(), self.headers)


@contextmanager
def ours(filled: Filled, folder: Path, name: str = "ours") -> Iterator[Server]:
    """Serve a database as `coalition serve` does."""
    with _ours(filled, folder / f"{name}.log") as (process, port):
        wait_until_ready(port)
        token = {"authorization": f"Bearer {filled.token}"}
        yield Server(name, process, port, Works(OURS, filled.procurements), token)


@contextmanager
def floor(filled: Filled, folder: Path, works: Works, asked: Sequence[Asked]) -> Iterator[Server]:
    """Serve the statements of our plan for what will be `asked`, which is of our server's `works`."""
    file = folder / "floor.jsonl"
    file.write_bytes(b"\n".join(request.body() for request in asked))
    given = ("benchmarks.peers.floor", filled.url, str(CONNECTIONS), filled.account, str(file))
    with _peer("floor", works, folder, (sys.executable, "-m", *given)) as server:
        yield server


@contextmanager
def idiomatic(filled: Filled, folder: Path) -> Iterator[Server]:
    """Serve as Strawberry is usually made to."""
    given = ("benchmarks.peers.idiomatic", filled.url, str(CONNECTIONS))
    works = Works(HAND_WRITTEN, filled.procurements)
    with _peer("idiomatic", works, folder, (sys.executable, "-m", *given)) as server:
        yield server


@contextmanager
def of_node(name: str, filled: Filled, folder: Path) -> Iterator[Server]:
    """Serve with `mercurius` or `postgraphile`."""
    works = Works(HAND_WRITTEN if name == "mercurius" else TABLES, filled.procurements)
    # The folder of the socket and the name of the database apart: the driver reads addresses in its own way.
    url = make_url(filled.url)
    given = (node.installed(name) / "server.mjs", str(url.query["host"]), str(url.database), str(CONNECTIONS))
    with _peer(name, works, folder, (node.node(), *given), NODE_SETTINGS) as server:
        yield server


def start_seconds(filled: Filled, folder: Path) -> float:
    """Start our server and end it; give the seconds from its command to the first answer that it is ready."""
    begun = time.perf_counter()
    with _ours(filled, folder / "start.log") as (_, port):
        return wait_until_ready(port) - begun


def wait_until_ready(port: int) -> float:
    """Wait until our server says it is ready; give when that was, as of `time.perf_counter`. Raises StartError."""
    end = time.perf_counter() + START_SECONDS
    while time.perf_counter() < end:
        connection = HTTPConnection("127.0.0.1", port, timeout=START_SECONDS)
        try:
            connection.request("GET", "/readyz")
            if connection.getresponse().status == HTTPStatus.OK:
                return time.perf_counter()
        except (OSError, HTTPException):
            time.sleep(0.002)
        finally:
            connection.close()
    message = f"coalition serve was not ready after {START_SECONDS} seconds."
    raise StartError(message)


@contextmanager
def _ours(filled: Filled, log: Path) -> Iterator[tuple[Process, int]]:
    port = free_port()
    settings = {"DATABASE_URL": filled.url, "PORT": str(port), **OUR_SETTINGS}
    environment = {f"COALITION_{name}": value for name, value in settings.items()}
    with running((COMMAND, "serve"), environment, log) as process:
        yield process, port


@contextmanager
def _peer(
    name: str, works: Works, folder: Path, command: Sequence[str | Path], environment: Mapping[str, str] | None = None
) -> Iterator[Server]:
    """Run a peer; it is given its port at last."""
    port, log = free_port(), folder / f"{name}.log"
    with running((*command, str(port)), environment or {}, log) as process:
        _wait_until_listening(name, port, process, log)
        yield Server(name, process, port, works, {})


def _wait_until_listening(name: str, port: int, process: Process, log: Path) -> None:
    end = time.monotonic() + START_SECONDS
    while process.runs() and time.monotonic() < end:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    message = f"{name} did not start:\n{log.read_text()}"
    raise StartError(message)


def free_port() -> int:
    """Give a port of this machine that nobody uses."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port
