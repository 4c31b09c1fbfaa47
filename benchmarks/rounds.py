"""The rounds: what is asked of whom, in turn, and what was seen."""

from __future__ import annotations

import json
from itertools import cycle, islice
from statistics import median, quantiles
from typing import TYPE_CHECKING

from benchmarks import load
from benchmarks.answers import compare, content

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from benchmarks.processes import Process
    from benchmarks.servers import Server
    from benchmarks.works import Asked

#: The share of a round's time each server is given before the first round, to compile and to connect.
WARMING = 0.5

#: What was seen in one round of one work on one server.
Seen = dict[str, float]


def cursor(server: Server, by: str, named: str) -> str:
    """Give a server's own cursor for the procurement with the reference `named`, in the order `by`."""
    known = server.works.cursors
    if (by, named) not in known:
        body = load.ask(server.port, server.request(server.works.row(by, named)))
        known[by, named] = json.loads(body)["data"]["procurements"]["pageInfo"]["endCursor"]
    return known[by, named]


def asked_of(server: Server, work: str) -> Sequence[Asked]:
    """Give what a work asks of a server, over and over."""
    works = server.works
    if work == "nested_page":
        return [works.nested_page()]
    if work == "single_object":
        return works.objects()
    if work == "filtered_page":
        return [works.filtered_page(cursor(server, "title", works.middle_by_title))]
    if work == "total_count":
        return [works.total_count()]
    message = f"There is no work {work!r}."
    raise ValueError(message)


def requests_of(server: Server, work: str) -> Iterator[bytes]:
    """Give the requests of a work, without an end."""
    if work == "cold_document":
        return (server.request(asked) for asked in server.works.cold_documents())
    return cycle([server.request(asked) for asked in asked_of(server, work)])


class Contest:
    """One work, and the servers that are driven through it in turn."""

    def __init__(self, work: str, servers: Sequence[Server], database: Process) -> None:
        """Take who takes part, and the process of the database."""
        self.work = work
        self.rounds: list[dict[str, Seen]] = []
        self._servers = servers
        self._database = database
        self._requests = {server.name: requests_of(server, work) for server in servers}

    def check(self) -> None:
        """Ask each server the same, and compare. Raises AnswerError or DifferenceError."""
        found = {}
        for server in self._servers:
            try:
                found[server.name] = content(load.ask(server.port, next(self._requests[server.name])))
            except load.AnswerError as error:
                message = f"{self.work}: {server.name} does not answer what it is asked:\n{error}"
                raise load.AnswerError(message) from None
        compare(self.work, found)

    def warm(self, seconds: float) -> None:
        """Drive each server so long that it has compiled and connected what it needs."""
        for server in self._servers:
            load.drive(server.port, self._requests[server.name], seconds=seconds * WARMING)

    def round(self, seconds: float) -> None:
        """Drive each server for so many seconds, one after another."""
        self.rounds.append({server.name: self._drive(server, seconds) for server in self._servers})

    def _drive(self, server: Server, seconds: float) -> Seen:
        before, database_before = server.process.cpu_seconds(), self._database.cpu_seconds()
        driven = load.drive(server.port, self._requests[server.name], seconds=seconds)
        number = len(driven.latencies)
        return {
            "requests_per_s": driven.rate,
            "requests": number,
            "p50_ms": median(driven.latencies) * 1000,
            "p95_ms": quantiles([*driven.latencies, *driven.latencies], n=20)[-1] * 1000,
            "cpu_ms": (server.process.cpu_seconds() - before) / number * 1000,
            "database_cpu_ms": (self._database.cpu_seconds() - database_before) / number * 1000,
        }


def latencies(server: Server, requests: dict[str, bytes], seconds: float) -> dict[str, float]:
    """Send different requests in turn from one client, and give the median of each one's latencies, in milliseconds."""
    names = list(requests)
    # Each at least once, however little time there is.
    found = load.drive(server.port, iter(requests.values()), clients=1, number=len(names)).latencies
    found += load.drive(server.port, cycle(requests.values()), clients=1, seconds=seconds).latencies
    return {name: median(found[place :: len(names)]) * 1000 for place, name in enumerate(names)}


class Growth:
    """What may cost more the more there is: a few requests, and how long their answers take."""

    def __init__(self, server: Server) -> None:
        works = server.works
        self._server = server
        self._pages = {
            "first_page": server.request(works.page()),
            "deep_page": server.request(works.page(cursor(server, "reference", works.middle_by_reference))),
            "filtered_page": server.request(works.filtered_page(cursor(server, "title", works.middle_by_title))),
        }
        self._count = {"total_count": server.request(works.total_count())}
        # Compiled, and prepared on the connection.
        latencies(server, {**self._pages, **self._count}, 0)

    def round(self, seconds: float) -> dict[str, float]:
        """Give the median latency of each in a round of so many seconds, in milliseconds."""
        # The count by itself: it takes long enough to leave the pages few turns.
        half = seconds / 2
        return {**latencies(self._server, self._pages, half), **latencies(self._server, self._count, half)}


def mixed(server: Server, works: Sequence[str]) -> Iterator[bytes]:
    """Give requests of several works by turns, without an end."""
    sources = [requests_of(server, work) for work in works]
    while True:
        for source in sources:
            yield next(source)


def memory(server: Server, works: Sequence[str], number: int) -> tuple[float, float]:
    """Give the memory of a server in MiB after so many mixed requests, and after as many again."""
    requests = mixed(server, works)
    found = []
    for _ in range(2):
        load.drive(server.port, islice(requests, number + load.CLIENTS), number=number)
        found.append(server.process.memory())
    return found[0], found[1]


def median_of(rounds: Sequence[dict[str, Seen]], server: str, what: str) -> float:
    """Give the median over the rounds of what was seen of a server."""
    return median(seen[server][what] for seen in rounds)


def ratio(rounds: Sequence[dict[str, Seen]], server: str, other: str) -> float:
    """Give how many requests one server answers for each of the other: the median over the rounds."""
    return median(seen[server]["requests_per_s"] / seen[other]["requests_per_s"] for seen in rounds)
