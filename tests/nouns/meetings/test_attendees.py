"""Attendees: who attended a meeting for a participant, and the owners of its agenda items."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest

from models import Attendee, CoalitionRole, ExpertGroupStatus
from models.base import now
from resolvers.access.viewer import PUBLIC
from tests.support.execute import read
from tests.support.factories import (
    a_coalition_membership,
    a_meeting,
    a_participant,
    an_account,
    an_attendance,
    an_expert_group,
)
from tests.support.mutations import changed, refused, the_trail
from tests.support.rows import keep
from tests.support.rows import refused as refused_by_database
from tests.support.small_coalition import an_id

if TYPE_CHECKING:
    from tests.support.small_coalition import World

pytestmark = pytest.mark.anyio

ATTENDANCES = """attendances { nodes { id participant { code } capacity mayVote
    attendees(orderBy: [{field: ORDINAL}]) { nodes { id ordinal account { id } personName } } } }"""
MEETING = f"meeting {{ id version status {ATTENDANCES} }}"


async def entered(world: World, **given: Any) -> Any:
    given = {"body": "STEERING_GROUP", "title": "Twelfth meeting", "marking": "CLEAR", **given}
    return await changed(world.database, await world.viewer("lead"), "createMeeting", MEETING, **given)


async def refusal(world: World, **given: Any) -> set[tuple[str, str]]:
    given = {"body": "STEERING_GROUP", "title": "Twelfth meeting", **given}
    error = await refused(world.database, await world.viewer("lead"), "createMeeting", **given)
    return {(".".join(each["path"]), each["rule"]) for each in error["violations"]}


def shown(meeting: Any) -> list[tuple[str | None, str | None]]:
    [attendance] = meeting["attendances"]["nodes"]
    return [
        (each["account"] and each["account"]["id"], each["personName"]) for each in attendance["attendees"]["nodes"]
    ]


async def test_persons_attend_for_a_participant_and_only_accounts_learn_who(world: World) -> None:
    member = an_id(world.accounts["member"])
    attendees = [{"accountId": member}, {"personName": "Kari Nordmann"}]
    made = await entered(
        world, heldOn="2026-03-09", attendances=[{"participantId": an_id(world.home), "attendees": attendees}]
    )
    assert shown(made) == [(member, None), (None, "Kari Nordmann")]
    query = f"query ($id: ID!) {{ node(id: $id) {{ ... on Meeting {{ {ATTENDANCES} }} }} }}"
    for viewer, count in ((await world.viewer("reader"), 2), (PUBLIC, 0)):
        found = await read(world.database, query, viewer=viewer, id=made["id"])
        assert len(shown(found["node"])) == count
    where = """{ meetings(where: {attendances: {some: {attendees: {some: {personName: {startsWith: "Kari"}}}}}}) {
        totalCount } }"""
    assert (await read(world.database, where, viewer=await world.viewer("reader")))["meetings"]["totalCount"] == 1
    # The audit log identifies people by their accounts, and never by names.
    assert "Nordmann" not in str(await the_trail(world.database))
    [attendance] = made["attendances"]["nodes"]
    first, second = attendance["attendees"]["nodes"]
    corrected = {"id": second["id"], "personName": "Kari Hansen"}
    item = {"id": attendance["id"], "participantId": an_id(world.home), "attendees": [{"id": first["id"]}, corrected]}
    given = {"id": made["id"], "expectedVersion": made["version"], "attendances": [item]}
    changed_ = await changed(world.database, await world.viewer("lead"), "updateMeeting", MEETING, **given)
    assert shown(changed_) == [(member, None), (None, "Kari Hansen")]


async def test_an_attendee_is_one_person_and_is_there_once(world: World) -> None:
    member = an_id(world.accounts["member"])
    both, twice = {"accountId": member, "personName": "Kari"}, [{"personName": "Kari"}, {"personName": "Kari"}]
    lists = ([{}, both], twice, [{"accountId": member}, {"accountId": member}])
    people = [world.home, world.leads, a_participant("NO")]
    await keep(world.database, people[-1])
    attendances = [{"participantId": an_id(who), "attendees": each} for who, each in zip(people, lists, strict=True)]
    assert await refusal(world, attendances=attendances[:1]) == {
        (f"input.attendances.0.attendees.{place}", "one_person") for place in range(2)
    }
    assert await refusal(world, attendances=attendances[1:]) == {
        ("input.attendances.0.attendees.1.personName", "attended_once"),
        ("input.attendances.1.attendees.1.accountId", "attended_once"),
    }
    attendance = an_attendance(a_meeting(), a_participant())
    nobody = Attendee(attendance=attendance, ordinal=1)
    await refused_by_database(world.database, "ck_attendees_one_person", nobody)


async def test_the_capacity_is_the_role_of_the_participant_on_the_day(world: World) -> None:
    nation = a_participant("NO")
    periods = (
        (CoalitionRole.OBSERVER, None, dt.date(2026, 3, 8)),
        (CoalitionRole.PARTICIPANT, dt.date(2026, 3, 9), None),
    )
    places = [
        a_coalition_membership(nation, role=role, valid_from=first, valid_to=last) for role, first, last in periods
    ]
    await keep(world.database, nation, *places)
    attendances = [{"participantId": an_id(nation)}]

    async def capacity(**given: Any) -> Any:
        made = await entered(world, attendances=attendances, **given)
        [found] = made["attendances"]["nodes"]
        return found["capacity"], found["mayVote"], made

    assert (await capacity(heldOn="2026-03-08"))[:2] == ("OBSERVER", False)
    assert (await capacity(heldOn="2026-03-09"))[:2] == ("PARTICIPANT", True)
    for given in ({}, {"heldOn": "2026-03-31", "heldOnPrecision": "MONTH"}):
        assert (await capacity(**given))[:2] == (None, None)
    *_, planned = await capacity(heldOn="2026-03-08", status="PLANNED")
    assert planned["attendances"]["nodes"][0]["capacity"] is None
    wanted = {"id": planned["id"], "expectedVersion": 1, "to": "HELD"}
    held = await changed(world.database, await world.viewer("lead"), "transitionMeeting", MEETING, **wanted)
    assert held["attendances"]["nodes"][0]["capacity"] == "OBSERVER"
    # A capacity that is stated stays.
    attendances = [{"participantId": an_id(nation), "capacity": "LEAD"}]
    assert (await capacity(heldOn="2026-03-08"))[:2] == ("LEAD", True)


async def test_an_agenda_item_has_one_owner_at_most_who_is_at_work(world: World) -> None:
    owners = {
        "ownerParticipantId": an_id(world.home),
        "ownerGroupId": an_id(world.group),
        "ownerAccountId": an_id(world.accounts["member"]),
    }
    selected = """meeting { id version agenda(orderBy: [{field: ORDINAL}]) { nodes { id title
        ownerParticipant { code } ownerGroup { code } ownerAccount { id } } } }"""
    agenda = [{"title": name, name: key} for name, key in owners.items()]
    given = {"body": "STEERING_GROUP", "title": "Twelfth meeting", "agenda": [*agenda, {"title": "Any other business"}]}
    made = await changed(world.database, await world.viewer("lead"), "createMeeting", selected, **given)
    found = [
        [bool(each[name]) for name in ("ownerParticipant", "ownerGroup", "ownerAccount")]
        for each in made["agenda"]["nodes"]
    ]
    assert found == [[True, False, False], [False, True, False], [False, False, True], [False, False, False]]
    assert await refusal(world, agenda=[{"title": "Two", **owners}]) == {("input.agenda.0", "one_owner")}
    gone = an_expert_group(status=ExpertGroupStatus.DISSOLVED)
    disabled = an_account(world.home, "gone@example.org", disabled_at=now())
    await keep(world.database, gone, disabled)
    agenda = [{"title": "One", "ownerGroupId": an_id(gone)}, {"title": "Two", "ownerAccountId": an_id(disabled)}]
    assert await refusal(world, agenda=agenda) == {
        ("input.agenda.0.ownerGroupId", "owner_left"),
        ("input.agenda.1.ownerAccountId", "owner_left"),
    }
