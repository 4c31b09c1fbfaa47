"""Limits the connections of a process, and the time in which the head of a request must arrive.

A client that opens connections and sends nothing, or heads that never end, would otherwise take all file descriptors
of the process, and shut every other client out.
"""

from __future__ import annotations

import logging
from collections import Counter
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

logger = logging.getLogger(__name__)

#: How often connections are checked and the closed ones are reported.
CHECK_SECONDS = 1.0

#: By reason: why connections were closed, in the log.
REASONS = {
    "late": "the head of their request did not arrive in time (COALITION_MAX_HEADER_SECONDS)",
    "idle": "they were idle, and others needed their place (COALITION_MAX_CONNECTIONS)",
    "full": "all others were busy (COALITION_MAX_CONNECTIONS)",
    "invalid": "their request was not valid HTTP/1.1, or too long",
}


class Connection(Protocol):
    """A connection of a client."""

    def expire(self, reason: str) -> None:
        """Close the connection, for a reason of `REASONS`."""
        ...


class Connections:
    """The connections of a process.

    A connection waits from its beginning, and from the end of each response, until the head of a request is complete.
    """

    def __init__(self, most: int, seconds: float, report: Callable[[int, Counter[str]], None] | None = None) -> None:
        """Allow `most` connections, and each head to take `seconds`; `report` gets the counts in each second."""
        self._most = most
        self._seconds = seconds
        self._report = report
        self._open: set[Connection] = set()
        #: Since when each connection waits; the first one waits longest.
        self._waiting: dict[Connection, float] = {}
        self._closed: Counter[str] = Counter()
        self._loop: asyncio.AbstractEventLoop | None = None

    def add(self, connection: Connection, loop: asyncio.AbstractEventLoop) -> None:
        """Add a new connection; if there are too many, close the one that waits longest, or this one."""
        if self._loop is not loop:
            self._loop = loop
            loop.call_later(CHECK_SECONDS, self._check, loop)
        if len(self._open) >= self._most:
            longest = next(iter(self._waiting), None)
            self.close(connection if longest is None else longest, "full" if longest is None else "idle")
            if longest is None:
                return
        self._open.add(connection)
        self.wait(connection, loop)

    def wait(self, connection: Connection, loop: asyncio.AbstractEventLoop) -> None:
        """Begin to wait for the head of the connection's next request, or for the rest of it."""
        self._waiting.pop(connection, None)
        self._waiting[connection] = loop.time()

    def run(self, connection: Connection) -> None:
        """End the wait of a connection, whose request has a complete head."""
        self._waiting.pop(connection, None)

    def remove(self, connection: Connection) -> None:
        """Remove a connection that has ended."""
        self._open.discard(connection)
        self._waiting.pop(connection, None)

    def close(self, connection: Connection, reason: str) -> None:
        """Close a connection for a reason of `REASONS`, and count it."""
        self.remove(connection)
        self._closed[reason] += 1
        connection.expire(reason)

    def count(self, reason: str) -> None:
        """Count a connection that closes for a reason of `REASONS`."""
        self._closed[reason] += 1

    def _check(self, loop: asyncio.AbstractEventLoop) -> None:
        end = loop.time() - self._seconds
        late = [connection for connection, since in self._waiting.items() if since <= end]
        for connection in late:
            self.close(connection, "late")
        closed, self._closed = self._closed, Counter()
        for reason, number in closed.items():
            logger.warning("connections were closed: %s", REASONS[reason], extra={"count": number})
        if self._report:
            self._report(len(self._open), closed)
        loop.call_later(CHECK_SECONDS, self._check, loop)
