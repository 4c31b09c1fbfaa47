"""A database matches its migrations, or `migrate` and `/readyz` name each part that is missing or different."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text
from starlette.testclient import TestClient

from resolvers.database.statement_guard import bypass_options
from server.app import build_app
from server.config.settings import load_settings
from server.startup.fingerprints import FOLDER, SchemaCheck, expected_fingerprint, fingerprint_file, schema_fault
from server.startup.migrations import head_revision
from tests.servers.processes import coalition
from tests.support.accounts import on

if TYPE_CHECKING:
    from pathlib import Path

    from resolvers.database.database import Database
    from tests.servers.databases import Databases

#: What is done to a database behind the back of the migrations, on which engines, and what is said of it.
CHANGES = [
    ("both", "DROP INDEX ix_audit_events_group_id", "index audit_events.ix_audit_events_group_id is missing"),
    ("both", "ALTER TABLE votes ADD COLUMN extra INTEGER", "column votes.extra is there, and no migration makes it"),
    ("sqlite", "DROP TABLE votes", "table votes is missing"),
    ("sqlite", "DROP TRIGGER audit_events_keep_update", "trigger audit_events.audit_events_keep_update is missing"),
    (
        "postgresql",
        "DROP TRIGGER audit_events_keep_row ON audit_events",
        "trigger audit_events.audit_events_keep_row is missing",
    ),
    (
        "postgresql",
        "ALTER TABLE audit_events DISABLE TRIGGER audit_events_keep_row",
        "trigger audit_events.audit_events_keep_row is different",
    ),
    (
        "postgresql",
        "CREATE OR REPLACE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
        "function refuse_audit_change() is different",
    ),
    ("postgresql", "ALTER TABLE documents DISABLE ROW LEVEL SECURITY", "table documents is different"),
    ("postgresql", "DROP POLICY application_sees ON documents", "policy documents.application_sees is missing"),
    (
        "postgresql",
        "CREATE POLICY all_see ON documents USING (true)",
        "policy documents.all_see is there, and no migration makes it",
    ),
    ("postgresql", "DROP VIEW documents_visible_keys", "view documents_visible_keys is missing"),
    (
        "postgresql",
        "GRANT DELETE ON audit_events TO coalition_operator",
        "privilege audit_events.coalition_operator is different",
    ),
    (
        "postgresql",
        "ALTER TABLE votes DROP CONSTRAINT uq_votes_decision_id_participant_id",
        "constraint votes.uq_votes_decision_id_participant_id is missing",
    ),
]


async def _change(database: Database, statement: str) -> None:
    # As the login itself: what is changed belongs to the migrations.
    plain = database._plain.execution_options(**bypass_options("a test changes tables", unaudited=True))  # noqa: SLF001
    async with plain.begin() as connection:
        await connection.execute(text(statement))


def readiness(url: str) -> dict[str, str]:
    """Return the response of `/readyz` from a server with the database."""
    with TestClient(build_app(load_settings(database_url=url))) as client:
        found: dict[str, str] = client.get("/readyz").json()
        return found


def test_a_migrated_database_is_what_the_committed_fingerprint_says(url: str, pytestconfig: pytest.Config) -> None:
    async def look(database: Database) -> tuple[str, int, dict[str, str]]:
        return (database.dialect.name, *await database.catalogue())

    dialect, version, parts = on(url, look)
    file = fingerprint_file(dialect)
    if pytestconfig.option.write_fingerprints:
        FOLDER.mkdir(exist_ok=True)
        content = {"engineVersion": version, "parts": dict(sorted(parts.items()))}
        file.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
        expected_fingerprint.cache_clear()
    assert file.exists(), "run this test with --write-fingerprints, and commit the files"
    expected = expected_fingerprint(dialect)
    assert expected is not None
    assert parts == expected.parts, "run this test with --write-fingerprints, and look at the difference"


def test_only_the_newest_revision_has_fingerprints_one_for_each_engine() -> None:
    names = {f"{head_revision()}.{engine}.json" for engine in ("postgresql", "sqlite")}
    assert {each.name for each in FOLDER.iterdir()} == names, "delete those of revisions that are not served any more"


@pytest.mark.parametrize(("engine", "statement", "said"), CHANGES)
def test_what_is_missing_or_different_is_named_by_the_server_and_by_migrate(
    request: pytest.FixtureRequest, engine: str, statement: str, said: str
) -> None:
    for each in ("sqlite", "postgresql") if engine == "both" else (engine,):
        databases: Databases = request.getfixturevalue(f"{each}_databases")
        with databases.migrated() as url:
            assert readiness(url) == {"status": "ready"}
            on(url, lambda database: _change(database, statement))
            found = readiness(url)
            assert (found["failed"], said in found["detail"]) == ("schema", True), found
            migrated = coalition("migrate", database_url=url)
            assert migrated.exit_code == 1
            assert said in migrated.stderr


def test_a_further_index_or_table_of_an_operator_does_no_harm(url: str) -> None:
    async def add(database: Database) -> str | None:
        await _change(database, "CREATE INDEX ix_of_the_operator ON votes (choice)")
        await _change(database, "CREATE TABLE of_the_operator (id INTEGER)")
        return await schema_fault(database)

    assert on(url, add) is None


def test_a_server_looks_again_at_a_database_only_while_something_is_wrong_with_it(url: str) -> None:
    async def look(database: Database) -> list[bool]:
        check, broken = SchemaCheck(database), SchemaCheck(database)
        found = [await check.fault() is None]
        await _change(database, "DROP INDEX ix_audit_events_group_id")
        found += [await check.fault() is None, await broken.fault() is None]
        await _change(database, "CREATE INDEX ix_audit_events_group_id ON audit_events (group_id)")
        return [*found, await broken.fault() is None]

    assert on(url, look) == [True, True, False, True]


def test_the_order_in_which_a_table_of_sqlite_names_its_constraints_does_not_matter(tmp_path: Path) -> None:
    clauses = [
        "id INTEGER",
        "note TEXT DEFAULT 'a, (b'",
        "CONSTRAINT ck_x CHECK (id IN (1, 2))",
        "CONSTRAINT ck_y CHECK (1)",
    ]
    found = []
    for number, ordered in enumerate((clauses, [*clauses[:2], *reversed(clauses[2:])])):

        async def make(database: Database, ordered: list[str] = ordered) -> dict[str, str]:
            await _change(database, f"CREATE TABLE things ({', '.join(ordered)})")
            return (await database.catalogue())[1]

        found.append(on(f"sqlite:///{tmp_path}/{number}.db", make))
    assert found[0] == found[1]
    assert found[0].keys() == {
        *("table things", "column things.id", "column things.note", "constraint things.ck_x", "constraint things.ck_y")
    }
