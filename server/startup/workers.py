"""The worker processes: each drains before it ends, and one that dies or hangs is replaced, with a line in the log."""

from __future__ import annotations

import asyncio
import logging
import os
from contextlib import suppress
from time import monotonic
from typing import TYPE_CHECKING

import uvicorn
from uvicorn.config import STARTUP_FAILURE
from uvicorn.supervisors import Multiprocess, multiprocess

from server.http.drain import DRAIN
from server.monitoring.exporter import count_worker_death

if TYPE_CHECKING:
    import socket

logger = logging.getLogger(__name__)

#: How long the requests under way may take after a worker closed its listener.
GRACE_SECONDS = 20
#: How long a worker may take to start, and how long a started worker may take to answer the first process.
START_SECONDS, ANSWER_SECONDS = 60.0, 5.0
#: How long the end waits for the answer of a worker that may still start.
NEW_ANSWER_SECONDS = 1.0
#: The setting for the time between the first 503 of /readyz and the end of the listener; a worker reads it, too.
DRAIN_SECONDS = "COALITION_DRAIN_SECONDS"


def drain_seconds() -> float:
    """Return the seconds for which a process says that it is not ready before it ends, in the first and each other."""
    return float(os.environ.get(DRAIN_SECONDS, "0"))


class DrainingServer(uvicorn.Server):
    """A server that says it is not ready for a while before it closes its listener."""

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Drain, then stop. A second signal ends the drain."""
        DRAIN.has_begun = True
        end = monotonic() + drain_seconds()
        # uvicorn has no event for the second signal.
        while monotonic() < end and not self.force_exit:  # noqa: ASYNC110
            await asyncio.sleep(0.1)
        await super().shutdown(sockets)


class Worker(multiprocess.Process):
    """A worker process, with a server that drains."""

    @property
    def server(self) -> uvicorn.Server:
        """The server of the worker."""
        if self._server is None:
            self._server = DrainingServer(self.config)
        return self._server


class Workers(Multiprocess):
    """All worker processes."""

    def __init__(self, config: uvicorn.Config, listener: socket.socket) -> None:
        """Start the workers of `config` on `listener`."""
        # uvicorn has no other way to choose the class of its workers.
        multiprocess.Process = Worker  # type: ignore[misc]
        super().__init__(config, [listener])
        #: By process ID: when a worker was first asked; None once it serves.
        self._asked: dict[int, float | None] = {}

    def keep_subprocess_alive(self) -> None:
        """Replace each worker that died or hangs; stop if one cannot start."""
        for index, worker in enumerate(self.processes):
            if self.should_exit.is_set():
                return
            if worker.process.is_alive() and self._answers(worker):
                continue
            worker.kill()
            worker.join()
            facts = {"worker": worker.pid, "exit_code": worker.exitcode}
            self._asked.pop(worker.pid or 0, None)
            count_worker_death(worker.pid)
            if worker.exitcode == STARTUP_FAILURE:
                logger.error("a worker cannot start, so the server stops", extra=facts)
                self.should_exit.set()
                return
            logger.error("a worker died and is replaced", extra=facts)
            self.processes[index] = Worker(self.config, self.sockets)
            self.processes[index].start()

    def terminate_all(self) -> None:
        """Have each worker drain and end; one that still starts, or hangs, has no requests and ends at once."""
        for worker in self.processes:
            if self._serves(worker):
                worker.terminate()
            else:
                worker.kill()

    def join_all(self) -> None:
        """Close the listener when the drain ends, so that no connection waits in vain; wait for each worker."""
        end = monotonic() + drain_seconds()
        for worker in self.processes:
            worker.process.join(max(0.0, end - monotonic()))
        for listener in self.sockets:
            listener.close()
        super().join_all()

    def _serves(self, worker: multiprocess.Process) -> bool:
        """Return whether a worker serves now: it can do so since the first process asked it the last time."""
        with suppress(OSError, EOFError):
            while worker.parent_conn.poll():
                worker.parent_conn.recv()
        is_known = self._asked.get(worker.pid or 0, 0) is None
        return worker.is_ready(ANSWER_SECONDS if is_known else NEW_ANSWER_SECONDS)

    def _answers(self, worker: multiprocess.Process) -> bool:
        """Return whether a worker answers, or still has time to start, in which nothing waits for it."""
        process_id = worker.pid or 0
        if process_id not in self._asked:
            worker.parent_conn.send(b"ping")
            self._asked[process_id] = monotonic()
        since = self._asked[process_id]
        if since is None:
            return worker.ping(ANSWER_SECONDS)
        if worker.parent_conn.poll():
            if worker.parent_conn.recv():
                # It serves; from now on it must answer soon.
                self._asked[process_id] = None
                return True
            worker.parent_conn.send(b"ping")
        return monotonic() - since < START_SECONDS
