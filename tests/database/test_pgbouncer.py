"""The API through a real PgBouncer, which runs each transaction in any free session, and without PgBouncer."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text

from resolvers.database.database import Database
from resolvers.database.roles import APPLICATION, OPERATOR, READER
from resolvers.database.unavailable import DatabaseUnavailableError
from server.config.settings import ROOT
from tests.servers.pgbouncer import pooling
from tests.support.clients import ask, opened, signed_in
from tests.support.database.engines import engines_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

WHO = "SELECT current_user::text"
SETTINGS = ("jit", "TimeZone", "statement_timeout")
IGNORED = "ignore_startup_parameters = jit, plan_cache_mode, timezone, role, statement_timeout"
QUERIES = [
    "{ viewer { account { displayName } } }",
    "{ participants(first: 3) { totalCount nodes { code } } }",
    "query($n: Int!) { procurements(first: $n) { nodes { reference purchaseOrders { nodes { number } } } } }",
    "query($where: DocumentWhere) { documents(where: $where) { totalCount } }",
]
VARIABLES: Mapping[str, Any] = {"n": 2, "where": {"title": {"contains": "a"}}}


def variables_of(query: str) -> dict[str, Any]:
    return {name: value for name, value in VARIABLES.items() if f"${name}" in query}


@pytest.fixture(scope="module")
def direct(postgresql_databases: Any) -> Iterator[str]:
    with postgresql_databases.with_public_record() as url:
        yield url


@pytest.fixture(scope="module")
def pooled(direct: str) -> Iterator[str]:
    """Yield the address of a pooler with one session, so that all statements share the session."""
    with pooling(direct, sessions=1) as url:
        yield url


async def session_user(database: Database, reason: str | None = None) -> str:
    """Return the role in which an engine runs its statements."""
    engine = database.bypass_policies(reason) if reason else engines_of(database)[0]
    async with engine.connect() as connection:
        return str((await connection.execute(text(WHO))).scalar_one())


@pytest.mark.parametrize("wall", [False, True])
def test_the_api_answers_through_a_pooler_as_it_does_without(direct: str, pooled: str, wall: bool) -> None:  # noqa: FBT001
    with (
        signed_in(direct) as plain,
        opened(pooled, pgbouncer=True, row_level_security=wall) as client,
        ThreadPoolExecutor(8) as pool,
    ):
        client.headers["authorization"] = plain.headers["authorization"]
        asked = QUERIES * 10
        answers = list(pool.map(lambda query: ask(client, query, **variables_of(query)).json(), asked))
        expected = {query: ask(plain, query, **variables_of(query)).json()["data"] for query in QUERIES}
    assert [answer["data"] for answer in answers] == [expected[query] for query in asked]


@pytest.mark.anyio
async def test_each_statement_runs_in_its_own_role_though_all_share_a_session(pooled: str) -> None:
    reading, walled = Database(pooled, pooled=True), Database(pooled, pooled=True, row_level_security=True)
    for _ in range(5):
        found = await asyncio.gather(
            *(reading.fetch_text(WHO, ()) for _ in range(5)),
            *(walled.fetch_text(WHO, ()) for _ in range(5)),
            *(session_user(reading, "a test looks at roles") for _ in range(5)),
            *(session_user(reading) for _ in range(5)),
        )
        assert found == [READER] * 5 + [APPLICATION] * 5 + [OPERATOR] * 5 + ["postgres"] * 5
    await reading.close()
    await walled.close()


@pytest.mark.anyio
async def test_no_role_outlives_a_statement_that_fails_or_is_stopped(pooled: str) -> None:
    reading = Database(pooled, pooled=True)
    for _ in range(3):
        with pytest.raises(Exception, match="division by zero"):
            await reading.fetch_text("SELECT (1 / 0)::text", ())
        assert await session_user(reading) == "postgres"
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                await reading.fetch_text("SELECT pg_sleep(60)::text", ())
        assert await session_user(reading) == "postgres"
        assert await reading.fetch_text(WHO, ()) == READER
    await reading.close()


@pytest.mark.anyio
@pytest.mark.parametrize("through_a_pooler", [False, True])
async def test_every_session_has_its_settings(direct: str, pooled: str, through_a_pooler: bool) -> None:  # noqa: FBT001
    database = Database(pooled if through_a_pooler else direct, seconds=7, pooled=through_a_pooler)
    for _ in range(2):
        found = [await database.fetch_text(f"SELECT current_setting('{name}')", ()) for name in SETTINGS]
        assert found == ["off", "UTC", "8s"]
    await database.close()


@pytest.mark.anyio
async def test_the_server_ends_a_statement_that_nobody_else_has_ended(direct: str) -> None:
    database = Database(direct, seconds=-0.8)
    with pytest.raises(DatabaseUnavailableError) as caught:
        await database.fetch_text("SELECT pg_sleep(60)::text", ())
    assert "statement timeout" in str(caught.value.__cause__)
    assert await database.fetch_text("SELECT 'still there'", ()) == "still there"
    await database.close()


@pytest.mark.anyio
@pytest.mark.parametrize("more", ["", IGNORED], ids=["as it is", "told to ignore what it does not know"])
async def test_who_forgets_to_tell_of_the_pooler_is_not_answered_in_another_role(
    direct: str, more: str, caplog: pytest.LogCaptureFixture
) -> None:
    with pooling(direct, sessions=1, more=more) as url:
        database = Database(url)
        with pytest.raises(DatabaseUnavailableError):
            await database.fetch_text(WHO, ())
        await database.close()
    assert bool(more) == ("set COALITION_PGBOUNCER=1" in caplog.text)


def test_only_the_database_itself_runs_statements_outside_of_transactions() -> None:
    # Behind a pooler they would run in the login's own role.
    folders = (ROOT / name for name in ("models", "resolvers", "schema", "server"))
    said = 'isolation_level="AUTOCOMMIT"'
    files = [file for folder in folders for file in folder.rglob("*.py") if said in file.read_text("utf-8")]
    assert files == [ROOT / "resolvers" / "database" / "database.py"]
