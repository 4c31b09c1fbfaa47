"""Row-level security: PostgreSQL's own policies hide every row that the query compiler would hide."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select, text, true
from sqlalchemy.exc import DBAPIError

from models import Base, Document, DocumentStatus, Marking
from models.base import new_key
from resolvers.access.context import Actor
from resolvers.access.row_level_security import KEYS_ONLY, NO_ACCESS_TABLES, policies, visible_keys_view
from resolvers.access.viewer import PUBLIC, Viewer
from resolvers.access.visibility import VISIBILITY
from resolvers.access.visibility_rules import public
from resolvers.audit.transaction import audited_write
from resolvers.commands.errors import NotFoundError
from resolvers.commands.unit_of_work import UnitOfWork
from resolvers.database.database import Database, create_engine
from resolvers.database.roles import APPLICATION, OPERATOR, READER
from resolvers.database.session_settings import SessionSettings
from resolvers.database.statement_guard import bypass_options
from resolvers.query.visible_keys import _statement
from tests.support.execute import read
from tests.support.factories import a_document
from tests.support.rows import keep

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from sqlalchemy.orm import Session

    from tests.servers.databases import Databases

pytestmark = pytest.mark.anyio

ROLES = (READER, APPLICATION, OPERATOR)
REASON = bypass_options("a test of the wall itself")


@pytest.fixture(scope="module")
def wall_url(postgresql_databases: Databases) -> Iterator[str]:
    with postgresql_databases.migrated() as url:
        yield url


async def ask(url: str, role: str | None, *statements: str) -> list[Any]:
    """Run statements in one transaction of a role; return the rows of the last."""
    engine = create_engine(url, SessionSettings(role))
    try:
        async with engine.execution_options(**REASON).connect() as connection:
            for statement in statements[:-1]:
                await connection.execute(text(statement))
            result = await connection.execute(text(statements[-1]))
            return list(result.all()) if result.returns_rows else []
    finally:
        await engine.dispose()


async def test_no_role_of_the_application_can_pass_the_wall_by_itself(wall_url: str) -> None:
    may_more = "rolsuper OR rolbypassrls OR rolcreaterole OR rolcanlogin"
    query = f"SELECT rolname, {may_more} FROM pg_roles WHERE rolname LIKE 'coalition%'"  # noqa: S608 - ours
    assert sorted(await ask(wall_url, None, query)) == [(role, False) for role in sorted(ROLES)]


async def test_every_guarded_table_is_behind_the_wall_and_no_other(wall_url: str) -> None:
    query = (
        "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' "
        "AND relrowsecurity AND relforcerowsecurity"
    )
    assert {row.relname for row in await ask(wall_url, None, query)} == set(policies())


async def test_every_table_is_guarded_or_open_by_decision() -> None:
    open_tables = {table.name for table in Base.metadata.sorted_tables if table.name not in policies()}
    assert open_tables == {
        "capability_areas",
        "capability_areas_sources",
        "coalition_memberships",
        "coalition_memberships_sources",
        "exchange_rates",
        "expert_groups",
        "expert_groups_sources",
        "former_names",
        "participants",
        "participants_sources",
        *KEYS_ONLY,
    }


async def test_the_policies_of_the_migration_are_those_of_the_plan(wall_url: str) -> None:
    there = dict(
        tuple(row)
        for row in await ask(
            wall_url, None, "SELECT tablename, qual FROM pg_policies WHERE policyname = 'application_sees'"
        )
    )
    # The database writes a condition in its own way: it is given ours to write beside it.
    engine = create_engine(wall_url)
    ours = {}
    async with engine.execution_options(**REASON).connect() as connection:
        for table, condition in policies().items():
            await connection.exec_driver_sql(f"CREATE POLICY ours ON {table} TO {APPLICATION} USING ({condition})")
            found = await connection.execute(
                text("SELECT qual FROM pg_policies WHERE policyname = 'ours' AND tablename = :table"), {"table": table}
            )
            ours[table] = found.scalar_one()
        await connection.rollback()
    await engine.dispose()
    assert {table: plain(condition) for table, condition in there.items()} == {
        table: plain(condition) for table, condition in ours.items()
    }


def plain(condition: str) -> str:
    """Return a condition without the names of aliases, which do not matter, and without brackets."""
    words = re.sub(r'[()]| AS "?coalesce"?(?:_\d)?|_\d\b', " ", condition).replace(" .", ".").split()
    # An alias stands behind its table: without its number it is the table's name once more.
    return " ".join(word for place, word in enumerate(words) if place == 0 or words[place - 1] != word)


@pytest.fixture(scope="module")
async def kept(wall_url: str) -> AsyncIterator[Database]:
    """Yield a database with a document of every marking, and a draft."""
    database = Database(wall_url)
    await keep(
        database,
        *(a_document(f"DOC-{marking.name}", marking=marking, status=DocumentStatus.RELEASED) for marking in Marking),
        a_document("DOC-DRAFT", marking=Marking.CLEAR, status=DocumentStatus.DRAFT),
    )
    yield database
    await database.close()


@pytest.mark.usefixtures("kept")
async def test_the_application_sees_nothing_where_it_is_told_no_rights(wall_url: str) -> None:
    for table in policies():
        if table not in NO_ACCESS_TABLES:
            assert await ask(wall_url, APPLICATION, f"TABLE {table}") == [], table


@pytest.mark.usefixtures("kept")
async def test_the_application_sees_what_the_rights_admit_that_it_is_told(wall_url: str) -> None:
    tell = "SELECT set_config('coalition.markings', 'CLEAR,GREEN', true)"
    found = await ask(wall_url, APPLICATION, tell, "SELECT reference FROM documents ORDER BY reference")
    assert [row.reference for row in found] == ["DOC-CLEAR", "DOC-GREEN"]


@pytest.mark.usefixtures("kept")
async def test_rights_end_with_the_transaction_they_were_told_in(wall_url: str) -> None:
    tell = "SELECT set_config('coalition.markings', 'CLEAR,GREEN', true)"
    found = await ask(wall_url, APPLICATION, tell, "COMMIT", "SELECT reference FROM documents")
    assert found == []


@pytest.mark.usefixtures("kept")
async def test_the_reader_changes_nothing(wall_url: str) -> None:
    assert len(await ask(wall_url, READER, "SELECT reference FROM documents")) == 6
    for statement in ("DELETE FROM documents", "UPDATE documents SET title = 'x'", "DELETE FROM document_shares"):
        with pytest.raises(DBAPIError, match="permission denied"):
            await ask(wall_url, READER, statement)


@pytest.mark.parametrize("table", NO_ACCESS_TABLES)
@pytest.mark.parametrize("role", [READER, APPLICATION])
async def test_credentials_and_the_trail_are_closed_to_those_who_answer(wall_url: str, role: str, table: str) -> None:
    with pytest.raises(DBAPIError, match="permission denied"):
        await ask(wall_url, role, f"TABLE {table}")


@pytest.mark.usefixtures("kept")
async def test_the_application_writes_nothing_that_it_would_not_see(wall_url: str) -> None:
    tell = "SELECT set_config('coalition.markings', 'CLEAR', true)"
    with pytest.raises(DBAPIError, match="row-level security"):
        await ask(wall_url, APPLICATION, tell, "UPDATE documents SET marking = 'RED' WHERE reference = 'DOC-CLEAR'")


async def test_behind_the_wall_the_plan_tells_the_rights_in_its_one_statement(kept: Database, wall_url: str) -> None:
    walled = Database(wall_url, row_level_security=True)
    query = "{ documents { totalCount nodes { reference } } }"
    for viewer, count in ((PUBLIC, 1), (Viewer(markings=(Marking.CLEAR, Marking.GREEN)), 2)):
        assert (await read(walled, query, viewer=viewer))["documents"]["totalCount"] == count
        assert (await read(kept, query, viewer=viewer)) == (await read(walled, query, viewer=viewer))
    await walled.close()


async def test_what_a_command_finds_passes_the_wall_even_where_the_policies_of_the_plan_are_forgotten(
    kept: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("resolvers.query.visible_keys.visibility_predicate", lambda *_: true())
    _statement.cache_clear()
    monkeypatch.setattr("resolvers.query.visible_keys._statement", _statement.__wrapped__)
    viewer = Viewer(new_key(), markings=(Marking.CLEAR, Marking.GREEN))

    def find(session: Session) -> list[str]:
        unit = UnitOfWork(session, viewer)
        rows = session.scalars(select(Document)).all()
        hidden = unit.not_visible(rows)
        for row in rows:
            if row in hidden:
                with pytest.raises(NotFoundError):
                    unit.find(Document, row.id)
            else:
                assert unit.find(Document, row.id) is row
                assert unit.resolve_references(Document, [row.id], ("documents",)) == [row]
        return sorted(row.reference for row in rows if row not in hidden)

    assert await audited_write(kept, "a test", Actor(), find) == ["DOC-CLEAR", "DOC-GREEN"]


@pytest.mark.usefixtures("kept")
async def test_each_guarded_entity_has_a_view_that_shows_nothing_where_no_rights_are_told(wall_url: str) -> None:
    for model in VISIBILITY:
        if VISIBILITY[model] != (public,):
            assert await ask(wall_url, OPERATOR, f"TABLE {visible_keys_view(model.__tablename__)}") == [], model
