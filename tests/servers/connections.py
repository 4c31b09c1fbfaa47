"""Raw connections to a real server, for requests that no HTTP client sends."""

from __future__ import annotations

import socket
from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from tests.servers.processes import serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TIMEOUT_SECONDS = 10


@contextmanager
def listening(folder: Path) -> Iterator[tuple[str, int]]:
    """Yield the host and port of a server that answers anonymous requests, without a migrated database."""
    with serving(cwd=folder, database_url=f"sqlite:///{folder}/none.db", anonymous_reads="1") as server:
        found = urlsplit(server.address)
        yield found.hostname or "", found.port or 0


@contextmanager
def connected(address: tuple[str, int]) -> Iterator[socket.socket]:
    """Yield a connection that sends each piece at once."""
    with socket.create_connection(address, TIMEOUT_SECONDS) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        yield connection
