"""A database that goes away while changes are made: none is answered as a fault of ours, none acknowledged is lost."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from itertools import pairwise
from threading import Event
from typing import TYPE_CHECKING, Any

import asyncpg  # type: ignore[import-untyped] # asyncpg has no types
import httpx2
import pytest

from server.startup.migrations import upgrade
from tests.servers import postgres
from tests.servers.processes import serving
from tests.support.need_writers import LIMITS, WRITERS, Writer, acknowledged_by, check_writers, prepare

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

#: How many changes are acknowledged before the first fault and after each.
CHANGES = 40
#: How long that may take, in seconds.
PATIENCE_SECONDS = 60


#: Ends every session but those of the database called postgres.
TERMINATE = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname <> 'postgres'"


class PatientWriter(Writer):
    """One who sends a change again, under the same key, until it is acknowledged; notes each answer and its headers."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.answers: Counter[tuple[int, str | None]] = Counter()

    def write(self, address: str, stop: Event) -> None:
        """State needs until `stop` is set."""
        with httpx2.Client(headers=self.headers, timeout=30) as client:
            while not stop.is_set():
                answer = self.post(client, address)
                self.answers[answer.status_code, answer.headers.get("retry-after")] += 1
                if answer.status_code == 200:
                    self.acknowledged[self.key()] = self.id_in(answer)
                    self.sent += 1
                else:
                    time.sleep(0.02)


@pytest.fixture(scope="module")
def server() -> Iterator[postgres.Server]:
    # What was committed outlasts a server that is stopped at once.
    found = postgres.start(synchronous_commit="on", max_connections="40")
    yield found
    found.stop()


def restart(server: postgres.Server, mode: str) -> None:
    server.halt(mode)
    server.resume()


def stop_for_a_while(server: postgres.Server) -> None:
    server.halt("fast")
    time.sleep(2)
    server.resume()


def be_full(server: postgres.Server) -> None:
    """Have others hold every connection for a while, so that none is left once those of the server have ended."""

    async def hold() -> None:
        held: list[Any] = []
        admin = await asyncpg.connect(server.url("postgres"))
        try:
            for _ in range(200):
                await admin.execute(TERMINATE)
                with suppress(asyncpg.PostgresError):
                    held.append(await asyncpg.connect(server.url("postgres")))
        finally:
            for each in (*held, admin):
                await each.close()

    asyncio.run(hold())


def drop_connections(server: postgres.Server) -> None:
    async def drop() -> None:
        admin = await asyncpg.connect(server.url("postgres"))
        for _ in range(20):
            await admin.execute(TERMINATE)
            await asyncio.sleep(0.05)
        await admin.close()

    asyncio.run(drop())


FAULTS: tuple[Callable[[postgres.Server], None], ...] = (
    lambda server: restart(server, "immediate"),
    lambda server: restart(server, "fast"),
    stop_for_a_while,
    be_full,
    drop_connections,
)


def test_while_postgresql_is_away_changes_are_put_off_and_none_is_lost(server: postgres.Server, tmp_path: Path) -> None:
    url = server.create("written")
    upgrade(url)
    token, given = asyncio.run(prepare(url))
    writers = [PatientWriter(number, token, given) for number in range(WRITERS)]
    stop = Event()
    with (
        serving(cwd=tmp_path, code=None, database_url=url, **LIMITS) as found,
        ThreadPoolExecutor(WRITERS) as pool,
    ):
        work = [pool.submit(writer.write, found.address, stop) for writer in writers]
        try:
            for fault in (None, *FAULTS):
                if fault is not None:
                    fault(server)
                wait_for_more(writers)
        finally:
            stop.set()
        for each in work:
            each.result()
        found.process.terminate()
        logged = found.process.communicate()[1].splitlines()
    answers = sum((writer.answers for writer in writers), Counter[tuple[int, str | None]]())
    assert answers.keys() == {(200, None), (503, "1")}
    check_log(logged)
    check_writers(url, writers)


def wait_for_more(writers: list[PatientWriter]) -> None:
    """Wait until some more changes are acknowledged."""
    enough, deadline = acknowledged_by(writers) + CHANGES, time.monotonic() + PATIENCE_SECONDS
    while acknowledged_by(writers) < enough:
        assert time.monotonic() < deadline, [writer.answers for writer in writers]
        time.sleep(0.01)


def check_log(lines: list[str]) -> None:
    """Check that the log has one line a second and no traceback."""
    assert lines
    entries = [json.loads(line) for line in lines]
    assert {(entry["level"], entry["logger"]) for entry in entries} == {("warning", "resolvers.database.unavailable")}
    assert all(entry["event"].startswith("the database cannot be reached: ") for entry in entries)
    moments = [dt.datetime.fromisoformat(entry["time"]) for entry in entries]
    assert all(later - earlier > dt.timedelta(seconds=0.9) for earlier, later in pairwise(moments))
