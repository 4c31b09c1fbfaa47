"""Who chairs a group on a day: a chair is succeeded, and a deputy acts for a member in a period or at one meeting."""

from __future__ import annotations

import asyncio
import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from models import GroupMembership, GroupRole, MeetingBody, MeetingStatus
from resolvers.access.viewer import READ_AND_WRITE
from resolvers.identity.viewer_loader import read_viewer
from tests.support.execute import read
from tests.support.factories import a_group_membership, a_meeting
from tests.support.mutations import change, changed, refused
from tests.support.rows import keep
from tests.support.small_coalition import an_id

if TYPE_CHECKING:
    from resolvers.access.viewer import Viewer
    from tests.support.small_coalition import World

pytestmark = pytest.mark.anyio

TODAY = dt.datetime.now(dt.UTC).date()
DEPUTY = "deputy { id version validFrom expiresOn deputyFor { role } account { id } meeting { title } }"
PLACE = "groupMembership { id version role validFrom expiresOn account { id } }"


def day(days: int) -> str:
    """Return the day in so many days from today."""
    return (TODAY + dt.timedelta(days=days)).isoformat()


async def on(world: World, name: str, days: int) -> Viewer:
    """Return the viewer of an account in so many days."""
    found = await read_viewer(world.database, world.accounts[name].id, READ_AND_WRITE, TODAY + dt.timedelta(days=days))
    assert found is not None
    return found


async def rights(world: World, name: str, *days: int) -> list[str]:
    """Return what an account may do in the group on each day: `chairs`, `writes`, `reads` or nothing."""
    found = []
    for each in days:
        viewer, group = await on(world, name, each), world.group.id
        held = {"chairs": viewer.chaired_groups, "writes": viewer.writable_groups, "reads": viewer.groups}
        found.append(next((right for right, groups in held.items() if group in groups), ""))
    return found


async def place_of(world: World, role: GroupRole) -> str:
    statement = select(GroupMembership.id).where(
        GroupMembership.role == role, GroupMembership.group_id == world.group.id
    )
    async with world.database.bypass_policies("a test looks behind the policies").connect() as connection:
        return f"GroupMembership:{(await connection.execute(statement)).scalar_one()}"


async def broken(world: World, name: str, mutation: str, **given: Any) -> list[tuple[str, str]]:
    """Return the path and the rule of each violation of a refused change."""
    error = await refused(world.database, await world.viewer(name), mutation, **given)
    assert error["code"] == "VALIDATION_FAILED", error
    return [(each["path"][-1], each["rule"]) for each in error["violations"]]


async def test_a_chair_is_succeeded_on_a_day(world: World) -> None:
    asked = {"id": await place_of(world, GroupRole.CHAIR), "expectedVersion": 1, "validFrom": day(10)}
    asked["accountId"] = an_id(world.accounts["other"])
    refusals: dict[tuple[str, str], dict[str, Any]] = {
        ("validFrom", "succession"): {"validFrom": "2024-04-03"},
        ("accountId", "oneself"): {"accountId": an_id(world.accounts["chair"])},
        ("id", "chair"): {"id": await place_of(world, GroupRole.MEMBER)},
    }
    for rule, given in refusals.items():
        assert rule in await broken(world, "chair", "succeedChair", **{**asked, **given})
    error = await refused(world.database, await world.viewer("member"), "succeedChair", **asked)
    assert error["code"] == "FORBIDDEN"
    # Of two who are appointed at once, one is.
    chair = await world.viewer("chair")
    both: list[dict[str, Any]] = [{}, {"accountId": an_id(world.accounts["member"]), "validFrom": day(9)}]
    done = await asyncio.gather(
        *(change(world.database, chair, "succeedChair", PLACE, **{**asked, **each}) for each in both)
    )
    assert sorted(each["__typename"] for each in done)[1] == "SucceedChairSuccess"
    [found] = [each["groupMembership"] for each in done if "groupMembership" in each]
    assert (found["role"], found["expiresOn"]) == ("CHAIR", None)
    name, first = ("other", 10) if found["validFrom"] == day(10) else ("member", 9)
    assert await rights(world, "chair", 0, first - 1, first) == ["chairs", "chairs", ""]
    before = "writes" if name == "member" else ""
    assert await rights(world, name, 0, first - 1, first, 900) == [before, before, "chairs", "chairs"]
    # Nobody chairs beside the next chair, nor is put between the two.
    asked |= {"expectedVersion": 2, "validFrom": day(5), "accountId": an_id(world.accounts["reader"])}
    assert await broken(world, "chair", "succeedChair", **asked) == [("validFrom", "one_chair")]
    beside = {"groupId": an_id(world.group), "accountId": an_id(world.accounts["reader"]), "role": "CHAIR"}
    beside |= {"validFrom": day(30), "expiresOn": day(31)}
    assert await broken(world, "chair", "createGroupMembership", **beside) == [("role", "one_chair")]


async def test_a_deputy_acts_for_a_member_in_a_period_and_no_longer_than_the_member(world: World) -> None:
    place = await place_of(world, GroupRole.CHAIR)
    asked = {"deputyForId": place, "accountId": an_id(world.accounts["other"])}
    asked |= {"validFrom": day(0), "expiresOn": day(9)}
    chair = await world.viewer("chair")
    assert (await refused(world.database, await world.viewer("member"), "createDeputy", **asked))["code"] == "FORBIDDEN"
    refusals: dict[tuple[str, str], dict[str, Any]] = {
        ("accountId", "oneself"): {"accountId": an_id(world.accounts["chair"])},
        ("validFrom", "deputy_period"): {"validFrom": "2024-04-02"},
        ("expiresOn", "period"): {"expiresOn": day(-1)},
    }
    for rule, given in refusals.items():
        assert rule in await broken(world, "chair", "createDeputy", **{**asked, **given})
    deputy = await changed(world.database, chair, "createDeputy", DEPUTY, **asked)
    assert deputy["deputyFor"] == {"role": "CHAIR"}
    assert await rights(world, "other", -1, 0, 9, 10) == ["", "chairs", "chairs", ""]
    query = "{ viewer { deputyships { totalCount nodes { expiresOn deputyFor { group { code } } } } } }"
    own = {"expiresOn": day(9), "deputyFor": {"group": {"code": "EG1"}}}
    for name, nodes in (("other", [own]), ("member", [])):
        found = await read(world.database, query, viewer=await world.viewer(name))
        assert found["viewer"]["deputyships"] == {"totalCount": len(nodes), "nodes": nodes}
    # The deputy decides for the chair, and does not stay longer.
    place_of_reader = {"groupId": an_id(world.group), "accountId": an_id(world.accounts["lead"])}
    given = {**place_of_reader, "role": "OBSERVER", "validFrom": day(0)}
    await changed(world.database, await world.viewer("other"), "createGroupMembership", PLACE, **given)
    longer = {"id": deputy["id"], "expectedVersion": 1, "expiresOn": day(20)}
    assert ("expiresOn", "oneself") in await broken(world, "other", "updateDeputy", **longer)
    # The chair becomes a member, or leaves: so does the deputy.
    member: dict[str, Any] = {"id": place, "expectedVersion": 1}
    await keep(
        world.database,
        a_group_membership(world.group, world.accounts["reader"], role=GroupRole.CO_CHAIR, valid_from=TODAY),
    )
    await changed(
        world.database, await world.viewer("reader"), "updateGroupMembership", PLACE, **member, role="SECRETARY"
    )
    assert await rights(world, "other", 0, 9) == ["writes", "writes"]
    member |= {"expectedVersion": 2, "expiresOn": day(4), "reason": "She moves."}
    await changed(world.database, await world.viewer("reader"), "updateGroupMembership", PLACE, **member)
    assert await rights(world, "other", 0, 4, 5) == ["writes", "writes", ""]
    query = """{ expertGroup(code: "EG1") { memberships(where: {role: {eq: SECRETARY}}) {
        nodes { deputies { nodes { expiresOn account { id } } } }
    } } }"""
    found = await read(world.database, query, viewer=await world.viewer("lead"))
    [listed] = found["expertGroup"]["memberships"]["nodes"]
    assert listed["deputies"]["nodes"] == [{"expiresOn": day(9), "account": {"id": asked["accountId"]}}]


async def test_a_deputy_for_one_meeting_has_the_rights_on_its_days_alone(world: World) -> None:
    start = dt.datetime.combine(TODAY + dt.timedelta(days=5), dt.time(9), dt.UTC)
    planned = {"body": MeetingBody.EXPERT_GROUP, "group": world.group, "status": MeetingStatus.PLANNED}
    meeting = a_meeting("EG1-1", held_on=start.date(), starts_at=start, ends_at=start + dt.timedelta(days=1), **planned)
    theirs = a_meeting("EG2-1", **{**planned, "group": world.other_group}, held_on=start.date())
    undated = a_meeting("EG1-2", **planned)
    await keep(world.database, meeting, theirs, undated)
    asked = {"deputyForId": await place_of(world, GroupRole.MEMBER), "accountId": an_id(world.accounts["other"])}
    asked |= {"validFrom": day(5), "expiresOn": day(6), "meetingId": an_id(meeting)}
    refusals: dict[tuple[str, str], dict[str, Any]] = {
        ("validFrom", "meeting_day"): {"validFrom": day(4)},
        ("meetingId", "meeting_day"): {"meetingId": an_id(undated)},
        ("meetingId", "meeting_of_the_group"): {"meetingId": an_id(theirs)},
    }
    for rule, given in refusals.items():
        assert await broken(world, "chair", "createDeputy", **{**asked, **given}) == [rule]
    chair = await world.viewer("chair")
    deputy = await changed(world.database, chair, "createDeputy", DEPUTY, **asked)
    assert await rights(world, "other", 4, 5, 6, 7) == ["", "writes", "writes", ""]
    # The meeting is postponed: nobody acts at it. Once it has another day, the chair appoints the deputy for that.
    moved = {"id": an_id(meeting), "expectedVersion": 1, "to": "POSTPONED"}
    await changed(world.database, chair, "transitionMeeting", "meeting { id }", **moved)
    assert await rights(world, "other", 5, 6) == ["", ""]
    moved = {"id": an_id(meeting), "expectedVersion": 2, "heldOn": day(8), "startsAt": None, "endsAt": None}
    await changed(world.database, chair, "updateMeeting", "meeting { id }", **moved)
    moved = {"id": an_id(meeting), "expectedVersion": 3, "to": "PLANNED"}
    await changed(world.database, chair, "transitionMeeting", "meeting { id }", **moved)
    assert await rights(world, "other", 5, 6, 8) == ["", "", ""]
    again = {"id": deputy["id"], "expectedVersion": 1, "validFrom": day(8), "expiresOn": day(8)}
    await changed(world.database, chair, "updateDeputy", DEPUTY, **again)
    assert await rights(world, "other", 5, 6, 8, 9) == ["", "", "writes", ""]


async def test_a_deputy_of_the_chair_names_no_chair_and_no_deputy_beyond_the_own_days(world: World) -> None:
    place, chair, reader = await place_of(world, GroupRole.CHAIR), await world.viewer("chair"), world.accounts["reader"]
    asked = {"deputyForId": place, "accountId": an_id(world.accounts["other"])}
    await changed(world.database, chair, "createDeputy", DEPUTY, **asked, validFrom=day(0), expiresOn=day(1))
    succession = {"id": place, "expectedVersion": 1, "accountId": an_id(reader), "validFrom": day(2)}
    assert await broken(world, "other", "succeedChair", **succession) == [("input", "by_deputy")]
    ended = {"id": place, "expectedVersion": 1, "expiresOn": day(1), "reason": "She moves."}
    assert await broken(world, "other", "updateGroupMembership", **ended) == [("input", "by_deputy")]
    member = {"groupId": an_id(world.group), "accountId": an_id(world.accounts["lead"]), "validFrom": day(0)}
    assert await broken(world, "other", "createGroupMembership", **member, role="CO_CHAIR") == [("input", "by_deputy")]
    made = await changed(
        world.database, await world.viewer("other"), "createGroupMembership", PLACE, **member, role="MEMBER"
    )
    raised = {"id": made["id"], "expectedVersion": 1, "role": "CO_CHAIR"}
    assert await broken(world, "other", "updateGroupMembership", **raised) == [("input", "by_deputy")]

    deputy = {"deputyForId": place, "accountId": an_id(reader), "validFrom": day(1)}
    assert await broken(world, "other", "createDeputy", **deputy, expiresOn=day(2)) == [("expiresOn", "by_deputy")]
    given = {**deputy, "expiresOn": day(1)}
    second = await changed(world.database, await world.viewer("other"), "createDeputy", DEPUTY, **given)
    longer = {"id": second["id"], "expectedVersion": 1, "expiresOn": day(5)}
    assert await broken(world, "other", "updateDeputy", **longer) == [("expiresOn", "by_deputy")]
    # The chair does all of this.
    await changed(world.database, chair, "updateDeputy", DEPUTY, **longer)
    await changed(world.database, chair, "succeedChair", PLACE, **succession)


async def test_a_disabled_account_is_not_appointed(world: World) -> None:
    gone, place, lead = world.accounts["other"], await place_of(world, GroupRole.CHAIR), await world.viewer("lead")
    deputy = {"deputyForId": place, "accountId": an_id(gone), "validFrom": day(0), "expiresOn": day(9)}
    made = await changed(world.database, await world.viewer("chair"), "createDeputy", DEPUTY, **deputy)
    await changed(world.database, lead, "disableAccount", "account { id }", id=an_id(gone), expectedVersion=1)
    member = {"groupId": an_id(world.group), "accountId": an_id(gone), "role": "MEMBER", "validFrom": day(0)}
    delegate = {"participantId": an_id(world.home), "accountId": an_id(gone), "validFrom": day(0)}
    for mutation, given in (
        ("createDeputy", {**deputy, "validFrom": day(1)}),
        ("updateDeputy", {"id": made["id"], "expectedVersion": 1, "expiresOn": day(10)}),
        ("createGroupMembership", member),
        ("succeedChair", {"id": place, "expectedVersion": 1, "accountId": an_id(gone), "validFrom": day(5)}),
        ("createDelegate", delegate),
    ):
        name = "lead" if mutation == "createDelegate" else "chair"
        field = "expiresOn" if mutation == "updateDeputy" else "accountId"
        assert await broken(world, name, mutation, **given) == [(field, "owner_left")], mutation
    # What is over can be entered, and a period can end sooner.
    chair = await world.viewer("chair")
    await changed(
        world.database,
        lead,
        "createDelegate",
        "delegate { id }",
        **{**delegate, "validFrom": day(-9)},
        expiresOn=day(-1),
    )
    await changed(world.database, chair, "updateDeputy", DEPUTY, id=made["id"], expectedVersion=1, expiresOn=day(1))
