"""What every test can ask for: databases of both engines, and the options of a run.

A test that asks for `url`, `empty_url`, `database` or their `shared_` forms runs
twice, on SQLite and on a real PostgreSQL. A database costs a few milliseconds: it
is a copy of one that was migrated once.
"""

from __future__ import annotations

import os
import shutil
import signal
from contextlib import contextmanager
from functools import cached_property
from itertools import count
from typing import TYPE_CHECKING

import pytest

import postgres
from resolvers.database import Database
from server.migrations import upgrade

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

ENGINES = ("sqlite", "postgresql")
#: The ways to read a database: the engine, and whether the plan is behind the second wall, too.
WAYS = {"sqlite": ("sqlite", False), "postgresql": ("postgresql", False), "behind the wall": ("postgresql", True)}
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


class Files:
    """SQLite: each database is a file of one folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def create(self, name: str, template: str | None = None) -> str:
        """Create a database, empty or as a copy of `template`; give its address."""
        file = self._folder / name
        if template:
            shutil.copy(self._folder / template, file)
        return f"sqlite:///{file}"

    def drop(self, name: str) -> None:
        """Remove a database with the files SQLite keeps beside it."""
        for suffix in ("", "-wal", "-shm"):
            (self._folder / f"{name}{suffix}").unlink(missing_ok=True)


class Databases:
    """Fresh databases of one engine."""

    def __init__(self, store: Files | postgres.Server) -> None:
        self._store = store
        self._names = (f"t{number}" for number in count())

    def empty(self) -> AbstractContextManager[str]:
        """Give the address of a database without tables, for as long as the block lasts."""
        return self._fresh(None)

    def migrated(self) -> AbstractContextManager[str]:
        """Give the address of a database with every table and no rows, for as long as the block lasts."""
        return self._fresh(self._migrated)

    @contextmanager
    def _fresh(self, template: str | None) -> Iterator[str]:
        name = next(self._names)
        url = self._store.create(name, template)
        try:
            yield url
        finally:
            self._store.drop(name)

    @cached_property
    def _migrated(self) -> str:
        name = next(self._names)
        upgrade(self._store.create(name))
        return name


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the project's own options."""
    parser.addoption(
        "--random-queries",
        type=int,
        default=300,
        metavar="N",
        help="how many random queries each engine answers in the differential test (default: %(default)s)",
    )
    parser.addoption(
        "--random-cases",
        type=int,
        default=2000,
        metavar="N",
        help="in how many cases a viewer asks a random question, on each engine (default: %(default)s)",
    )
    parser.addoption(
        "--kills",
        type=int,
        default=3,
        metavar="N",
        help="how often each engine's server is killed in the middle of its work (default: %(default)s)",
    )
    parser.addoption(
        "--write-golden",
        action="store_true",
        help="write the known answers of the example queries anew; look at the difference before you commit it",
    )


def pytest_configure() -> None:
    """Let a run that is told to end stop what it started, as one that is interrupted does."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)


def pytest_report_header() -> str | None:
    """Say at the top of the report when the browser tests are left out."""
    return None if _browser_tests_run() else "no Chromium found: the browser tests are left out; install it to run them"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave the browser tests out where there is no browser."""
    if _browser_tests_run():
        return
    left_out = [item for item in items if item.get_closest_marker("browser")]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if item not in left_out]


def _browser_tests_run() -> bool:
    # In CI a missing browser is a fault to be seen.
    return bool(os.environ.get("CI") or any(map(shutil.which, CHROMIUM_NAMES)))


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """Run async tests and fixtures on asyncio, the only loop the drivers know."""
    return "asyncio"


@pytest.fixture(scope="session")
def random_queries(pytestconfig: pytest.Config) -> int:
    """How many random queries each engine answers in the differential test."""
    number: int = pytestconfig.option.random_queries
    return number


@pytest.fixture(scope="session")
def random_cases(pytestconfig: pytest.Config) -> int:
    """In how many cases a viewer asks a random question, on each engine."""
    number: int = pytestconfig.option.random_cases
    return number


@pytest.fixture(scope="session")
def kills(pytestconfig: pytest.Config) -> int:
    """How often each engine's server is killed in the middle of its work."""
    number: int = pytestconfig.option.kills
    return number


@pytest.fixture(scope="session")
def sqlite_databases(tmp_path_factory: pytest.TempPathFactory) -> Databases:
    """Fresh SQLite databases."""
    return Databases(Files(tmp_path_factory.mktemp("sqlite")))


@pytest.fixture(scope="session")
def postgresql_databases() -> Iterator[Databases]:
    """Fresh databases of a PostgreSQL server that runs for this session."""
    server = postgres.start()
    yield Databases(server)
    server.stop()


@pytest.fixture(scope="module", params=ENGINES)
def databases(request: pytest.FixtureRequest) -> Databases:
    """Fresh databases of each engine in turn."""
    found: Databases = request.getfixturevalue(f"{request.param}_databases")
    return found


@pytest.fixture
def empty_url(databases: Databases) -> Iterator[str]:
    """Give the address of a database without tables."""
    with databases.empty() as address:
        yield address


@pytest.fixture
def url(databases: Databases) -> Iterator[str]:
    """Give the address of a database with every table and no rows."""
    with databases.migrated() as address:
        yield address


@pytest.fixture(scope="module")
def shared_url(databases: Databases) -> Iterator[str]:
    """Give the address of a migrated database that the tests of a module share, for data that are slow to make."""
    with databases.migrated() as address:
        yield address


@pytest.fixture
async def database(url: str) -> AsyncIterator[Database]:
    """Open a migrated database of this test's own."""
    opened = Database(url)
    yield opened
    await opened.close()


@pytest.fixture(scope="module")
async def shared_database(shared_url: str) -> AsyncIterator[Database]:
    """Open the migrated database that the tests of a module share."""
    opened = Database(shared_url)
    yield opened
    await opened.close()


@pytest.fixture(scope="module", params=[*WAYS.values()], ids=[*WAYS])
def way(request: pytest.FixtureRequest) -> Iterator[Database]:
    """Give an empty database of each engine, and one whose plan is behind both walls."""
    engine, walled = request.param
    databases: Databases = request.getfixturevalue(f"{engine}_databases")
    with databases.migrated() as address:
        yield Database(address, walled=walled)
