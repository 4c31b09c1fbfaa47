"""Every test gets a fresh database, although databases of PostgreSQL are reused."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Any

import asyncpg  # type: ignore[import-untyped]
import pytest
from sqlalchemy import make_url, text

from tests.servers.emptying import connected
from tests.support.accounts import enter, on

if TYPE_CHECKING:
    from resolvers.database.database import Database
    from tests.servers.databases import Databases

ROWS = ["SELECT count(*) FROM accounts", "SELECT count(*) FROM coalition_memberships"]


async def fill(database: Database) -> None:
    """Write some rows."""
    await enter(database)


async def rows(database: Database) -> list[int]:
    """Count the rows that `fill` writes."""
    async with database.bypass_policies("a test counts rows").connect() as connection:
        return [(await connection.execute(text(query))).scalar_one() for query in ROWS]


def execute(url: str, statement: str) -> Any:
    """Execute a statement as PostgreSQL's superuser; return the first value."""

    async def run() -> Any:
        async with connected(url) as connection:
            return await connection.fetchval(statement)

    return asyncio.run(run())


def test_no_row_is_left_of_an_earlier_test(databases: Databases) -> None:
    with databases.migrated() as url:
        on(url, fill)
        assert all(on(url, rows))
    with databases.migrated() as url:
        assert not any(on(url, rows))


def test_a_database_of_postgresql_is_used_again_and_one_that_is_in_use_is_not(postgresql_databases: Databases) -> None:
    with postgresql_databases.migrated() as first, postgresql_databases.migrated() as second:
        assert first != second
    with postgresql_databases.migrated() as third, postgresql_databases.migrated() as fourth:
        assert {third, fourth} == {first, second}


@pytest.mark.parametrize(
    "change",
    [
        "CREATE TABLE another ()",
        "CREATE SEQUENCE numbers",
        "DROP INDEX ix_participants_name",
        "ALTER TABLE audit_events DISABLE TRIGGER ALL",
        "ALTER TABLE audit_events DROP CONSTRAINT ck_audit_events_action",
        "ALTER TABLE accounts ALTER COLUMN email DROP NOT NULL",
        "ALTER TABLE accounts DISABLE ROW LEVEL SECURITY",
        "ALTER DATABASE {name} SET timezone = 'Europe/Tallinn'",
        "ALTER DATABASE {name} OWNER TO coalition_operator",
        "GRANT SELECT ON accounts TO PUBLIC",
        "CREATE FUNCTION one() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "ANALYZE alembic_version",
        "UPDATE alembic_version SET version_num = 'another'",
        "DELETE FROM alembic_version",
    ],
)
def test_what_was_changed_beside_rows_is_never_met_again(postgresql_databases: Databases, change: str) -> None:
    with postgresql_databases.migrated() as url:
        execute(url, change.format(name=make_url(url).database))
    with postgresql_databases.migrated() as other, postgresql_databases.migrated() as another:
        assert url not in {other, another}


def test_a_database_in_which_a_test_left_a_transaction_is_not_used_again(postgresql_databases: Databases) -> None:
    async def leave_open() -> str:
        async with AsyncExitStack() as stack:
            with postgresql_databases.migrated() as url:
                connection = await stack.enter_async_context(connected(url))
                await connection.execute("BEGIN; LOCK TABLE participants")
            with pytest.raises((asyncpg.PostgresConnectionError, asyncpg.InterfaceError, asyncpg.AdminShutdownError)):
                await connection.execute("COMMIT")
            return url

    left = asyncio.run(leave_open())
    with postgresql_databases.migrated() as url:
        assert url != left
        on(url, fill)
