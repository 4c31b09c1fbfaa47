"""The feed of changes: the changes of the objects that a viewer sees now, in the order of commits."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
from sqlalchemy import inspect, update

import models as m
from models import Marking
from models.base import now
from resolvers.access.context import Actor
from resolvers.access.visibility import changed_models
from resolvers.audit.feed import field_names
from resolvers.audit.prune_feed import prune_feed
from resolvers.audit.snapshots import REDACTED, snapshot
from resolvers.audit.transaction import audited_session
from resolvers.core.naming import api_name
from resolvers.identity.account_erasure import erase_account
from schema import schema
from schema.strawberry_internals import core_schema
from tests.support.execute import BAD_USER_INPUT, ask, read
from tests.support.factories import (
    a_document,
    a_meeting,
    a_need,
    a_procurement,
    an_agenda_item,
)
from tests.support.mutations import NEED, change, changed
from tests.support.mutations import a_need as state_need
from tests.support.rows import keep
from tests.support.small_coalition import World, an_id

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.anyio

FEED = """query ($first: Int, $after: String, $types: [ChangedType!], $groups: [String!]) {
  changes(first: $first, after: $after, types: $types, groups: $groups) {
    nodes { kind title changedFields node { __typename id ... on CapabilityNeed { title status } } }
    pageInfo { endCursor hasNextPage }
  } }"""


async def feed(world: World, name: str, **given: Any) -> list[tuple[str, str, list[str]]]:
    """Return the changes that an account sees: kind, title and changed fields."""
    found = await read(world.database, FEED, viewer=await world.viewer(name), **given)
    return [(each["kind"], each["title"], each["changedFields"]) for each in found["changes"]["nodes"]]


async def edit(world: World, work: Callable[[Any], Any]) -> None:
    """Change objects in one transaction, as commands do; `work` gets the session."""
    async with audited_session(world.database, "a test changes objects", Actor(reason="a test")) as session:
        await session.run_sync(work)


async def test_changes_come_in_order_with_title_fields_and_object_page_by_page(world: World) -> None:
    need = await state_need(world, title="Radios", marking="GREEN")
    member, chair = await world.viewer("member"), await world.viewer("chair")
    sent = {"id": need["id"], "expectedVersion": need["version"], "to": "SUBMITTED"}
    need = await changed(world.database, member, "transitionCapabilityNeed", NEED, **sent)
    sent = {"id": need["id"], "expectedVersion": need["version"], "priority": "HIGH", "title": "Encrypted radios"}
    await changed(world.database, member, "updateCapabilityNeed", NEED, **sent)
    area = {"id": an_id(world.area), "expectedVersion": 1, "name": "Cyber defence"}
    await changed(world.database, await world.viewer("lead"), "updateCapabilityArea", "capabilityArea { id }", **area)
    of_need = [
        ("CREATED", "Encrypted radios", []),
        ("TRANSITIONED", "Encrypted radios", ["status"]),
        ("UPDATED", "Encrypted radios", ["priority", "title"]),
    ]
    of_area = ("UPDATED", "Cyber defence", ["name"])
    for who in ("reader", "other", "lead"):
        assert await feed(world, who) == [*of_need, of_area]
    for group in ("EG1", an_id(world.group)):
        assert await feed(world, "other", groups=[group, "NO-SUCH-GROUP"]) == of_need
    assert await feed(world, "other", groups=["EG2"]) == []
    assert await feed(world, "other", types=["CAPABILITY_AREA", "MEETING"]) == [of_area]
    seen, after = [], None
    while True:
        page = (await read(world.database, FEED, viewer=chair, first=1, after=after))["changes"]
        seen += page["nodes"]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert [each["changedFields"] for each in seen] == [[], ["status"], ["priority", "title"], ["name"]]
    assert seen[0]["node"] == {
        "__typename": "CapabilityNeed", "id": need["id"], "title": "Encrypted radios", "status": "SUBMITTED",
    }  # fmt: skip
    assert seen[3]["node"] == {"__typename": "CapabilityArea", "id": an_id(world.area)}
    assert await feed(world, "chair", after=after) == []
    # The cursor of this feed is of no other list, and one of another list is not of this feed.
    other = "query ($after: String) { capabilityNeeds(after: $after) { nodes { id } } }"
    assert (await ask(world.database, other, viewer=chair, after=after)).refusal.code == BAD_USER_INPUT
    needs = await read(world.database, "{ capabilityNeeds { pageInfo { endCursor } } }", viewer=chair)
    foreign = needs["capabilityNeeds"]["pageInfo"]["endCursor"]
    assert (await ask(world.database, FEED, viewer=chair, after=foreign)).refusal.code == BAD_USER_INPUT


async def test_what_a_viewer_does_not_see_is_in_no_change(world: World) -> None:
    red = a_need(world.area, marking=Marking.RED, title="Secret", status=m.NeedStatus.VALIDATED, group=world.group)
    red.recipients = [world.accounts["chair"]]
    bought = a_procurement(title="Radios", marking=Marking.GREEN, group=world.group)
    meeting = a_meeting(title="Talks", marking=Marking.GREEN)
    items = [an_agenda_item(meeting, ordinal=place, title=f"Item {place}") for place in (1, 2)]
    await keep(world.database, red, bought, *items)

    def linked(session: Any) -> None:
        procurement = session.get(m.Procurement, bought.id)
        procurement.needs.append(session.get(m.CapabilityNeed, red.id))

    def removed(session: Any) -> None:
        session.delete(session.get(m.AgendaItem, items[1].id))

    def hidden(session: Any) -> None:
        session.get(m.Procurement, bought.id).marking = Marking.AMBER_STRICT

    await edit(world, linked)
    await edit(world, removed)
    of_meeting, of_link = ("UPDATED", "Talks", ["agenda"]), ("UPDATED", "Radios", ["needs"])
    assert await feed(world, "chair") == [of_link, of_meeting]
    assert await feed(world, "member") == await feed(world, "lead") == [of_meeting]
    await edit(world, hidden)
    marked = ("UPDATED", "Radios", ["marking"])
    assert await feed(world, "member") == [of_meeting, marked]
    # The policy of now decides about all changes; and nothing is left of an object that is deleted.
    assert await feed(world, "other") == [of_meeting]
    await edit(world, lambda session: session.delete(session.get(m.CapabilityNeed, red.id)))
    assert await feed(world, "chair") == [of_meeting, marked]


async def test_an_erased_person_is_in_no_change_and_the_title_of_a_red_document_is_recorded(world: World) -> None:
    person = world.accounts["other"]
    renamed = {"id": an_id(person), "expectedVersion": 1, "displayName": "A. N. Other"}
    await changed(world.database, await world.viewer("lead"), "updateAccount", "account { id }", **renamed)
    assert await feed(world, "chair") == [("UPDATED", "A. N. Other", ["displayName"])]
    await erase_account(world.database, an_id(person))
    assert await feed(world, "chair") == []
    paper = a_document(title="Plans", marking=Marking.RED, group=world.group, status=m.DocumentStatus.UNDER_REVIEW)
    paper.recipients = [world.accounts["chair"]]
    await keep(world.database, paper)

    def retitled(session: Any) -> None:
        session.get(m.Document, paper.id).title = "New plans"

    await edit(world, retitled)
    chair = await world.viewer("chair")
    for query, reads in (("{ changes { nodes { kind } } }", 0), ("{ changes { nodes { title } } }", 1)):
        await read(world.database, query, viewer=chair, recorded=True)
        events = await read(world.database, "{ auditEvents(where: {action: {eq: READ}}) { totalCount } }", viewer=chair)
        assert events["auditEvents"]["totalCount"] == reads
    found = await read(world.database, "{ changes { nodes { node { id } } } }", viewer=chair, recorded=True)
    assert found["changes"]["nodes"] == [{"node": {"id": an_id(paper)}}]


async def test_a_reader_who_resumes_while_forty_write_at_once_gets_each_change_once_and_in_order(world: World) -> None:
    member, chair = await world.viewer("member"), await world.viewer("chair")
    seen: list[str] = []
    query = """query ($after: String) { changes(first: 7, after: $after) {
        edges { cursor node { title } } } }"""

    async def follow() -> None:
        after = None
        while len(seen) < 40:
            found = await read(world.database, query, viewer=chair, after=after)
            for edge in found["changes"]["edges"]:
                after = edge["cursor"]
                seen.append(edge["node"]["title"])
            await asyncio.sleep(0)

    needs = (
        change(world.database, member, "createCapabilityNeed", NEED, **world.a_need(title=f"{n}")) for n in range(40)
    )
    await asyncio.wait_for(asyncio.gather(follow(), *needs), 60)
    assert sorted(seen, key=int) == [f"{number}" for number in range(40)]


async def test_hidden_changes_change_no_cursor_of_others(world: World) -> None:
    area = {"id": an_id(world.area), "expectedVersion": 1, "name": "Cyber defence"}
    await changed(world.database, await world.viewer("lead"), "updateCapabilityArea", "capabilityArea { id }", **area)
    query = "{ changes(last: 1) { edges { cursor node { at title } } } }"
    other = await world.viewer("other")
    shown = await read(world.database, query, viewer=other)
    await state_need(world, title="Hidden")
    assert await read(world.database, query, viewer=other) == shown
    # No number in a cursor counts what is hidden: it has the time and the key of its own change.
    cursor = json.loads(bytes.fromhex(shown["changes"]["edges"][0]["cursor"]))
    assert cursor[0] == "Change:at,id"
    assert len(cursor) == 3


async def test_changes_are_kept_for_400_days_and_an_older_cursor_is_refused(world: World) -> None:
    for title in ("Old", "New"):
        await state_need(world, title=title)
    old = now() - dt.timedelta(days=401)
    async with world.database.bypass_policies("a test ages a change", unaudited=True).begin() as connection:
        first = (await connection.execute(m.Change.__table__.select().order_by(m.Change.at))).first()
        assert first is not None
        await connection.execute(update(m.Change).where(m.Change.id == first.id).values(at=old))
    assert await prune_feed(world.database) == 1
    assert await feed(world, "chair") == [("CREATED", "New", [])]
    key = str(UUID(int=(int(old.timestamp() * 1000) << 80) | 0x7000_8000_0000_0000_0001))
    found = await read(world.database, "{ changes { edges { cursor } } }", viewer=await world.viewer("chair"))
    place, at, _ = json.loads(bytes.fromhex(found["changes"]["edges"][0]["cursor"]))
    cursor = json.dumps([place, at, key], separators=(",", ":")).encode().hex()
    refusal = (await ask(world.database, FEED, viewer=await world.viewer("chair"), after=cursor)).refusal
    words = "after is a cursor that is 401 days old, and changes are stored for 400 days. Read your objects again, and "
    assert (refusal.code, refusal.message) == (BAD_USER_INPUT, f"{words}continue with the endCursor of last: 1.")


def test_every_field_that_can_be_named_is_in_the_contract() -> None:
    types: Any = core_schema(schema).type_map
    for model in changed_models():
        columns = {each.key for each in inspect(model).column_attrs}
        links = [each.key for each in inspect(model).relationships if each.secondary is not None and not each.viewonly]
        names = [*snapshot(model()), *map(api_name, links), *map(api_name, REDACTED & columns)]
        found = field_names(model, names)
        assert found <= set(types[model.__name__].fields), model
