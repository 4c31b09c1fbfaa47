"""One run from beginning to end: databases, servers, rounds."""

from __future__ import annotations

import os
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from benchmarks import servers
from benchmarks.database import fill
from benchmarks.processes import Process
from benchmarks.rounds import Contest, Growth, asked_of, memory
from benchmarks.seen import Options, Seen
from tests.servers import postgres

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from benchmarks.database import Filled
    from benchmarks.servers import Server

#: The works, and who takes part in each. The floor knows beforehand what it is asked, and is never asked anything new.
WORKS = {
    "nested_page": ("ours", "floor", "mercurius", "postgraphile", "idiomatic"),
    "single_object": ("ours", "floor", "mercurius", "postgraphile", "idiomatic"),
    "filtered_page": ("ours", "floor", "mercurius", "postgraphile"),
    "cold_document": ("ours", "mercurius", "postgraphile", "idiomatic"),
    "total_count": ("ours", "floor", "mercurius", "postgraphile"),
}
#: The nested page on either engine, at the usual size.
ENGINES = "sqlite"
#: How much larger each step is at which it is seen how cost grows.
STEP = 10


def measure(options: Options, tell: Callable[[str], None]) -> Seen:
    """Do all of it; `tell` is given a line for each step."""
    with TemporaryDirectory(prefix="coalition-benchmark-") as folder, _postgresql() as database:
        run = Run(options, database, Path(folder), tell)
        run.compete()
        run.grow()
        run.watch()
        return run.seen


class Run:
    """A run: its databases, and what was seen so far."""

    def __init__(self, options: Options, database: postgres.Server, folder: Path, tell: Callable[[str], None]) -> None:
        self.seen = Seen(options, os.getloadavg()[0])
        self._options = options
        self._database = database
        self._folder = folder
        self._tell = tell
        self._usual = self._filled(1)
        self._largest = self._usual if options.scale == 1 else self._filled(options.scale)
        self._in_a_file = fill(f"sqlite:///{folder / 'usual.db'}", options.procurements)

    def compete(self) -> None:
        """Drive all servers through all works, in turn."""
        seconds, contests = self._options.seconds, self.seen.contests
        with ExitStack() as stack:
            self._tell("Starting the servers …")
            started = self._start(stack)
            main = Process(int((self._database.folder / "data" / "postmaster.pid").read_text().split()[0]))
            for work, names in WORKS.items():
                contests[work] = Contest(work, [started[name] for name in names], main)
            contests[ENGINES] = Contest("nested_page", self._on_both_engines(stack, started["ours"]), main)
            for contest in contests.values():
                contest.check()
            self._tell("All of them answer the same. Warming them …")
            for contest in contests.values():
                contest.warm(seconds)
            growth = Growth(started["ours"])
            for number in range(self._options.rounds):
                self._tell(f"Round {number + 1} of {self._options.rounds} …")
                for contest in contests.values():
                    contest.round(seconds)
                self._note(self._largest, growth)
            self.seen.peaks = {name: server.process.peak_memory() for name, server in started.items()}

    def grow(self) -> None:
        """See how cost grows at every step from the usual size to the largest, which was seen already."""
        scale = 1
        while scale < self._options.scale:
            filled = self._usual if scale == 1 else self._filled(scale)
            with servers.ours(filled, self._folder) as server:
                growth = Growth(server)
                for _ in range(self._options.rounds):
                    self._note(filled, growth)
            scale *= STEP

    def watch(self) -> None:
        """See how much memory a worker holds, and how long it takes to start."""
        self._tell(f"Sending twice {self._options.mixed} mixed requests, and starting {self._options.starts} times …")
        with servers.ours(self._usual, self._folder) as server:
            self.seen.memory = memory(server, [*WORKS], self._options.mixed)
        self.seen.starts = [servers.start_seconds(self._usual, self._folder) for _ in range(self._options.starts)]

    def _filled(self, scale: int) -> Filled:
        number = self._options.procurements * scale
        self._tell(f"Building {number} procurements and what hangs on them …")
        return fill(self._database.create(f"of_{number}"), number)

    def _start(self, stack: ExitStack) -> dict[str, Server]:
        filled, folder = self._largest, self._folder
        ours = stack.enter_context(servers.ours(filled, folder))
        known = [asked for work, names in WORKS.items() if "floor" in names for asked in asked_of(ours, work)]
        others = (
            servers.floor(filled, folder, ours.works, known),
            servers.of_node("mercurius", filled, folder),
            servers.of_node("postgraphile", filled, folder),
            servers.idiomatic(filled, folder),
        )
        return {server.name: server for server in (ours, *map(stack.enter_context, others))}

    def _on_both_engines(self, stack: ExitStack, ours: Server) -> list[Server]:
        usual = self._usual
        on_postgresql = ours if usual is self._largest else stack.enter_context(servers.ours(usual, self._folder, "pg"))
        on_sqlite = stack.enter_context(servers.ours(self._in_a_file, self._folder, "sqlite"))
        return [on_sqlite, on_postgresql._replace(name="postgresql")]

    def _note(self, filled: Filled, growth: Growth) -> None:
        found = growth.round(self._options.seconds)
        self.seen.growth.setdefault(filled.procurements, []).append(found)


@contextmanager
def _postgresql() -> Iterator[postgres.Server]:
    server = postgres.start()
    try:
        yield server
    finally:
        server.stop()
