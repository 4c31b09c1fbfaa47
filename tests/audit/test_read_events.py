"""The audit log records each read of a document marked TLP:RED, or of its bytes, and no read of other documents."""

from __future__ import annotations

import pytest

from models import DocumentStatus, Marking
from resolvers.access.context import Context
from resolvers.audit.read_events import record_read
from tests.support.execute import read
from tests.support.factories import a_document, a_document_version
from tests.support.rows import keep
from tests.support.small_coalition import World, an_id

pytestmark = pytest.mark.anyio

QUERY = "{ auditEvents { nodes { action entityId requestId actor { displayName } before after } } }"


async def a_version(world: World, marking: Marking) -> str:
    """Keep a document of the group that names the chair and the member; return the key of its version."""
    document = a_document(marking=marking, group=world.group, status=DocumentStatus.RELEASED)
    document.recipients = [world.accounts["chair"], world.accounts["reader"]]
    version = a_document_version(document)
    await keep(world.database, version)
    return version.id


async def context(world: World, name: str) -> Context:
    return Context(world.database, await world.viewer(name), request_id="a-request")


async def test_reading_a_red_document_is_told_to_the_recipients_who_write_in_its_group(world: World) -> None:
    version = await a_version(world, Marking.RED)
    assert await record_read(await context(world, "reader"), version)
    event = {
        "action": "READ",
        "entityId": f"DocumentVersion:{version}",
        "requestId": "a-request",
        "actor": {"displayName": "reader"},
        "before": None,
        "after": None,
    }
    for who, told in (("chair", [event]), ("reader", [event]), ("member", []), ("lead", []), ("other", [])):
        found = await read(world.database, QUERY, viewer=await world.viewer(who))
        assert found["auditEvents"]["nodes"] == told, who


@pytest.mark.parametrize("marking", [each for each in Marking if each is not Marking.RED])
async def test_reading_any_other_document_leaves_no_trail(world: World, marking: Marking) -> None:
    assert not await record_read(await context(world, "chair"), await a_version(world, marking))
    found = await read(world.database, QUERY)
    assert found["auditEvents"]["nodes"] == []


async def test_what_is_not_there_leaves_no_trail(world: World) -> None:
    absent = an_id(world.group).partition(":")[2]
    assert not await record_read(await context(world, "chair"), absent)


async def test_each_query_that_shows_a_red_document_is_recorded_once_for_each(world: World) -> None:
    keys = [await a_red_document(world), await a_red_document(world)]
    chair = await world.viewer("chair")
    query = """query ($id: ID!) { node(id: $id) { id ... on Document { title group { documents { nodes { id } } } } }
        documents { nodes { a: id } edges { node { marking } } } }"""
    found = await read(world.database, query, viewer=chair, recorded=True, id=f"Document:{keys[0]}")
    assert found["node"]["id"] == f"Document:{keys[0]}"
    assert [list(row) for row in found["documents"]["nodes"]] == [["a"], ["a"]]
    assert [edge["node"] for edge in found["documents"]["edges"]] == [{"marking": "RED"}] * 2
    events = await read(world.database, QUERY, viewer=chair)
    told = [(each["action"], each["entityId"], each["actor"]) for each in events["auditEvents"]["nodes"]]
    assert sorted(told) == sorted(("READ", f"Document:{key}", {"displayName": "chair"}) for key in keys)


async def test_counting_what_is_red_reads_none_of_it_and_what_is_not_leaves_no_trail(world: World) -> None:
    await a_red_document(world)
    await keep(world.database, a_document(marking=Marking.GREEN, group=world.group, status=DocumentStatus.RELEASED))
    chair = await world.viewer("chair")
    counted = await read(
        world.database, "{ documents { totalCount aggregate { count } } }", viewer=chair, recorded=True
    )
    assert counted["documents"] == {"totalCount": 2, "aggregate": {"count": 2}}
    query = "{ documents(where: {marking: {eq: GREEN}}) { nodes { title marking } } }"
    found = await read(world.database, query, viewer=chair, recorded=True)
    assert [list(row) for row in found["documents"]["nodes"]] == [["title", "marking"]]
    assert (await read(world.database, QUERY, viewer=chair))["auditEvents"]["nodes"] == []


async def test_a_text_that_looks_like_a_mark_comes_back_as_it_is(world: World) -> None:
    odd = ', "$read" : null, "$read":null'
    document = a_document(marking=Marking.RED, title=odd, group=world.group, status=DocumentStatus.RELEASED)
    document.recipients = [world.accounts["chair"]]
    await keep(world.database, document)
    query = "{ documents { nodes { title } } }"
    found = await read(world.database, query, viewer=await world.viewer("chair"), recorded=True)
    assert found["documents"]["nodes"] == [{"title": odd}]


async def a_red_document(world: World) -> str:
    document = a_document(marking=Marking.RED, group=world.group, status=DocumentStatus.RELEASED)
    document.recipients = [world.accounts["chair"]]
    await keep(world.database, document)
    return document.id
