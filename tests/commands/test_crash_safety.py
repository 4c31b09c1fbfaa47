"""A server killed in the middle of its work: what it acknowledged is there once, and nothing is there by half."""

from __future__ import annotations

import asyncio
import random
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import TYPE_CHECKING

import httpx2

from tests.servers.processes import serving
from tests.support.need_writers import LIMITS, WRITERS, Writer, acknowledged_by, check_writers, prepare

if TYPE_CHECKING:
    from pathlib import Path

#: How many changes are acknowledged before the server is killed.
LIFE = (1, 40)
#: How long that may take, in seconds.
PATIENCE_SECONDS = 60


def test_what_a_killed_server_acknowledged_is_there_once(url: str, tmp_path: Path, kills: int) -> None:
    token, given = asyncio.run(prepare(url))
    writers = [Writer(number, token, given) for number in range(WRITERS)]
    chance = random.Random(kills)  # noqa: S311 - no secret
    with ThreadPoolExecutor(WRITERS) as pool:
        for _ in range(kills):
            with serving(cwd=tmp_path, code=None, database_url=url, **LIMITS) as server:
                stop, enough = Event(), acknowledged_by(writers) + chance.randint(*LIFE)
                work = [pool.submit(writer.write, server.address, stop) for writer in writers]
                deadline = time.monotonic() + PATIENCE_SECONDS
                while acknowledged_by(writers) < enough:
                    assert time.monotonic() < deadline, [each.exception() for each in work if each.done()]
                    time.sleep(0.001)
                server.process.send_signal(signal.SIGKILL)
                for each in work:
                    each.result()
    with serving(cwd=tmp_path, code=None, database_url=url, **LIMITS) as server, httpx2.Client(timeout=10) as client:
        for writer in writers:
            client.headers.update(writer.headers)
            # The last was sent, and nobody knows whether it was made; the first certainly was.
            writer.acknowledged[writer.key()] = writer.state(client, server.address)
            again, writer.sent = writer.sent, 0
            assert writer.state(client, server.address) == writer.acknowledged[writer.key()]
            writer.sent = again
    check_writers(url, writers)
