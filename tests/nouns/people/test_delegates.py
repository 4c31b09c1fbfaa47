"""Delegates: who speaks for a participant on a day, and who may say so."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from resolvers.access.viewer import PUBLIC
from tests.support.execute import read
from tests.support.mutations import changed, refused
from tests.support.small_coalition import an_id

if TYPE_CHECKING:
    from tests.support.small_coalition import World

pytestmark = pytest.mark.anyio

DELEGATE = "delegate { id version validFrom expiresOn personName account { id } participant { code } }"


async def send(world: World, name: str, **given: Any) -> Any:
    fields = {"participantId": an_id(world.home), "validFrom": "2026-01-01", **given}
    return await changed(world.database, await world.viewer(name), "createDelegate", DELEGATE, **fields)


async def test_a_participant_sends_its_delegates_and_they_speak_on_their_days(world: World) -> None:
    chair = an_id(world.accounts["chair"])
    first = await send(world, "member", accountId=chair, expiresOn="2026-06-30")
    assert (first["participant"], first["account"], first["personName"]) == ({"code": "DK"}, {"id": chair}, None)
    named = await send(world, "lead", personName="Kari Nordmann", validFrom="2026-07-01")
    member = await world.viewer("member")
    attendees = [{"accountId": chair}, {"personName": "Kari Nordmann"}]
    given: dict[str, Any] = {"body": "EXPERT_GROUP", "groupId": an_id(world.group), "title": "EG1"}
    given["attendances"] = [{"participantId": an_id(world.home), "attendees": attendees}]
    listed = "meeting { attendances { nodes { capacity attendees { nodes { personName isDelegate } } } } }"
    for held_on, speak in (("2026-06-30", [True, False]), ("2026-07-01", [False, True])):
        meeting = await changed(world.database, member, "createMeeting", listed, **given, heldOn=held_on)
        [attendance] = meeting["attendances"]["nodes"]
        assert attendance["capacity"] == "PARTICIPANT"
        assert [each["isDelegate"] for each in attendance["attendees"]["nodes"]] == speak
    query = """{ participant(code: "DK") { delegates(where: {expiresOn: {isNull: true}}) { nodes { personName } } } }"""
    for viewer, seen in ((await world.viewer("other"), [{"personName": "Kari Nordmann"}]), (PUBLIC, None)):
        found = await read(world.database, query, viewer=viewer)
        assert (found["participant"]["delegates"]["nodes"] or None) == seen
    # The period of a delegate ends; the person stays.
    ended = {"id": named["id"], "expectedVersion": 1, "expiresOn": "2026-12-31"}
    assert (await changed(world.database, member, "updateDelegate", DELEGATE, **ended))["expiresOn"] == "2026-12-31"


async def test_a_delegate_is_one_person_once_on_each_day(world: World) -> None:
    chair = an_id(world.accounts["chair"])
    await send(world, "member", accountId=chair, expiresOn="2026-06-30")
    asked = {"participantId": an_id(world.home), "accountId": chair, "validFrom": "2026-06-30"}
    for given, broken in (
        ({}, (["input", "validFrom"], "delegated_once")),
        ({"personName": "Kari Nordmann"}, (["input"], "one_person")),
        ({"accountId": None}, (["input"], "one_person")),
        ({"validFrom": "2026-08-01", "expiresOn": "2026-07-01"}, (["input", "expiresOn"], "period")),
    ):
        error = await refused(world.database, await world.viewer("member"), "createDelegate", **{**asked, **given})
        assert [(each["path"], each["rule"]) for each in error["violations"]] == [broken]
    # Estonia's delegates are Estonia's: another participant does not send them.
    asked["participantId"] = an_id(world.leads)
    error = await refused(world.database, await world.viewer("member"), "createDelegate", **asked)
    assert (error["code"], "Ask an account of the participant" in error["message"]) == ("FORBIDDEN", True)
    await send(world, "member", accountId=chair, validFrom="2026-07-01")
