"""The metrics of a process, and their names. docs/guides/monitoring.md explains each.

With several workers, prometheus_client stores the values in files that the exporter adds up; it decides that when it is
imported, by the variable PROMETHEUS_MULTIPROC_DIR. So it is imported late.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

if TYPE_CHECKING:
    from collections import Counter as CountedBy
    from collections.abc import Callable, Iterable, Sequence

    from server.monitoring.exchange import Exchange

#: In seconds: a small query takes under a millisecond, and an operation ends after ten.
BUCKETS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
#: The label of every operation whose name is not that of a trusted document, as clients choose these names.
OTHER = "other"
#: The maximum number of names of operations that are labels.
MAX_NAMES = 200


class Tally:
    """The requests of one kind since the last flush; `observe` takes the seconds of each."""

    __slots__ = ("cost", "count", "observe")

    def __init__(self, observe: Callable[[float], None]) -> None:
        self.observe = observe
        self.count = 0
        self.cost = 0


class Metrics:
    """The metrics of this process."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._names: frozenset[str] = frozenset()
        self._tallies: dict[tuple[str, str, int, str], Tally] = {}
        name = "coalition_request_duration_seconds"
        self._seconds = Histogram(name, "Duration of a request.", LABELS[name], registry=self.registry, buckets=BUCKETS)
        self._cost = self._counter("coalition_request_cost_total", "Cost of requests.")
        self._responses = self._counter("coalition_responses_total", "Responses by HTTP status.")
        self._refusals = self._counter("coalition_refusals_total", "Refusals by code and rule.")
        self._lookups = self._counter("coalition_query_cache_lookups_total", "Queries by cache.")
        self._closed = self._counter("coalition_connections_closed_total", "Connections that a limit closed.")
        self.worker_deaths = self._counter("coalition_worker_deaths_total", "Workers that died or hung.")
        self._gauges: dict[str, Gauge] = {}

    def observe(self, exchange: Exchange, seconds: float, status: int) -> None:
        """Count an answered request."""
        name, cost = exchange.operation, exchange.cost
        label = name if name and name in self._names else OTHER
        key = (exchange.kind, label, status, exchange.cache)
        tally = self._tallies.get(key)
        if tally is None:
            tally = self._tallies[key] = Tally(self._seconds.labels(exchange.kind, label).observe)
        tally.observe(seconds)
        tally.count += 1
        if cost is not None:
            tally.cost += cost.requested

    def flush(self) -> None:
        """Add the counts since the last time: a counter of Prometheus is too slow for each small query."""
        for (kind, label, status, found), tally in self._tallies.items():
            self._cost.labels(kind, label).inc(tally.cost)
            self._responses.labels(str(int(status))).inc(tally.count)
            if found:
                self._lookups.labels(found).inc(tally.count)
            tally.count = tally.cost = 0

    def count_refusals(self, codes: Iterable[str], refusals: Sequence[tuple[str, str]]) -> None:
        """Count errors of requests by their code, and refused changes by their code and rule."""
        for code in codes:
            self._refusals.labels(code, "").inc()
        for code, rule in refusals:
            self._refusals.labels(code, rule).inc()

    def set_names(self, names: Iterable[str]) -> None:
        """Use these names of operations as labels, and `other` for the rest."""
        self._names = frozenset(sorted(names)[:MAX_NAMES])

    def set(self, gauge: str, value: float, **labels: str) -> None:
        """Set a gauge of `GAUGES`."""
        found = self._gauges.get(gauge)
        if found is None:
            text, mode = GAUGES[gauge]
            kind: Any = mode
            found = self._gauges[gauge] = Gauge(
                gauge, text, LABELS.get(gauge, ()), registry=self.registry, multiprocess_mode=kind
            )
        (found.labels(**labels) if labels else found).set(value)

    def _counter(self, name: str, text: str) -> Counter:
        return Counter(name, text, LABELS.get(name, ()), registry=self.registry)

    def report_connections(self, count: int, closed: CountedBy[str]) -> None:
        """Report the number of open connections, and those that a limit closed since the last report."""
        self.set("coalition_connections", count)
        for reason, number in closed.items():
            self._closed.labels(reason).inc(number)


#: The labels of the metrics that have any.
LABELS = {
    "coalition_request_duration_seconds": ("kind", "operation"),
    "coalition_request_cost_total": ("kind", "operation"),
    "coalition_responses_total": ("status",),
    "coalition_refusals_total": ("code", "rule"),
    "coalition_query_cache_lookups_total": ("found",),
    "coalition_connections_closed_total": ("reason",),
    "coalition_info": ("version", "revision"),
    "coalition_operations": ("of", "state"),
    "coalition_database_connections": ("use", "state"),
}

#: By name: the text of a gauge, and how the values of several workers become one.
GAUGES = {
    "coalition_info": ("1, with the version of the program and the revision that it needs.", "livemax"),
    "coalition_workers": ("Worker processes.", "livesum"),
    "coalition_memory_bytes": ("Memory of all workers.", "livesum"),
    "coalition_connections": ("Open connections of clients.", "livesum"),
    "coalition_operations": ("Operations or transfers that run or wait.", "livesum"),
    "coalition_database_connections": ("Connections to the database.", "livesum"),
    "coalition_database_up": ("1 if the database can be read, otherwise 0.", "livemin"),
    "coalition_wrong_revision": ("1 if the server refuses to answer for its database's revision.", "livemax"),
    "coalition_audit_events": ("Events of the audit log.", "livemax"),
    "coalition_audit_first_event_timestamp_seconds": ("When the first event was recorded.", "livemax"),
    "coalition_audit_last_event_timestamp_seconds": ("When the last event was recorded.", "livemax"),
    "coalition_exchange_rates_timestamp_seconds": ("The day of the newest exchange rates.", "livemax"),
    "coalition_backup_timestamp_seconds": ("When the newest backup was taken.", "livemax"),
    "coalition_file_store_up": ("1 if a file can be stored, otherwise 0.", "livemin"),
    "coalition_file_store_free_bytes": ("Free bytes on the disk of the file store.", "livemin"),
    "coalition_scanner_up": ("1 if the scanner returns a verdict, otherwise 0.", "livemin"),
}


@cache
def metrics() -> Metrics:
    """Return the metrics of this process."""
    return Metrics()
