"""Reading the bytes of a document marked TLP:RED leaves a trail; reading others leaves none."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from asking import read
from keeping import keep
from making import a_document, a_document_version
from models import DocumentStatus, Marking
from resolvers.audit_reads import record_read
from resolvers.context import Context
from world import World, an_id

if TYPE_CHECKING:
    from resolvers.database import Database

pytestmark = pytest.mark.anyio

QUERY = "{ auditEvents { nodes { action entityId requestId actor { displayName } before after } } }"


@pytest.fixture
async def world(database: Database) -> World:
    return await World(database).enter()


async def a_version(world: World, marking: Marking) -> str:
    """Keep a document of the group that names the chair and the member; give the key of its version."""
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
