"""Empties a database of PostgreSQL that a test has used, so that the next test gets it as fresh as a copy.

A copy takes ten times as long. If a test changed more than rows (a table, a trigger, a privilege, statistics),
PostgreSQL's catalogs have a new version of a row: then the database is not used again. Idle connections stay, because a
new connection takes longer for its first statements than most tests take for all of theirs.
"""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, NamedTuple

import asyncpg  # type: ignore[import-untyped]
from sqlalchemy import make_url

from tests.support.threads import LoopThread

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

#: Where PostgreSQL keeps what a database consists of, apart from the rows of its tables.
CATALOGS = (
    *("pg_attrdef", "pg_attribute", "pg_class", "pg_constraint", "pg_default_acl", "pg_enum", "pg_event_trigger"),
    *("pg_extension", "pg_index", "pg_largeobject_metadata", "pg_namespace", "pg_policy", "pg_proc", "pg_rewrite"),
    *("pg_statistic", "pg_trigger", "pg_type"),
)
TABLES = """SELECT format('%I.%I', schemaname, tablename) FROM pg_tables
WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"""
#: How many rows a table has, and how many of them are newer than the transaction `since`.
VERSIONS = "(SELECT format('%s %s', count(*), count(*) FILTER (WHERE age(xmin) < age('{since}'::xid))) FROM {table})"
OF_THE_DATABASE = """(SELECT format('%s %s %s', datdba, datacl, (SELECT array_agg(setconfig) FROM pg_db_role_setting
WHERE setdatabase = pg_database.oid)) FROM pg_database WHERE datname = current_database())"""
#: The connections that a test left in the middle of their work.
AT_WORK = """SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle'"""
# Without triggers, which would refuse to delete the rows of the audit log, and without foreign keys.
DELETE = """SET session_replication_role = replica; {}; SELECT setval(seqrelid, seqstart, false) FROM pg_sequence;
RESET session_replication_role"""


class Emptying(NamedTuple):
    """The SQL to empty a copy of a template, the SQL of its fingerprint, and an unchanged copy's fingerprint."""

    delete: str
    fingerprint: str
    unchanged: asyncpg.Record | None


class Emptier:
    """Empties the copies of a template, each over a connection that stays open."""

    def __init__(self) -> None:
        self._thread = LoopThread()
        self._emptyings: dict[str, Emptying] = {}
        self._connections: dict[str, asyncpg.Connection] = {}

    def empty(self, url: str, template: str) -> bool:
        """Delete the rows of the database at `url`; return False if that does not suffice, or it is still in use."""
        return self._thread.run(self._empty(url, template))

    async def _empty(self, url: str, template: str) -> bool:
        if template not in self._emptyings:
            self._emptyings[template] = await emptying_of(template)
        emptying = self._emptyings[template]
        connection = self._connections.get(url)
        if connection is None or connection.is_closed():
            connection = self._connections[url] = await connect(url)
        unchanged = await connection.fetchrow(emptying.fingerprint) == emptying.unchanged
        if not unchanged or await connection.fetchval(AT_WORK):
            await self._connections.pop(url).close()
            return False
        await connection.execute(emptying.delete)
        return True


async def emptying_of(url: str) -> Emptying:
    """Return how to empty the copies of the database at `url`; the tables in which it has rows must stay unchanged."""
    async with connected(url) as connection:
        tables = [row[0] for row in await connection.fetch(TABLES)]
        filled = [table for table in tables if await connection.fetchval(f"SELECT EXISTS (SELECT FROM {table})")]  # noqa: S608
        delete = DELETE.format("; ".join(f"DELETE FROM {table}" for table in tables if table not in filled))  # noqa: S608
        since = await connection.fetchval("SELECT pg_current_xact_id()::xid")
        versions = [VERSIONS.format(table=table, since=since) for table in (*CATALOGS, *filled)]
        fingerprint = f"SELECT {', '.join((*versions, OF_THE_DATABASE))}"
        return Emptying(delete, fingerprint, await connection.fetchrow(fingerprint))


async def connect(url: str) -> asyncpg.Connection:
    """Return a connection of the superuser to the database at `url`."""
    parsed = make_url(url)
    host, port = str(parsed.query["host"]), int(str(parsed.query["port"]))
    return await asyncpg.connect(user="postgres", database=parsed.database, host=host, port=port)


@asynccontextmanager
async def connected(url: str) -> AsyncIterator[asyncpg.Connection]:
    """Yield a connection of the superuser to the database at `url`."""
    connection = await connect(url)
    try:
        yield connection
    finally:
        await connection.close()
