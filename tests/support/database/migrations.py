"""Helpers of the tests of migrations: functions that run on a connection, and Alembic's settings."""

from __future__ import annotations

import asyncio
import io
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from alembic.config import Config
from sqlalchemy import inspect
from sqlalchemy.sql.elements import ClauseElement

from resolvers.database.database import create_engine
from resolvers.database.statement_guard import bypass_options

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy import Connection

Answer = TypeVar("Answer")

SCRIPTS = Path(__file__).resolve().parents[3] / "alembic"

#: How the names of the tables of SQLite's full-text index begin. The models do not describe it; its fingerprint does.
FULL_TEXT_INDEX = "search_words"


def at(url: str, question: Callable[[Connection], Answer]) -> Answer:
    """Return the result of `question` on a connection to the database at `url`."""

    async def ask() -> Answer:
        engine = create_engine(url)
        unguarded = engine.execution_options(**bypass_options("a test of the tables themselves", unaudited=True))
        async with unguarded.connect() as connection:
            answer = await connection.run_sync(question)
            await connection.commit()
        await engine.dispose()
        return answer

    return asyncio.run(ask())


def run(url: str, script: str) -> None:
    """Run SQL on the database at `url`, one statement or many."""
    method = "executescript" if url.startswith("sqlite") else "execute"

    def execute(connection: Connection) -> None:
        driver: Any = connection.connection
        driver.run_async(lambda driver: getattr(driver, method)(script))

    at(url, execute)


def is_of_the_models(_item: object, name: str | None, kind: str, *_: object) -> bool:
    """Return whether Alembic compares an object, as `env.py` decides it for SQLite."""
    return not str(name).startswith(FULL_TEXT_INDEX) and (kind, name) != ("index", "ix_search_entries_words")


def parts(connection: Connection) -> Iterator[tuple[str, str, Any]]:
    """Yield the table, kind and description of every column, constraint and index."""
    inspector = inspect(connection)
    found: dict[str, Any] = {
        "column": inspector.get_multi_columns(),
        "primary key": {key: [item] for key, item in inspector.get_multi_pk_constraint().items()},
        "foreign key": inspector.get_multi_foreign_keys(),
        "unique key": inspector.get_multi_unique_constraints(),
        "check": inspector.get_multi_check_constraints(),
        "index": inspector.get_multi_indexes(),
    }
    for kind, tables in found.items():
        for (_, table), items in tables.items():
            if table != "alembic_version" and not table.startswith(FULL_TEXT_INDEX):
                yield from ((table, kind, item) for item in items)


def structure(connection: Connection) -> set[str]:
    """Return a line of text for each column, constraint and index of all tables."""
    return {
        f"{table}: {kind} {json.dumps(part, sort_keys=True, default=_say)}" for table, kind, part in parts(connection)
    }


def _say(item: object) -> str:
    return str(item) if isinstance(item, ClauseElement) else repr(item)


def config(url: str, scripts: Path = SCRIPTS) -> Config:
    """Return Alembic's settings for the database at `url` and the migrations in `scripts`."""
    made = Config(stdout=io.StringIO(), output_buffer=io.StringIO())
    made.set_main_option("script_location", str(scripts))
    made.set_main_option("path_separator", "os")
    made.set_main_option("prepend_sys_path", str(scripts))
    made.set_main_option("revision_environment", "true")
    made.attributes["url"] = url
    return made
