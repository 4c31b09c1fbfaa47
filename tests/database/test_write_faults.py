"""A database that answers queries and accepts no changes: it is read-only or full, or its connections end."""

from __future__ import annotations

import asyncio
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any

import asyncpg  # type: ignore[import-untyped] # asyncpg has no types
import pytest

from resolvers.database import database as database_module
from resolvers.database import unavailable, writability
from resolvers.database.sqlite_driver import library
from server.auth.credentials import COOKIE
from server.startup.migrations import upgrade
from tests.servers import postgres
from tests.servers.identity_provider import providing
from tests.support.clients import ask, opened, the_error
from tests.support.database.table_locks import held
from tests.support.document_files import desk
from tests.support.need_writers import STATE, needs_and_events, prepare
from tests.support.transport_schema import GRAPHQL, JSON, content, post

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from httpx2 import Response
    from starlette.testclient import TestClient

    from tests.servers.databases import Databases

READ_ONLY = (
    503,
    "SERVICE_UNAVAILABLE",
    "The database is read-only now, and nothing was changed: send the request again in a moment.",
)
FULL = (
    507,
    "INSUFFICIENT_STORAGE",
    "The disk of the database is full, and nothing was changed: tell the operator to free space.",
)
BUSY = (503, "SERVICE_UNAVAILABLE", "The database is busy with other changes: send the request again in a moment.")

AWAY = (
    "The database cannot be reached. Send this change again in a moment; with an idempotencyKey it is made only once."
)

#: Has PostgreSQL raise an error of its own with each event of the audit log.
RAISE = """
CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  RAISE EXCEPTION 'secret' USING ERRCODE = '{}'; END $$;
CREATE TRIGGER fail BEFORE INSERT ON audit_events FOR EACH ROW EXECUTE FUNCTION fail();
"""
#: Lets nobody in any more once an event is written; the transaction that wrote it goes on.
SHUT = """
CREATE FUNCTION shut() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN
  UPDATE pg_database SET datallowconn = false WHERE datname = current_database();
  PERFORM pg_terminate_backend(pid, 5000) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid();
  RETURN NEW; END $$;
CREATE TRIGGER shut BEFORE INSERT ON audit_events FOR EACH ROW EXECUTE FUNCTION shut();
"""


@pytest.fixture(scope="module")
def server() -> Iterator[postgres.Server]:
    found = postgres.start()
    yield found
    found.stop()


#: Ends the other connections, and waits for it: one that still answers has the old settings.
END_THE_OTHERS = """SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()"""


def run(url: str, statement: str) -> None:
    async def execute() -> None:
        connection = await asyncpg.connect(url)
        await connection.execute(statement)
        await connection.close()

    asyncio.run(execute())


def state(client: TestClient, given: dict[str, Any], accept: str = GRAPHQL) -> Response:
    return post(client, {"query": STATE, "variables": {"input": given}}, accept)


def check_refused(response: Response, expected: tuple[int, str, str]) -> None:
    status, code, message = expected
    assert (response.status_code, response.headers.get("retry-after")) == (status, "1" if status == 503 else None)
    [error] = content(response)["errors"]
    assert (error["extensions"]["code"], error["message"]) == (code, message)
    assert content(response)["data"] is None


@contextmanager
def member_of(url: str) -> Iterator[tuple[TestClient, dict[str, Any]]]:
    """Yield a client of an account that may create needs, and the input of a need."""
    token, given = asyncio.run(prepare(url))
    with opened(url) as client:
        client.headers["authorization"] = f"Bearer {token}"
        yield client, given


@pytest.mark.parametrize("accept", [GRAPHQL, JSON])
@pytest.mark.parametrize(("code", "expected"), [("25006", READ_ONLY), ("53100", FULL)])
def test_a_change_that_postgresql_cannot_make_now_is_put_off(
    postgresql_databases: Databases,
    code: str,
    expected: tuple[int, str, str],
    accept: str,
) -> None:
    with postgresql_databases.migrated() as url, member_of(url) as (client, given):
        run(url, RAISE.format(code))
        for _ in range(3):
            check_refused(state(client, given, accept), expected)
        assert ask(client, "{ capabilityNeeds { totalCount } }").json()["data"] == {
            "capabilityNeeds": {"totalCount": 0}
        }


def test_a_fault_is_logged_once_in_a_while_and_without_its_words(
    postgresql_databases: Databases, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unavailable, "LOG_INTERVAL_SECONDS", 60)
    monkeypatch.setattr(unavailable, "_logged", {})
    with postgresql_databases.migrated() as url, member_of(url) as (client, given):
        run(url, RAISE.format("53100"))
        for _ in range(3):
            check_refused(state(client, given), FULL)
    logged = [record.getMessage() for record in caplog.records if record.name == unavailable.__name__]
    assert logged == ["the disk of the database is full: DiskFullError"]


def test_a_file_is_put_off_while_others_hold_the_database(
    sqlite_databases: Databases, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pragmas = (*database_module.SQLITE_PRAGMAS, "PRAGMA busy_timeout=10")
    monkeypatch.setattr(database_module, "SQLITE_PRAGMAS", pragmas)
    with sqlite_databases.migrated() as url, desk(url, str(tmp_path / "files")) as found:
        path = found.declared()
        # The same library: the locks of a process do not hold against itself.
        other = library().connect(url.removeprefix("sqlite:///"), isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        refused = found.put(path)
        assert (refused.status_code, refused.headers["retry-after"], the_error(refused)) == (503, "1", BUSY[1:])
        other.close()
        assert found.put(path).status_code == 201


def test_signing_out_is_put_off_while_the_database_is_away() -> None:
    headers = {"x-coalition-client": "a test", "origin": "http://testserver", "content-type": "application/json"}
    with providing() as provider, opened("sqlite:////nowhere/at/all.db", **provider.settings) as client:
        response = client.post("/auth/logout", headers={**headers, "cookie": f"{COOKIE}={'c' * 43}"})
    assert (response.status_code, response.headers["retry-after"]) == (503, "1")
    message = "The database cannot be reached: send the request again in a moment."
    assert the_error(response) == ("SERVICE_UNAVAILABLE", message)


@pytest.mark.parametrize(
    ("limit", "expected"), [("PRAGMA query_only=ON", READ_ONLY), ("PRAGMA max_page_count=1", FULL)]
)
def test_a_change_that_sqlite_cannot_make_now_is_put_off(
    sqlite_databases: Databases, limit: str, expected: tuple[int, str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with sqlite_databases.migrated() as url:
        token, given = asyncio.run(prepare(url))
        # Migrations that copy tables leave free pages, in which a change would find room.
        with closing(library().connect(url.partition("///")[2])) as connection:
            connection.execute("VACUUM")
        monkeypatch.setattr(database_module, "SQLITE_PRAGMAS", (*database_module.SQLITE_PRAGMAS, limit))
        with opened(url) as client:
            client.headers["authorization"] = f"Bearer {token}"
            long = {**given, "gapStatement": "x" * 4000}
            check_refused(state(client, long), expected)
            assert ask(client, "{ capabilityNeeds { totalCount } }").status_code == 200


def test_a_server_is_not_ready_while_postgresql_takes_no_changes(server: postgres.Server) -> None:
    url = server.create("standing_by")
    upgrade(url)
    with opened(url) as client:
        assert client.get("/readyz").status_code == 200
        run(url, "ALTER DATABASE standing_by SET default_transaction_read_only = on")
        run(url, END_THE_OTHERS)
        check_not_ready(client, "The database accepts no changes: it is a standby or read-only.")


def test_a_server_is_not_ready_while_the_disk_of_sqlite_is_full(
    sqlite_databases: Databases, monkeypatch: pytest.MonkeyPatch
) -> None:
    with sqlite_databases.migrated() as url, opened(url) as client:
        assert client.get("/readyz").status_code == 200
        monkeypatch.setattr(writability, "MIN_FREE_BYTES", 2**62)
        check_not_ready(client, "The disk of the database is full: free some space.")


def check_not_ready(client: TestClient, detail: str) -> None:
    response = client.get("/readyz")
    assert (response.status_code, response.json()) == (
        503,
        {"status": "not ready", "failed": "writes", "detail": detail},
    )


def test_a_change_that_cannot_be_read_any_more_says_that_it_was_made(server: postgres.Server) -> None:
    url = server.create("shut")
    upgrade(url)
    with member_of(url) as (client, given):
        run(url, SHUT)
        message = "The change was made, but the capability need cannot be read now: query it in a moment."
        check_refused(state(client, given), (503, "SERVICE_UNAVAILABLE", message))
        # The connection that made the change is open, and could make another.
        run(server.url("postgres"), END_THE_OTHERS.replace("current_database()", "'shut'"))
        check_refused(state(client, given), (503, "SERVICE_UNAVAILABLE", AWAY))
    run(server.url("postgres"), "UPDATE pg_database SET datallowconn = true WHERE datname = 'shut'")
    needs, _ = asyncio.run(needs_and_events(url))
    assert [need["title"] for need in needs] == [given["title"]]


#: Reads, beside the need, a table that the command does not read.
STATE_AND_READ_MORE = """mutation ($input: CreateCapabilityNeedInput!) { createCapabilityNeed(input: $input) {
  ... on CreateCapabilityNeedSuccess { capabilityNeed { group { documents { totalCount } } } } } }"""


@pytest.mark.parametrize(
    ("table", "advice", "made"),
    [
        (
            "documents",
            ". The change was made, only the result was not read: query it, and do not send the change again.",
            True,
        ),
        (
            "capability_needs",
            ". It is not known if the last change was made: send it again with the same idempotencyKey.",
            False,
        ),
    ],
)
def test_a_change_that_is_stopped_says_whether_it_was_made(
    postgresql_databases: Databases, table: str, advice: str, *, made: bool
) -> None:
    with postgresql_databases.migrated() as url:
        token, given = asyncio.run(prepare(url))
        with opened(url, max_seconds=0.7) as client:
            client.headers["authorization"] = f"Bearer {token}"
            with held(url, table):
                response = post(client, {"query": STATE_AND_READ_MORE, "variables": {"input": given}}, GRAPHQL)
        assert response.status_code == 504
        message = f"The operation took longer than 0.7 seconds and was stopped{advice}"
        assert the_error(response) == ("GATEWAY_TIMEOUT", message)
        needs, _ = asyncio.run(needs_and_events(url))
        assert [need["title"] for need in needs] == [given["title"]] * made


def test_a_fault_after_a_change_is_masked_and_says_that_the_change_was_made(postgresql_databases: Databases) -> None:
    with postgresql_databases.migrated() as url:
        token, given = asyncio.run(prepare(url))
        with opened(url) as client:
            client.headers["authorization"] = f"Bearer {token}"
            run(url, "ALTER TABLE documents RENAME TO elsewhere")
            response = post(client, {"query": STATE_AND_READ_MORE, "variables": {"input": given}}, GRAPHQL)
        # The database is used again.
        run(url, "ALTER TABLE elsewhere RENAME TO documents")
        message = (
            "Internal server error. The change was made, but the capability need cannot be read now: query it, and do "
            "not send the change again."
        )
        assert (response.status_code, the_error(response)) == (500, ("INTERNAL_SERVER_ERROR", message))
        needs, _ = asyncio.run(needs_and_events(url))
        assert [need["title"] for need in needs] == [given["title"]]
