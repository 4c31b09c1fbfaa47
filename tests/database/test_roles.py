"""The roles that a login needs to serve: `coalition migrate` names those that the login lacks."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from resolvers.database.database import create_engine
from server.startup.migrations import head_revision
from tests.servers.processes import coalition

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.servers.databases import Databases

ROLES = "coalition_application, coalition_operator, coalition_reader"


def run_as_superuser(url: str, *statements: str) -> None:
    async def run() -> None:
        engine = create_engine(url, isolation_level="AUTOCOMMIT")
        async with engine.connect() as connection:
            for statement in statements:
                await connection.execute(text(statement))
        await engine.dispose()

    asyncio.run(run())


@pytest.fixture
def of_a_plain_login(postgresql_databases: Databases) -> Iterator[tuple[str, str]]:
    """Yield the address of an empty database for its superuser, and for its owner, which cannot create or grant roles.

    The roles exist, because another database of the same PostgreSQL server uses them.
    """
    with postgresql_databases.migrated(), postgresql_databases.empty() as url:
        name = url.split("/")[3].partition("?")[0]
        run_as_superuser(
            url,
            "CREATE ROLE plain LOGIN NOSUPERUSER NOCREATEROLE",
            f'ALTER DATABASE "{name}" OWNER TO plain',
            "ALTER SCHEMA public OWNER TO plain",
        )
        yield url, url.replace("postgres@", "plain@")
        run_as_superuser(url, "REASSIGN OWNED BY plain TO postgres", "DROP OWNED BY plain", "DROP ROLE plain")


def test_whoever_migrates_is_told_which_roles_are_missing(of_a_plain_login: tuple[str, str]) -> None:
    superuser, owner = of_a_plain_login
    lacking = "plain is not a member of the roles that the server needs: as a superuser, run GRANT {} TO plain;\n"
    told = coalition("migrate", database_url=owner)
    assert (told.exit_code, told.stdout, told.stderr) == (1, "", f"Error: {lacking.format(ROLES)}")
    run_as_superuser(superuser, "GRANT coalition_application, coalition_operator TO plain")
    told = coalition("migrate", database_url=owner)
    assert (told.exit_code, told.stdout) == (0, f"The database is at revision {head_revision()}.\n")
    assert told.stderr == f"Warning: {lacking.format('coalition_reader')}"
    run_as_superuser(superuser, "GRANT coalition_reader TO plain")
    assert coalition("migrate", database_url=owner).stderr == ""


def test_a_login_that_has_them_is_told_nothing(postgresql_databases: Databases, sqlite_databases: Databases) -> None:
    for databases in (postgresql_databases, sqlite_databases):
        with databases.migrated() as url:
            assert coalition("migrate", database_url=url).stderr == ""
