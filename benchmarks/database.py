"""A database with the data in it: migrated, filled, indexed, analysed, and with an account that asks."""

from __future__ import annotations

import asyncio
import datetime as dt
from typing import TYPE_CHECKING, Any, NamedTuple

import asyncpg  # type: ignore[import-untyped]
from sqlalchemy import insert, make_url

from benchmarks.data import key, rows
from models import ExpertGroup, GroupMembership, GroupRole
from models.base import new_key
from resolvers.database.database import Database
from resolvers.database.sqlite_driver import library
from resolvers.identity.account_admin import create_account
from resolvers.identity.api_tokens import create_token
from server.startup.migrations import upgrade

if TYPE_CHECKING:
    from collections.abc import Iterator

EMAIL = "benchmark@example.org"

#: The indexes that hold no constraint: made at once when the rows are there, they take a fraction of the time.
INDEXES = """
    SELECT indexrelid::regclass::text AS name, pg_get_indexdef(indexrelid) AS definition
    FROM pg_index JOIN pg_class ON pg_class.oid = indrelid
    WHERE relnamespace = 'public'::regnamespace
      AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid)
"""
SETTINGS = (
    # The keys are right by how they are made; nobody else writes.
    "SET session_replication_role = replica",
    "SET maintenance_work_mem = '512MB'",
)


class Filled(NamedTuple):
    """A database that is filled: its address, how many procurements it holds, and a token that its API takes."""

    url: str
    procurements: int
    token: str
    account: str


def fill(url: str, procurements: int) -> Filled:
    """Migrate the empty database at `url` and fill it."""
    upgrade(url)
    if url.startswith("sqlite"):
        _fill_sqlite(url, procurements)
    else:
        asyncio.run(_fill_postgresql(url, procurements))
    return Filled(url, procurements, *asyncio.run(_enter(url)))


async def _fill_postgresql(url: str, procurements: int) -> None:
    connection = await asyncpg.connect(url)
    try:
        for setting in SETTINGS:
            await connection.execute(setting)
        indexes = await connection.fetch(INDEXES)
        for index in indexes:
            await connection.execute(f"DROP INDEX {index['name']}")
        for table, columns, values in rows(procurements):
            await connection.copy_records_to_table(table, records=values, columns=columns)
        for index in indexes:
            await connection.execute(index["definition"])
        await connection.execute("VACUUM ANALYZE")
    finally:
        await connection.close()


def _fill_sqlite(url: str, procurements: int) -> None:
    connection = library().connect(make_url(url).database)
    connection.execute("PRAGMA synchronous=OFF")
    for table, columns, values in rows(procurements):
        places = ", ".join("?" * len(columns))
        statement = f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({places})"  # noqa: S608 - our own names
        connection.executemany(statement, _as_text(values))
    connection.commit()
    connection.execute("ANALYZE")
    connection.close()


def _as_text(values: Iterator[tuple[Any, ...]]) -> Iterator[tuple[Any, ...]]:
    for row in values:
        yield tuple(_text(value) if isinstance(value, dt.date) else value for value in row)


def _text(value: dt.date) -> str:
    # As the application's own column types write them.
    if isinstance(value, dt.datetime):
        return value.replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"
    return value.isoformat()


async def _enter(url: str) -> tuple[str, str]:
    """Enter an account that belongs to a participant and a group; give a token of it, and its key."""
    database = Database(url)
    try:
        account = await create_account(database, EMAIL, "Benchmark", "P00")
        membership = {"id": new_key(), "group_id": key(ExpertGroup, 0), "account_id": account}
        today = {"role": GroupRole.MEMBER, "valid_from": dt.date(2024, 4, 3)}
        async with database.bypass_policies(
            "the benchmark enters its own account", unaudited=True
        ).begin() as connection:
            await connection.execute(insert(GroupMembership).values(**membership, **today))
        return (await create_token(database, EMAIL, "benchmark")).text, account
    finally:
        await database.close()
