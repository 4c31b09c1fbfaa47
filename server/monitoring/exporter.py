"""Serves the metrics on a port of their own, from a thread of the first process.

With several workers, each process writes its values into files of one folder, and the exporter adds them up. The values
of a worker that died stay in the sums, so that no counter falls.
"""

from __future__ import annotations

import os
import tempfile
import time
from contextlib import contextmanager
from struct import error as StructError  # noqa: N812 - it is a class
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Iterator

    from prometheus_client import Metric

    from server.config.settings import Settings

#: prometheus_client reads it when it is imported.
FOLDER = "PROMETHEUS_MULTIPROC_DIR"
#: How often the files of the processes are read, and the pause between.
TRIES, PAUSE_SECONDS = 5, 0.05


class ExporterError(OSError):
    """The metrics cannot be served at the address of the settings; the message says what to do."""


class WorkersCollector:
    """Adds up the values of all processes."""

    def collect(self) -> list[Metric]:
        """Return the metrics; read them again if a process was just creating its file."""
        from prometheus_client.multiprocess import MultiProcessCollector  # noqa: PLC0415

        collector: Any = MultiProcessCollector(None)  # type: ignore[no-untyped-call]
        for _ in range(TRIES - 1):
            try:
                return [*collector.collect()]
            except (OSError, ValueError, StructError):
                time.sleep(PAUSE_SECONDS)
        return [*collector.collect()]


@contextmanager
def exporting(settings: Settings) -> Iterator[None]:
    """Serve the metrics for as long as the block lasts, if a port for them is set.

    Must begin before the workers start. Raises ExporterError.
    """
    if settings.metrics_port is None:
        yield
        return
    with tempfile.TemporaryDirectory(prefix="coalition-metrics-") as folder:
        if settings.workers > 1:
            os.environ[FOLDER] = folder
        # Imported here because prometheus_client reads the environment when it is imported.
        from prometheus_client import CollectorRegistry, start_http_server  # noqa: PLC0415

        from server.monitoring.metrics import metrics  # noqa: PLC0415

        registry = metrics().registry
        if settings.workers > 1:
            registry = CollectorRegistry()
            registry.register(WorkersCollector())
        host, port = settings.metrics_host, settings.metrics_port
        try:
            server, thread = start_http_server(port, host, registry)
        except OSError as error:
            message = f"The metrics cannot be served on port {port} of {host} ({error.strerror}): choose another one"
            raise ExporterError(message) from error
        try:
            yield
        finally:
            server.shutdown()
            server.server_close()
            thread.join()
            os.environ.pop(FOLDER, None)


def report_connections(count: int, closed: Counter[str]) -> None:
    """Report the number of open connections of this process, and those that a limit closed, by reason."""
    from server.monitoring.metrics import metrics  # noqa: PLC0415

    metrics().report_connections(count, closed)


def count_worker_death(process_id: int | None) -> None:
    """Count a worker that died, and drop its gauges from the sums, if the metrics are on."""
    if FOLDER not in os.environ:
        return
    from prometheus_client.multiprocess import mark_process_dead  # noqa: PLC0415

    from server.monitoring.metrics import metrics  # noqa: PLC0415

    metrics().worker_deaths.inc()
    if process_id is not None:
        mark_process_dead(process_id)  # type: ignore[no-untyped-call]
