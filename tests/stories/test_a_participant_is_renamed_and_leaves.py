"""A participant is renamed, is found by its former code, leaves the coalition and comes back."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import update

from models import FormerName
from models.base import now
from tests.support.execute import read
from tests.support.factories import a_procurement
from tests.support.mutations import changed, refused
from tests.support.rows import keep
from tests.support.small_coalition import an_id

if TYPE_CHECKING:
    from tests.support.small_coalition import World

pytestmark = pytest.mark.anyio

PARTICIPANT = """participant { id version code name formerNames { nodes { name code until } }
  ledProcurements { nodes { reference leadParticipant { code } } } memberships { nodes { id validTo } } }"""
FOUND = f"query ($code: String!) {{ {PARTICIPANT.replace('participant', 'participant(code: $code)', 1)} }}"


async def found(world: World, code: str) -> Any:
    return (await read(world.database, FOUND, viewer=await world.viewer("reader"), code=code))["participant"]


async def broken(world: World, mutation: str, **given: Any) -> tuple[list[str], str]:
    [violation] = (await refused(world.database, await world.viewer("lead"), mutation, **given))["violations"]
    return violation["path"], violation["rule"]


async def test_a_participant_is_renamed_and_found_by_its_former_code(world: World) -> None:
    database, lead = world.database, await world.viewer("lead")
    bought = a_procurement(lead_participant=world.home)
    await keep(database, bought)
    today = now().date()
    first = today - dt.timedelta(days=30)
    given = {"id": an_id(world.home), "expectedVersion": 1, "reason": "The agency has a new name."}
    new = {"name": "Danish Agency", "code": "DKA", "renamedOn": first.isoformat()}
    late = {**new, "renamedOn": (today + dt.timedelta(days=1)).isoformat()}
    assert await broken(world, "renameParticipant", **given, **late) == (["input", "renamedOn"], "future")
    assert await broken(world, "renameParticipant", **given, code="DK") == (["input", "name"], "renamed")
    assert await broken(world, "renameParticipant", **given, code="EE") == (["input", "code"], "unique")
    named = (await found(world, "DK"))["name"]
    renamed = await changed(database, lead, "renameParticipant", PARTICIPANT, **given, **new)
    until = (first - dt.timedelta(days=1)).isoformat()
    assert (renamed["code"], renamed["name"]) == ("DKA", "Danish Agency")
    assert renamed["formerNames"]["nodes"] == [{"name": named, "code": "DK", "until": until}]
    assert renamed["ledProcurements"]["nodes"] == [{"reference": bought.reference, "leadParticipant": {"code": "DKA"}}]
    assert await found(world, "DK") == await found(world, "DKA") == renamed
    query = '{ participants(where: {formerNames: {some: {code: {eq: "DK"}}}}) { nodes { code } } }'
    assert (await read(database, query))["participants"]["nodes"] == [{"code": "DKA"}]
    # The code is not given to another participant, and the renaming before is not overtaken.
    other = {"name": "Another", "code": "DK", "kind": "AGENCY"}
    assert await broken(world, "createParticipant", **other) == (["input", "code"], "former_code")
    new = {"role": "PARTICIPANT", "validFrom": now().date().isoformat()}
    again = {**given, "expectedVersion": renamed["version"], "code": "DKB", "renamedOn": until}
    assert await broken(world, "renameParticipant", **again) == (["input", "renamedOn"], "renamed")
    # A participant gets its own former code back.
    back = {**given, "expectedVersion": renamed["version"], "code": "DK"}
    renamed = await changed(database, lead, "renameParticipant", PARTICIPANT, **back)
    assert [each["code"] for each in renamed["formerNames"]["nodes"]] == ["DK", "DKA"]
    assert (await found(world, "DKA"))["code"] == "DK"


async def test_a_renaming_is_undone_on_the_day_when_it_was_sent(world: World) -> None:
    database, lead, named = world.database, await world.viewer("lead"), (await found(world, "DK"))["name"]
    for day in ({}, {"renamedOn": (now().date() - dt.timedelta(days=30)).isoformat()}):
        given = {"id": an_id(world.home), **day}
        version = (await found(world, "DK"))["version"]
        new = {"name": "Danish Agency", "code": "DKA"}
        sent = await changed(database, lead, "renameParticipant", PARTICIPANT, **given, **new, expectedVersion=version)
        half = {**given, "expectedVersion": sent["version"], "code": "DK"}
        assert await broken(world, "renameParticipant", **half) == (["input", "renamedOn"], "renamed")
        back = {**half, "name": named}
        undone = await changed(database, lead, "renameParticipant", PARTICIPANT, **back)
        assert (undone["code"], undone["name"], undone["formerNames"]["nodes"]) == ("DK", named, [])
        assert await found(world, "DKA") is None
    # What was entered earlier was in use.
    sent = await changed(
        database, lead, "renameParticipant", PARTICIPANT, **given, **new, expectedVersion=undone["version"]
    )
    async with database.bypass_policies("a test lets a day pass", unaudited=True).begin() as connection:
        await connection.execute(update(FormerName).values(created_at=now() - dt.timedelta(days=1)))
    back |= {"expectedVersion": sent["version"]}
    assert await broken(world, "renameParticipant", **back) == (["input", "renamedOn"], "renamed")


async def test_a_participant_leaves_and_comes_back(world: World) -> None:
    database, lead = world.database, await world.viewer("lead")
    bought = a_procurement(lead_participant=world.home, status="APPROVED")
    await keep(database, bought)
    member = await found(world, "DK")
    [held] = member["memberships"]["nodes"]
    last = (now().date() - dt.timedelta(days=1)).isoformat()
    ended = {"id": held["id"], "role": "PARTICIPANT", "validTo": last}
    given = {"id": an_id(world.home), "expectedVersion": 1, "memberships": [ended], "reason": "It leaves."}
    left = await changed(database, lead, "updateParticipant", PARTICIPANT, **given)
    assert left["ledProcurements"]["nodes"] == [{"reference": bought.reference, "leadParticipant": {"code": "DK"}}]
    query = "{ clashes(where: {kind: {eq: LEAD_LEFT}}) { nodes { procurement { reference } lead { code } } } }"
    told = (await read(database, query, viewer=lead))["clashes"]["nodes"]
    assert [(each["procurement"]["reference"], each["lead"]["code"]) for each in told] == [(bought.reference, "DK")]
    new = {"role": "PARTICIPANT", "validFrom": now().date().isoformat()}
    again = {**given, "expectedVersion": left["version"], "memberships": [ended, new]}
    back = await changed(database, lead, "updateParticipant", PARTICIPANT, **again)
    assert {each["validTo"] for each in back["memberships"]["nodes"]} == {last, None}
    assert (await read(database, query, viewer=lead))["clashes"]["nodes"] == []
