"""Reads at intervals what no request reports: the worker's own state, and what it depends on."""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
import shutil
from contextlib import suppress
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING

from resolvers.audit.log_size import read_log_size
from resolvers.backup.newest import newest_backup
from resolvers.database.unavailable import DatabaseUnavailableError
from resolvers.files.clamav import ClamdScanner, ScannerError
from resolvers.files.open_store import open_store
from resolvers.files.probe import check_scanner, check_store
from resolvers.files.store import S3, StoreError
from resolvers.record.exchange_rates import newest_rates
from resolvers.trusted_documents import read_operation_names

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from resolvers.database.database import Database
    from server.config.settings import Settings
    from server.limits.admission import Admission
    from server.monitoring.metrics import Metrics

logger = logging.getLogger(__name__)

#: How often the worker's own state is read, which costs nothing, and how often the rest is.
OWN_SECONDS, OTHERS_SECONDS = 2.0, 30.0
PAGE_BYTES = 4096
#: Where Linux has the number of pages that a process uses; other systems have no such metric.
STATM = Path("/proc/self/statm")


class Sampler:
    """Sets the gauges of one worker."""

    def __init__(
        self,
        metrics: Metrics,
        settings: Settings,
        database: Database,
        admissions: Mapping[str, Admission],
        refuses_all: Callable[[], bool],
    ) -> None:
        """`admissions` are those of the endpoints, by what they admit; `refuses_all` whether no request is answered."""
        self._metrics = metrics
        self._settings = settings
        self._database = database
        self._admissions = admissions
        self._refuses_all = refuses_all
        self._store = open_store(settings.file_store)
        self._scanner = ClamdScanner(settings.clamd) if settings.clamd else None

    async def run(self) -> None:
        """Sample until the task is cancelled."""
        due = monotonic()
        while True:
            self.sample_worker()
            if monotonic() >= due:
                await self.sample_others()
                due = monotonic() + OTHERS_SECONDS
            await asyncio.sleep(OWN_SECONDS)

    def sample_worker(self) -> None:
        """Read the state of this process."""
        gauges = self._metrics
        gauges.flush()
        gauges.set("coalition_workers", 1)
        gauges.set("coalition_wrong_revision", self._refuses_all())
        for admitted, admission in self._admissions.items():
            gauges.set("coalition_operations", admission.running, of=admitted, state="running")
            gauges.set("coalition_operations", admission.waiting, of=admitted, state="waiting")
        for use, (busy, idle) in self._database.connections().items():
            gauges.set("coalition_database_connections", busy, use=use, state="busy")
            gauges.set("coalition_database_connections", idle, use=use, state="idle")
        with suppress(OSError):
            gauges.set("coalition_memory_bytes", int(STATM.read_text().split()[1]) * PAGE_BYTES)

    async def sample_others(self) -> None:
        """Read the database, the file store, the scanner and the newest backup; what fails is not there."""
        gauges = self._metrics
        try:
            await self._sample_database()
            gauges.set("coalition_database_up", 1)
        except DatabaseUnavailableError:
            gauges.set("coalition_database_up", 0)
        except Exception as error:  # noqa: BLE001 - such as a database that is not migrated; the server goes on
            logger.warning("the database cannot be measured: %s", type(error).__name__)
            gauges.set("coalition_database_up", 0)
        gauges.set("coalition_file_store_up", await self._store_works())
        if self._scanner:
            gauges.set("coalition_scanner_up", await self._scanner_works(self._scanner))
        await asyncio.to_thread(self._sample_folders)

    async def _sample_database(self) -> None:
        gauges, database = self._metrics, self._database
        gauges.set_names(await read_operation_names(database))
        size = await read_log_size(database)
        gauges.set("coalition_audit_events", size.events)
        for name, moment in (("first", size.first_at), ("last", size.last_at)):
            if moment:
                gauges.set(f"coalition_audit_{name}_event_timestamp_seconds", moment.timestamp())
        if day := await newest_rates(database):
            since = dt.datetime.combine(day, dt.time(), dt.UTC).timestamp()
            gauges.set("coalition_exchange_rates_timestamp_seconds", since)

    async def _store_works(self) -> bool:
        try:
            await check_store(self._store)
        except (StoreError, OSError) as error:
            logger.warning("the file store does not work: %s", type(error).__name__)
            return False
        return True

    async def _scanner_works(self, scanner: ClamdScanner) -> bool:
        try:
            await check_scanner(scanner)
        except ScannerError as error:
            logger.warning("the scanner does not work: %s", error)
            return False
        return True

    def _sample_folders(self) -> None:
        with suppress(OSError):
            if not self._settings.file_store.startswith(S3):
                free = shutil.disk_usage(self._settings.file_store).free
                self._metrics.set("coalition_file_store_free_bytes", free)
            folder = self._settings.backup_folder
            if folder and (taken_at := newest_backup(Path(folder))):
                self._metrics.set("coalition_backup_timestamp_seconds", taken_at.timestamp())
