"""Operators' changes from the command line are in the audit log, too; no change is committed without an event."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import insert, select, text, update

from models import AuditAction, AuditEvent, CapabilityArea, Document
from models.base import new_key
from resolvers.access.context import Actor
from resolvers.audit.hash_chain import verify
from resolvers.audit.recorder import append_events, event_for_key
from resolvers.database.statement_guard import PolicyBypassError
from resolvers.identity.account_admin import create_account, disable_account
from resolvers.identity.api_tokens import create_token, revoke_token
from resolvers.record.loader import load_file
from tests.support.factories import a_document, a_participant
from tests.support.records import SMALL, written
from tests.support.rows import keep

if TYPE_CHECKING:
    from pathlib import Path

    from resolvers.database.database import Database

pytestmark = pytest.mark.anyio

EMAIL = "person@example.org"


async def the_trail(database: Database) -> list[Any]:
    async with database.bypass_policies("a test reads the trail").connect() as connection:
        return list((await connection.execute(select(AuditEvent).order_by(AuditEvent.sequence))).all())


async def load(database: Database, file: Path) -> None:
    await load_file(database.bypass_policies("a record is loaded by an operator"), file)


async def test_accounts_and_tokens_leave_a_trail(database: Database) -> None:
    await keep(database, a_participant("EE"))
    account = await create_account(database, EMAIL, "A person", "EE")
    token = await create_token(database, EMAIL, "laptop", "write")
    await revoke_token(database, token.id)
    await revoke_token(database, token.id)
    await disable_account(database, EMAIL)
    events = await the_trail(database)
    assert [(each.action.name, each.entity_id) for each in events if each.entity_type != "Contact"] == [
        ("CREATE", f"Account:{account}"),
        ("CREATE", f"ApiToken:{token.id}"),
        ("UPDATE", f"ApiToken:{token.id}"),
        ("UPDATE", f"Account:{account}"),
    ]
    assert {each.actor_id for each in events} == {None}
    assert all(each.reason.startswith("an operator ") for each in events)
    assert EMAIL not in str([(each.before, each.after) for each in events])
    assert token.text not in str([(each.before, each.after) for each in events])


async def test_a_load_leaves_an_event_for_each_object(database: Database, tmp_path: Path) -> None:
    await load(database, written(tmp_path, SMALL))
    made = await the_trail(database)
    assert {each.action.name for each in made} == {"CREATE"}
    kinds = [each.entity_type for each in made]
    assert (kinds.count("Participant"), kinds.count("Decision"), kinds.count("Allocation")) == (3, 3, 1)
    assert len({each.entity_id for each in made}) == len(made)
    await load(database, written(tmp_path, SMALL))
    assert len(await the_trail(database)) == len(made)
    assert (await verify(database)).sequence == len(made)


async def test_a_load_tells_what_it_changed(database: Database, tmp_path: Path) -> None:
    await load(database, written(tmp_path, SMALL))
    before = len(await the_trail(database))
    procurement = {"reference": "PROC-001", "title": "Radios", "funders": ["PL"]}
    meeting = {**SMALL["meetings"][0], "agenda": [{"title": "Procurements"}]}
    source = {"url": "https://example.org/release"}
    figure = {**SMALL["publishedFigures"][0], "sources": [source]}
    changed = {"procurements": [procurement], "meetings": [meeting], "publishedFigures": [figure]}
    await load(database, written(tmp_path, changed))
    events = {each.entity_type: each for each in (await the_trail(database))[before:]}
    assert set(events) == {"Procurement", "AgendaItem", "PublishedFigure"}
    assert events["Procurement"].before["title"] == "Laptops"
    assert events["Procurement"].after["title"] == "Radios"
    assert len(events["Procurement"].before["funders"]) == len(events["Procurement"].after["funders"]) == 1
    assert events["Procurement"].before["funders"] != events["Procurement"].after["funders"]
    assert (events["AgendaItem"].action.name, events["AgendaItem"].before["title"]) == ("REMOVE", "Roadmap")
    assert events["PublishedFigure"].after == {"sources": [source["url"]]}


async def test_a_change_that_leaves_no_trail_is_not_committed(database: Database) -> None:
    await keep(database, a_document("DOC-1"))
    statements = (
        insert(CapabilityArea).values(code="SPACE", name="Space"),
        update(Document).values(title="x"),
        text("UPDATE documents SET title = 'x'"),
        text("DELETE FROM documents"),
        text("WITH one AS (SELECT 1) DELETE FROM documents"),
    )
    for statement in statements:
        with pytest.raises(PolicyBypassError, match="writes no audit event"):
            async with database.bypass_policies("a test forgets the trail").begin() as connection:
                await connection.execute(statement)
    async with database.bypass_policies("a test looks").connect() as connection:
        assert (await connection.execute(select(Document.title))).scalars().all() == ["The paper DOC-1"]
        assert (await connection.execute(select(CapabilityArea.id))).all() == []


async def test_a_change_that_is_committed_by_itself_is_refused(database: Database) -> None:
    lane = database.bypass_policies("a test forgets the trail").execution_options(isolation_level="AUTOCOMMIT")
    async with lane.connect() as connection:
        with pytest.raises(PolicyBypassError, match="in autocommit"):
            await connection.execute(text("DELETE FROM documents"))


async def test_a_change_with_its_event_is_committed(database: Database) -> None:
    key = new_key()
    async with database.bypass_policies("a test leaves a trail").begin() as connection:
        await connection.execute(insert(CapabilityArea).values(id=key, code="SPACE", name="Space"))
        event = event_for_key("CapabilityArea", key, AuditAction.CREATE, after={"code": "SPACE"})
        await connection.run_sync(append_events, Actor(reason="a test"), [event])
    assert [each.entity_id for each in await the_trail(database)] == [f"CapabilityArea:{key}"]


async def test_a_change_that_met_nothing_needs_no_trail(database: Database) -> None:
    async with database.bypass_policies("a test changes nothing").begin() as connection:
        changed = await connection.execute(text("UPDATE documents SET title = 'x'"))
    assert changed.rowcount == 0


async def test_what_one_transaction_left_undone_is_not_laid_to_the_next(database: Database) -> None:
    await keep(database, a_document("DOC-1"))
    async with database.bypass_policies("a test goes back").connect() as connection:
        await connection.execute(text("UPDATE documents SET title = 'x'"))
        await connection.rollback()
        await connection.execute(text("SELECT count(*) FROM documents"))
        await connection.commit()
