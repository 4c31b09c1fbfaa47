"""The check of the audit log finds every change that was made behind the API's back, and names its place."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from resolvers.access.context import Actor
from resolvers.audit.hash_chain import ChainError, ChainHead, read_head, verify
from resolvers.audit.transaction import audited_write
from resolvers.database.database import Database
from server.cli.main import main
from tests.support.accounts import on
from tests.support.database.engines import engines_of
from tests.support.factories import a_capability_area

if TYPE_CHECKING:
    from pathlib import Path

    from click.testing import Result

    from tests.servers.databases import Databases

pytestmark = pytest.mark.anyio

EVENTS = 7
OPEN = {
    "sqlite": [f"DROP TRIGGER audit_events_keep_{change}" for change in ("insert", "update", "delete")],
    "postgresql": ["ALTER TABLE audit_events DISABLE TRIGGER ALL"],
}


async def write(database: Database, count: int = EVENTS) -> None:
    """Make some changes, each with its event."""
    for _ in range(count):
        await audited_write(database, "a test", Actor(), lambda session: session.add(a_capability_area()))


async def tamper(database: Database, *statements: str) -> None:
    """Change the audit log in a way that only an owner of the tables can."""
    await do(database, *OPEN[database.dialect.name], *statements)


async def do(database: Database, *statements: str) -> None:
    """Change the database as the login itself: no role of the application may change the audit log."""
    engine = engines_of(database)[0].execution_options(coalition_reason="a test tampers with the trail")
    async with engine.begin() as connection:
        for statement in statements:
            await connection.execute(text(statement))


async def test_a_trail_as_it_was_written_is_good(database: Database) -> None:
    assert await verify(database) == ChainHead()
    await write(database)
    assert await verify(database) == await read_head(database)
    assert (await verify(database)).sequence == EVENTS


@pytest.mark.parametrize(
    ("statements", "said"),
    [
        (["UPDATE audit_events SET reason = 'x' WHERE sequence = 3"], "event 3 does not match its hash"),
        (["UPDATE audit_events SET after = '{}' WHERE sequence = 5"], "event 5 does not match its hash"),
        (["UPDATE audit_events SET at = '2024-01-01T00:00:00.000000Z' WHERE sequence = 1"], "event 1 does not match"),
        (["UPDATE audit_events SET hash = '0a' WHERE sequence = 4"], "event 4 does not match its hash"),
        (["DELETE FROM audit_events WHERE sequence = 4"], "event 5 is out of sequence: event 4"),
        (["DELETE FROM audit_events WHERE sequence = 1"], "event 2 is out of sequence: event 1"),
        (
            [
                "DELETE FROM audit_events WHERE sequence = 4",
                "UPDATE audit_events SET sequence = -sequence WHERE sequence > 4",
                "UPDATE audit_events SET sequence = -sequence - 1 WHERE sequence < 0",
            ],
            "event 4 does not match the event before it",
        ),
        (
            [
                "UPDATE audit_events SET sequence = 99 WHERE sequence = 3",
                "UPDATE audit_events SET sequence = 3 WHERE sequence = 4",
                "UPDATE audit_events SET sequence = 4 WHERE sequence = 99",
            ],
            "event 3 does not match the event before it",
        ),
    ],
)
async def test_the_first_event_that_was_tampered_with_is_named(
    database: Database, statements: list[str], said: str
) -> None:
    await write(database)
    if database.dialect.name == "postgresql":
        statements = [
            each.replace("'2024-01-01T00:00:00.000000Z'", "'2024-01-01Z'::timestamptz") for each in statements
        ]
    await tamper(database, *statements)
    with pytest.raises(ChainError, match=said) as caught:
        await verify(database)
    assert "events before are valid" in str(caught.value)


#: The columns of an event, but for those that no other may share, and for its reason.
REST = "at, action, entity_type, entity_id, entity_key, subject_key, names, previous_hash"


@pytest.mark.parametrize("shared", ["sequence", "id", "hash"])
async def test_no_event_takes_the_place_of_another(database: Database, shared: str) -> None:
    await write(database)
    fresh = {"sequence": "99", "id": "'00000000-0000-7000-8000-00000000000f'", "hash": "'x'"}
    if database.dialect.name == "postgresql":
        fresh["id"] += "::uuid"
    del fresh[shared]
    columns, values = ", ".join([shared, *fresh]), ", ".join([shared, *fresh.values()])
    third = "FROM audit_events WHERE sequence = 3"
    source = f"({columns}, {REST}, reason) SELECT {values}, {REST}, 'x' {third}"
    if database.dialect.name == "sqlite":
        statement = f"INSERT OR REPLACE INTO audit_events {source}"
    else:
        statement = f"INSERT INTO audit_events {source} ON CONFLICT ({shared}) DO UPDATE SET reason = 'x'"
    with pytest.raises(DBAPIError, match="coalition rule append_only: The audit log only grows"):
        await do(database, statement)
    assert (await verify(database)).sequence == EVENTS


async def test_no_event_takes_the_row_of_another_on_sqlite(sqlite_databases: Databases) -> None:
    with sqlite_databases.migrated() as url:
        database = Database(url)
        await write(database)
        values = f"99, '00000000-0000-7000-8000-00000000000f', 'x', {REST} FROM audit_events WHERE sequence = 3"
        for rowid in ("rowid", "oid", "_rowid_"):
            columns = f"({rowid}, sequence, id, hash, {REST})"
            with pytest.raises(DBAPIError, match="coalition rule append_only: The audit log only grows"):
                await do(database, f"INSERT OR REPLACE INTO audit_events {columns} SELECT rowid, {values}")
        assert (await verify(database)).sequence == EVENTS
        await database.close()


async def test_an_event_that_cannot_be_read_is_named(database: Database) -> None:
    await write(database)
    if database.dialect.name == "sqlite":
        await tamper(database, "UPDATE audit_events SET after = 'no JSON' WHERE sequence = 3")
    else:
        check = "ALTER TABLE audit_events DROP CONSTRAINT ck_audit_events_action"
        await tamper(database, check, "UPDATE audit_events SET action = 'FORGET' WHERE sequence = 3")
    with pytest.raises(ChainError, match="event 3 cannot be read"):
        await verify(database)


async def test_a_place_that_is_taken_twice_is_named(database: Database) -> None:
    await write(database)
    copy = f"INSERT INTO audit_events (id, sequence, hash, {REST}) SELECT "
    key = "'00000000-0000-7000-8000-00000000000f'"
    if database.dialect.name == "postgresql":
        drop = ["ALTER TABLE audit_events DROP CONSTRAINT uq_audit_events_sequence"]
        key = f"{key}::uuid"
    else:
        # SQLite drops no unique key: the table is made anew without any.
        drop = ["CREATE TABLE copied AS SELECT * FROM audit_events", "DROP TABLE audit_events"]
        drop += ["ALTER TABLE copied RENAME TO audit_events", "CREATE UNIQUE INDEX pk ON audit_events (id)"]
    await tamper(database, *drop, f"{copy} {key}, sequence, 'x', {REST} FROM audit_events WHERE sequence = 2")
    with pytest.raises(ChainError, match=r"event 2 (occurs twice|does not match)"):
        await verify(database)


async def test_a_tail_that_was_cut_shows_by_the_head_that_was_kept(database: Database) -> None:
    await write(database)
    kept = await read_head(database)
    await tamper(database, "DELETE FROM audit_events WHERE sequence > 5")
    assert (await verify(database)).sequence == 5
    with pytest.raises(ChainError, match="ends at event 5, but the given head is event 7"):
        await verify(database, kept)
    # Whoever cuts it and writes on gets to the same place with another hash.
    await write(database, 4)
    with pytest.raises(ChainError, match="event 7 does not match the given head"):
        await verify(database, kept)


async def test_a_head_that_was_kept_holds_for_a_trail_that_went_on(database: Database) -> None:
    await write(database)
    kept = await read_head(database)
    await write(database)
    assert (await verify(database, kept)).sequence == 2 * EVENTS


def run(url: str, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["audit", *arguments], env={"COALITION_DATABASE_URL": url})


def test_an_operator_keeps_the_head_and_checks_the_trail(url: str, tmp_path: Path) -> None:
    on(url, write)
    file = tmp_path / "head.json"
    file.write_text(run(url, "head").output, "utf-8")
    assert json.loads(file.read_text("utf-8"))["sequence"] == EVENTS
    good = run(url, "verify", "--head", str(file))
    assert (good.exit_code, good.output[:19]) == (0, "7 events are valid;")
    on(url, lambda database: tamper(database, "DELETE FROM audit_events WHERE sequence = 7"))
    assert run(url, "verify").exit_code == 0
    cut = run(url, "verify", "--head", str(file))
    assert cut.exit_code == 1
    assert cut.output == (
        "Error: The audit log was tampered with: it ends at event 6, but the given head is event 7; "
        "the 6 events before are valid.\n"
    )


HASH = "0a" * 32


@pytest.mark.parametrize(
    "held",
    [
        "",
        "{}",
        "[]",
        "7",
        "[" * 100_000,
        f'{{"sequence": -1, "hash": "{HASH}"}}',
        f'{{"sequence": true, "hash": "{HASH}"}}',
        f'{{"sequence": "7", "hash": "{HASH}"}}',
        f'{{"sequence": 7.0, "hash": "{HASH}"}}',
        f'{{"sequence": 1e400, "hash": "{HASH}"}}',
        f'{{"sequence": {"9" * 5000}, "hash": "{HASH}"}}',
        f'{{"sequence": 0, "hash": "{HASH}"}}',
        '{"sequence": 0, "hash": "x"}',
        f'{{"sequence": 7, "hash": "{HASH[1:]}"}}',
        f'{{"sequence": 7, "hash": "{HASH}\\n"}}',
        f'{{"sequence": 7, "hash": "{HASH.upper()}"}}',
        '{"sequence": 7, "hash": null}',
        '{"sequence": 7}',
    ],
    ids=lambda held: held[:40],
)
def test_a_file_that_holds_no_head_is_refused_with_what_a_head_is(tmp_path: Path, held: str) -> None:
    file = tmp_path / "head.json"
    file.write_text(held, "utf-8")
    # No database is asked: there is none.
    refused = run("sqlite:////nowhere/none", "verify", "--head", str(file))
    assert refused.exit_code == 1
    assert refused.output == (
        f"Error: {file} does not contain a head: pass a file with the output of coalition audit head. "
        'A head is {"sequence": …, "hash": …}: the sequence is a whole number from 0, the hash is 64 hexadecimal '
        "digits in lower case; with the sequence 0, all digits are 0.\n"
    )


def test_the_head_of_a_trail_without_events_is_one(url: str, tmp_path: Path) -> None:
    file = tmp_path / "head.json"
    file.write_text(run(url, "head").output, "utf-8")
    good = run(url, "verify", "--head", str(file))
    assert (good.exit_code, good.output[:19]) == (0, "0 events are valid;")
