"""Fresh databases for the tests, of either engine.

On SQLite each is a copy of one that was migrated once. On PostgreSQL a copy takes long, so a used database is emptied
and used again, unless its schema was changed.
"""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from functools import cached_property
from itertools import count
from typing import TYPE_CHECKING

from resolvers.record.loader import load_file
from server.startup.migrations import upgrade
from tests.support.accounts import on
from tests.support.records import RECORD
from tests.support.threads import in_a_thread

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from resolvers.database.database import Database
    from tests.servers.postgres import Server


class Files:
    """SQLite databases, each a file in one folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def url(self, name: str) -> str:
        """Return the address of the database called `name`."""
        return f"sqlite:///{self._folder / name}"

    def create(self, name: str, template: str | None = None) -> str:
        """Create a database, empty or as a copy of `template`; return its address."""
        if template:
            shutil.copy(self._folder / template, self._folder / name)
        return self.url(name)

    def empty(self, name: str, template: str) -> bool:  # noqa: ARG002
        """Return False: the database is not emptied, because another copy is quicker."""
        return False

    def drop(self, name: str) -> None:
        """Remove a database with its write-ahead log and its shared-memory file."""
        for suffix in ("", "-wal", "-shm"):
            (self._folder / f"{name}{suffix}").unlink(missing_ok=True)


class Databases:
    """Fresh databases of one engine."""

    def __init__(self, store: Files | Server) -> None:
        self._store = store
        self._names = (f"t{number}" for number in count())
        self._emptied: list[str] = []

    @contextmanager
    def empty(self) -> Iterator[str]:
        """Yield the address of a database without tables, for as long as the block lasts."""
        with self._fresh(None) as address:
            yield address

    @contextmanager
    def migrated(self) -> Iterator[str]:
        """Yield the address of a database with every table and no rows, for as long as the block lasts."""
        name = self._emptied.pop() if self._emptied else self._create(self._migrated)
        try:
            yield self._store.url(name)
        finally:
            if self._store.empty(name, self._migrated):
                self._emptied.append(name)
            else:
                self._store.drop(name)

    @contextmanager
    def with_public_record(self) -> Iterator[str]:
        """Yield the address of a migrated database with the public record, for as long as the block lasts."""
        with self._fresh(self._with_public_record) as address:
            yield address

    @contextmanager
    def _fresh(self, template: str | None) -> Iterator[str]:
        name = self._create(template)
        try:
            yield self._store.url(name)
        finally:
            self._store.drop(name)

    def _create(self, template: str | None) -> str:
        name = next(self._names)
        self._store.create(name, template)
        return name

    @cached_property
    def _migrated(self) -> str:
        name = self._create(None)
        # Migrations start a loop of their own, and some tests have one running in this thread.
        in_a_thread(upgrade, self._store.url(name))
        return name

    @cached_property
    def _with_public_record(self) -> str:
        name = self._create(self._migrated)
        on(self._store.url(name), _load_public_record)
        return name


async def _load_public_record(database: Database) -> None:
    await load_file(database.bypass_policies("the tests load the public record"), RECORD)
