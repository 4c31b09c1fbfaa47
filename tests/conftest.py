"""Fixtures of all tests, such as databases of both engines, and the options of a run.

A test that requests `url`, `empty_url`, `database` or their `shared_` forms runs
twice, on SQLite and on a real PostgreSQL. A database takes some milliseconds
(`tests/servers/databases.py`).
"""

from __future__ import annotations

import gc
import os
import shutil
import signal
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest

from resolvers.database.database import Database
from resolvers.database.statement_guard import install_statement_guard
from resolvers.nouns import load_nouns
from server.graphiql.build import build_graphiql
from tests.servers import clamd as clamd_server
from tests.servers import postgres
from tests.servers import s3 as s3_server
from tests.servers.databases import Databases, Files
from tests.support.execute import with_known_queries
from tests.support.small_coalition import World

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

ENGINES = ("sqlite", "postgresql")
#: The ways to read a database: the engine, and whether the plan is behind the second wall, too.
WAYS = {"sqlite": ("sqlite", False), "postgresql": ("postgresql", False), "behind the wall": ("postgresql", True)}
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
#: What some tests need of the machine, by their marker: its name, and the names of its programs.
PROGRAMS = {"browser": ("Chromium", CHROMIUM_NAMES), "clamd": ("clamd", ("clamd",))}


#: How much is done of what is drawn at random, or raced: each option, its default, and what it counts.
NUMBERS = {
    "--random-queries": (
        300,
        "how many random queries the differential test sends to SQLite; PostgreSQL gets half of them",
    ),
    "--random-cases": (2000, "in how many cases a viewer asks a random question, on each engine"),
    "--kills": (3, "how often each engine's server is killed in the middle of its work"),
    "--races": (2, "how often each race for a sum is run on each engine"),
    "--histories": (4, "how many random histories of changes each engine goes through"),
}


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the project's own options."""
    for name, (default, counted) in NUMBERS.items():
        parser.addoption(name, type=int, default=default, metavar="N", help=f"{counted} (default: %(default)s)")
    parser.addoption(
        "--write-golden",
        action="store_true",
        help="write the known answers of the example queries anew; look at the difference before you commit it",
    )
    parser.addoption(
        "--write-fingerprints",
        action="store_true",
        help="write what the newest revision makes on each engine anew, for the comparison at each start",
    )


def pytest_configure() -> None:
    """Guard every statement, load the nouns, and treat SIGTERM as an interrupt, so that a run stops its servers."""
    install_statement_guard()
    load_nouns()
    signal.signal(signal.SIGTERM, signal.default_int_handler)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Return one process more than the machine has processors: a test waits for its servers and its browser."""
    return len(os.sched_getaffinity(0)) + 1


def pytest_collection_finish() -> None:
    """Freeze all objects loaded so far, so that the garbage collector does not scan them again and again.

    The CPU time of `tests/planning` on SQLite fell from 27.6 s to 19.4 s.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


def pytest_report_header() -> list[str]:
    """Return a line for the top of the report for each missing program, with the tests that are left out."""
    lacking = [(marker, PROGRAMS[marker][0]) for marker in PROGRAMS if not _runs(marker)]
    return [f"no {name} found: the {marker} tests are left out; install it to run them" for marker, name in lacking]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect the tests whose program is missing."""
    lacking = [marker for marker in PROGRAMS if not _runs(marker)]
    left_out = [item for item in items if any(item.get_closest_marker(marker) for marker in lacking)]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if item not in left_out]


def _runs(marker: str) -> bool:
    # In CI a missing program is a fault to be seen.
    names = PROGRAMS[marker][1]
    return bool(os.environ.get("CI") or any(shutil.which(name, path=clamd_server.PLACES) for name in names))


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """Run async tests and fixtures on asyncio, the only event loop that the drivers support."""
    return "asyncio"


@pytest.fixture(scope="session")
def random_queries(pytestconfig: pytest.Config) -> int:
    """Return the number of random queries that each engine answers in the differential test."""
    number: int = pytestconfig.option.random_queries
    return number


@pytest.fixture(scope="session")
def random_cases(pytestconfig: pytest.Config) -> int:
    """Return the number of cases in which a viewer sends a random query, on each engine."""
    number: int = pytestconfig.option.random_cases
    return number


@pytest.fixture(scope="session")
def kills(pytestconfig: pytest.Config) -> int:
    """Return how often each engine's server is killed in the middle of its work."""
    number: int = pytestconfig.option.kills
    return number


@pytest.fixture(scope="session")
def races(pytestconfig: pytest.Config) -> int:
    """Return how often each race for a sum is run on each engine."""
    number: int = pytestconfig.option.races
    return number


@pytest.fixture(scope="session")
def histories(pytestconfig: pytest.Config) -> int:
    """Return the number of random histories of changes that each engine runs."""
    number: int = pytestconfig.option.histories
    return number


@pytest.fixture(scope="session")
def sqlite_databases(tmp_path_factory: pytest.TempPathFactory) -> Databases:
    """Return fresh SQLite databases."""
    return Databases(Files(tmp_path_factory.mktemp("sqlite")))


@pytest.fixture(scope="session")
def postgresql_databases() -> Iterator[Databases]:
    """Yield fresh databases of a PostgreSQL server that runs for this session."""
    server = postgres.start()
    yield Databases(server)
    server.stop()


@pytest.fixture(scope="module", params=ENGINES)
def databases(request: pytest.FixtureRequest) -> Databases:
    """Return fresh databases of each engine in turn."""
    found: Databases = request.getfixturevalue(f"{request.param}_databases")
    return found


@pytest.fixture
def empty_url(databases: Databases) -> Iterator[str]:
    """Yield the address of a database without tables."""
    with databases.empty() as address:
        yield address


@pytest.fixture
def url(databases: Databases) -> Iterator[str]:
    """Yield the address of a database with every table and no rows."""
    with databases.migrated() as address:
        yield address


@pytest.fixture(scope="module")
def shared_url(databases: Databases) -> Iterator[str]:
    """Yield the address of a migrated database that the tests of a module share, for data that are slow to create."""
    with databases.migrated() as address:
        yield address


@pytest.fixture(scope="session")
async def open_databases() -> AsyncIterator[dict[str, Database]]:
    """Yield the open databases of PostgreSQL by their addresses; their connections and their loop outlast a test."""
    opened: dict[str, Database] = {}
    yield opened
    for database in opened.values():
        await database.close()


@pytest.fixture
async def database(url: str, open_databases: dict[str, Database]) -> AsyncIterator[Database]:
    """Open a migrated database of this test's own."""
    if url.startswith("postgresql"):
        if url not in open_databases:
            open_databases[url] = Database(url)
        yield with_known_queries(open_databases[url])
        return
    opened = with_known_queries(Database(url))
    yield opened
    await opened.close()


@pytest.fixture
async def empty(databases: Databases) -> AsyncIterator[Database]:
    """Open a second migrated database of the same engine, with no rows."""
    with databases.migrated() as address:
        opened = Database(address)
        yield opened
        await opened.close()


@pytest.fixture
async def world(database: Database) -> World:
    """Store a small coalition in this test's own database; return it."""
    return await World(database).enter()


@pytest.fixture(scope="module")
async def shared_database(shared_url: str) -> AsyncIterator[Database]:
    """Open the migrated database that the tests of a module share."""
    opened = with_known_queries(Database(shared_url))
    yield opened
    await opened.close()


@pytest.fixture(scope="module", params=[*WAYS.values()], ids=[*WAYS])
def read_database(request: pytest.FixtureRequest) -> Iterator[Database]:
    """Yield an empty database of each engine in turn, and one of PostgreSQL with row-level security."""
    engine, walled = request.param
    databases: Databases = request.getfixturevalue(f"{engine}_databases")
    with databases.migrated() as address:
        yield with_known_queries(Database(address, row_level_security=walled))


@pytest.fixture(scope="session")
def graphiql_build() -> Path:
    """Return the folder of GraphiQL's build; build GraphiQL if there is none."""
    return build_graphiql(print)


@pytest.fixture(scope="session")
def s3() -> Iterator[str]:
    """Yield the address of an empty bucket of an S3 server; the environment has the address of that server."""
    with s3_server.serving() as address:
        yield address


@pytest.fixture(params=["folder", "bucket"])
def files_address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return the address of an empty file store of each kind in turn."""
    if request.param == "folder":
        return str(tmp_path / "files")
    bucket: str = request.getfixturevalue("s3")
    return f"{bucket}/{uuid4()}"


@pytest.fixture(scope="session")
def clamd() -> Iterator[clamd_server.Clamd]:
    """Yield a clamd that knows one signature, that of `clamd_server.INFECTED`."""
    with clamd_server.serving() as found:
        yield found
