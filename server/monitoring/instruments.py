"""The instruments of a worker that the settings switch on: its metrics and its traces."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from server.monitoring.monitor import Monitor
from server.monitoring.sampler import Sampler

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping

    from starlette.types import ASGIApp

    from resolvers.database.database import Database
    from server.config.settings import Settings
    from server.limits.admission import Admission
    from server.monitoring.metrics import Metrics
    from server.monitoring.tracing import Tracing


class Instruments:
    """The metrics and the traces of a worker, and the monitor of its requests."""

    def __init__(self, settings: Settings, version: str, revision: str | None) -> None:
        """Name the `version` of the program, and the `revision` of the database that it needs."""
        self._settings = settings
        self._metrics = _metrics(settings)
        self._tracing = _tracing(settings, version)
        self.monitor = Monitor(settings, self._metrics, traced=self._tracing is not None)
        if self._metrics:
            self._metrics.set("coalition_info", 1, version=version, revision=str(revision))

    def app(self, app: ASGIApp) -> ASGIApp:
        """Return the application that makes a span for each request of `app`, or `app` if there are no traces."""
        return self._tracing.app(app) if self._tracing else app

    @asynccontextmanager
    async def running(
        self, database: Database, admissions: Mapping[str, Admission], refuses_all: Callable[[], bool]
    ) -> AsyncIterator[None]:
        """Observe the worker for as long as the block lasts; the arguments are those of `Sampler`."""
        if self._tracing:
            database.observe(self._tracing)
        task = None
        if self._metrics:
            sampler = Sampler(self._metrics, self._settings, database, admissions, refuses_all)
            task = asyncio.create_task(sampler.run())
        try:
            yield
        finally:
            if self._metrics and task:
                task.cancel()
                self._metrics.flush()
            if self._tracing:
                await asyncio.to_thread(self._tracing.close)


def _metrics(settings: Settings) -> Metrics | None:
    if settings.metrics_port is None:
        return None
    # Imported here because prometheus_client reads the environment when it is imported.
    from server.monitoring.metrics import metrics  # noqa: PLC0415

    return metrics()


def _tracing(settings: Settings, version: str) -> Tracing | None:
    if settings.otlp_endpoint is None:
        return None
    # Imported here because it is an optional package, and takes a quarter of a second.
    from server.monitoring.tracing import Tracing  # noqa: PLC0415

    return Tracing(settings.otlp_endpoint, version)
