"""Expert groups and who belongs to them: who may change that, and that there is one chair at a time."""

from __future__ import annotations

import asyncio
import datetime as dt
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from models import ExpertGroup, ExpertGroupStatus, GroupMembership, GroupRole
from resolvers.commands.integrity_errors import violation_of
from tests.support.factories import a_group_membership
from tests.support.meetings import meet
from tests.support.mutations import change, changed, refused
from tests.support.rows import keep
from tests.support.small_coalition import World, an_id

pytestmark = pytest.mark.anyio

PLACE = "groupMembership { id version role validFrom expiresOn inForce }"


def a_place(world: World, name: str = "other", **given: Any) -> dict[str, Any]:
    """Return an input by which an account joins our group."""
    who = {"groupId": an_id(world.group), "accountId": an_id(world.accounts[name])}
    return {**who, "role": "MEMBER", "validFrom": "2026-01-01", **given}


async def the_chairs_place(world: World) -> str:
    """Return the id of the chair's membership."""
    statement = select(GroupMembership.id).where(GroupMembership.role == GroupRole.CHAIR)
    async with world.database.bypass_policies("a test looks behind the policies").connect() as connection:
        return f"GroupMembership:{(await connection.execute(statement)).scalar_one()}"


async def test_nothing_is_created_in_a_group_while_it_is_dissolved(world: World) -> None:
    """The creation waits for the other transaction, and then reads that the group has ended."""
    meeting = await meet(world, "EG1-1", "2026-02-09")
    step = {"meetingId": meeting["id"], "text": "Draft it.", "owner": {"accountId": an_id(world.accounts["member"])}}
    member, group = await world.viewer("member"), select(ExpertGroup).where(ExpertGroup.id == world.group.id)
    ended = update(ExpertGroup).where(ExpertGroup.id == world.group.id).values(status=ExpertGroupStatus.DISSOLVED)
    async with world.database.bypass_policies("a test dissolves a group", unaudited=True).begin() as other:
        await other.execute(group.with_for_update())
        await other.execute(ended)
        waiting = asyncio.create_task(refused(world.database, member, "createCapabilityNeed", **world.a_need()))
        await asyncio.sleep(0.3)
        assert not waiting.done()
    assert [each["rule"] for each in (await waiting)["violations"]] == ["dissolved"]
    # The group of an action item is that of its meeting.
    error = await refused(world.database, member, "createActionItem", **step)
    assert [(each["path"], each["rule"]) for each in error["violations"]] == [(["input"], "dissolved")]


async def test_leads_make_a_group_and_nobody_else_does(world: World) -> None:
    given = {"ordinal": 900, "code": "EG9", "theme": "Cyber defence", "themeStatus": "PUBLISHED"}
    error = await refused(world.database, await world.viewer("chair"), "createExpertGroup", **given)
    assert error["code"] == "FORBIDDEN"
    selected = "expertGroup { code theme status availableTransitions }"
    found = await changed(world.database, await world.viewer("lead"), "createExpertGroup", selected, **given)
    assert found == {"code": "EG9", "theme": "Cyber defence", "status": "ACTIVE", "availableTransitions": ["DISSOLVED"]}


@pytest.mark.parametrize("code", ["EG 9", "EG\u200b9", "\u0415G9", "EG\u00a09"])
async def test_a_code_is_of_visible_ascii_without_spaces(world: World, code: str) -> None:
    given = {"ordinal": 900, "code": code, "themeStatus": "PLACEHOLDER"}
    error = await refused(world.database, await world.viewer("lead"), "createExpertGroup", **given)
    assert [each["path"] for each in error["violations"]] == [["input", "code"]]


async def test_nobody_joins_a_group_that_has_ended_its_work(world: World) -> None:
    lead = await world.viewer("lead")
    asked = {"id": an_id(world.other_group), "to": "DISSOLVED", "expectedVersion": 1}
    error = await refused(world.database, lead, "transitionExpertGroup", **asked)
    assert [(each["path"], each["rule"]) for each in error["violations"]] == [(["input", "reason"], "reason")]
    asked["reason"] = "Its mandate has ended."
    await changed(world.database, lead, "transitionExpertGroup", "expertGroup { status }", **asked)
    given = a_place(world, groupId=an_id(world.other_group))
    error = await refused(world.database, lead, "createGroupMembership", **given)
    assert [(each["path"], each["rule"]) for each in error["violations"]] == [(["input", "groupId"], "dissolved")]
    # The leads take a dissolution back, with a reason.
    asked |= {"to": "ACTIVE", "expectedVersion": 2}
    chair = await world.viewer("chair")
    assert (await refused(world.database, chair, "transitionExpertGroup", **asked))["code"] == "FORBIDDEN"
    error = await refused(world.database, lead, "transitionExpertGroup", **{**asked, "reason": None})
    assert [(each["path"], each["rule"]) for each in error["violations"]] == [(["input", "reason"], "reason")]
    await changed(world.database, lead, "transitionExpertGroup", "expertGroup { status }", **asked)
    await changed(world.database, lead, "createGroupMembership", "groupMembership { id }", **{**given, "role": "CHAIR"})


NOUNS: dict[str, dict[str, Any]] = {
    "CapabilityNeed": {"title": "Radios"},
    "Document": {"title": "Network plan", "documentType": "REPORT"},
    "Procurement": {"title": "Radios"},
    "Meeting": {"title": "Working meeting", "body": "EXPERT_GROUP"},
}


@pytest.mark.parametrize("noun", NOUNS)
async def test_nothing_is_entered_in_a_group_that_has_ended_its_work_nor_passed_on_to_it(
    world: World, noun: str
) -> None:
    lead, chair = await world.viewer("lead"), await world.viewer("chair")
    areas = {"areaId": an_id(world.area)} if noun == "CapabilityNeed" else {}
    given, selected = {**NOUNS[noun], **areas}, f"{noun[0].lower()}{noun[1:]} {{ id }}"
    # One person chairs both groups, so that things may pass from one to the other.
    await keep(world.database, a_group_membership(world.other_group, world.accounts["chair"], role=GroupRole.CHAIR))
    old, new = an_id(world.group), an_id(world.other_group)
    stays = await changed(world.database, chair, f"create{noun}", selected, **given, groupId=old)
    await changed(
        world.database, lead, "transitionExpertGroup", "expertGroup { status }",
        id=old, to="DISSOLVED", expectedVersion=1, reason="Its mandate has ended.",
    )  # fmt: skip
    chair = await world.viewer("chair")
    refusals = [await refused(world.database, chair, f"create{noun}", **given, groupId=old)]
    moves = await changed(world.database, chair, f"create{noun}", selected, **given, groupId=new)
    asked = {"id": moves["id"], "expectedVersion": 1, "groupId": old}
    refusals.append(await refused(world.database, chair, f"update{noun}", **asked))
    for error in refusals:
        assert [(each["path"], each["rule"]) for each in error["violations"]] == [(["input", "groupId"], "dissolved")]
    # What it has is still brought to its end, or passed on to another.
    for version, group in ((1, old), (2, new)):
        asked = {"id": stays["id"], "expectedVersion": version, "title": "Renamed", "groupId": group}
        await changed(world.database, chair, f"update{noun}", selected, **asked)


async def test_the_chair_takes_somebody_in_who_then_writes(world: World) -> None:
    chair = await world.viewer("chair")
    found = await changed(world.database, chair, "createGroupMembership", PLACE, **a_place(world))
    assert (found["role"], found["inForce"]) == ("MEMBER", True)
    need = await changed(
        world.database, await world.viewer("other"), "createCapabilityNeed", "capabilityNeed { status }",
        **world.a_need(),
    )  # fmt: skip
    assert need == {"status": "DRAFT"}


async def test_an_observer_writes_nothing(world: World) -> None:
    chair = await world.viewer("chair")
    await changed(world.database, chair, "createGroupMembership", PLACE, **a_place(world, role="OBSERVER"))
    other = await world.viewer("other")
    error = await refused(world.database, other, "createCapabilityNeed", **world.a_need())
    assert error["code"] == "FORBIDDEN"


async def test_neither_members_nor_leads_say_who_belongs_to_a_group_that_has_a_chair(world: World) -> None:
    for name in ("member", "reader", "lead"):
        error = await refused(world.database, await world.viewer(name), "createGroupMembership", **a_place(world))
        assert error["code"] == "FORBIDDEN"


async def test_leads_appoint_the_chair_of_a_group_that_has_none(world: World) -> None:
    given = a_place(world, groupId=an_id(world.other_group), role="CHAIR")
    lead = await world.viewer("lead")
    found = await changed(world.database, lead, "createGroupMembership", PLACE, **given)
    assert found["role"] == "CHAIR"
    # From now on the rest is the chair's.
    given = a_place(world, "member", groupId=an_id(world.other_group))
    assert (await refused(world.database, lead, "createGroupMembership", **given))["code"] == "FORBIDDEN"
    await changed(world.database, await world.viewer("other"), "createGroupMembership", PLACE, **given)


async def test_a_membership_that_expired_gives_no_access(world: World) -> None:
    chair = await world.viewer("chair")
    given = a_place(world, expiresOn="2026-02-01")
    found = await changed(world.database, chair, "createGroupMembership", PLACE, **given)
    assert found["inForce"] is False
    assert (await world.viewer("other")).groups == ()


async def test_a_membership_does_not_end_before_it_begins(world: World) -> None:
    chair = await world.viewer("chair")
    error = await refused(
        world.database, chair, "createGroupMembership", **a_place(world, role="CHAIR", expiresOn="2025-12-31")
    )
    assert (error["violations"][0]["path"], error["violations"][0]["rule"]) == (["input", "expiresOn"], "period")


@pytest.mark.parametrize(
    ("first_day", "last_day"), [("2020-01-01", None), ("2020-01-01", "2024-04-03"), ("2030-01-01", "2030-01-02")]
)
async def test_a_group_has_one_chair_at_a_time(world: World, first_day: str, last_day: str | None) -> None:
    chair = await world.viewer("chair")
    given = a_place(world, role="CHAIR", validFrom=first_day, expiresOn=last_day)
    error = await refused(world.database, chair, "createGroupMembership", **given)
    assert error["violations"] == [
        {
            "path": ["input", "role"],
            "rule": "one_chair",
            "message": "The group has a chair in this period. End that membership first, or begin the day after.",
        }
    ]


async def test_a_chair_hands_over_to_the_next(world: World) -> None:
    chair = await world.viewer("chair")
    given = {"id": await the_chairs_place(world), "expectedVersion": 1, "expiresOn": "2090-12-31", "reason": "Retires."}
    ended = await changed(world.database, chair, "updateGroupMembership", PLACE, **given)
    assert ended["expiresOn"] == "2090-12-31"
    given = a_place(world, role="CHAIR", validFrom="2091-01-01")
    await changed(world.database, chair, "createGroupMembership", PLACE, **given)


async def test_the_last_chair_may_go_and_the_leads_find_another(world: World) -> None:
    today = dt.datetime.now(dt.UTC).date()
    yesterday = (today - dt.timedelta(days=1)).isoformat()
    given = {"id": await the_chairs_place(world), "expectedVersion": 1, "expiresOn": yesterday}
    leaves: list[dict[str, Any]] = [given, {**given, "expectedVersion": 2, "expiresOn": None}]
    for viewer, asked, why in zip(
        ("chair", "lead"), leaves, ("why it ends on", f"It ended on {yesterday}"), strict=True
    ):
        error = await refused(world.database, await world.viewer(viewer), "updateGroupMembership", **asked)
        assert error["path"] == ["input", "reason"]
        assert why in error["message"]
        asked["reason"] = "Moved to another ministry, and back."
        await changed(world.database, await world.viewer(viewer), "updateGroupMembership", PLACE, **asked)
    given |= {"expectedVersion": 3}
    await changed(world.database, await world.viewer("chair"), "updateGroupMembership", PLACE, **given)
    await changed(
        world.database, await world.viewer("lead"), "createGroupMembership", PLACE,
        **a_place(world, role="CHAIR", validFrom=today.isoformat()),
    )  # fmt: skip


async def test_a_chair_whom_a_lead_released_does_not_restore_himself(world: World) -> None:
    place, soon = await the_chairs_place(world), "2090-12-31"
    lead, chair = await world.viewer("lead"), await world.viewer("chair")
    released = {"id": place, "expectedVersion": 1, "expiresOn": soon, "reason": "Retires."}
    await changed(world.database, lead, "updateGroupMembership", PLACE, **released)
    for field, value in {"expiresOn": None, "role": "MEMBER", "validFrom": "2020-01-01"}.items():
        given = {"id": place, "expectedVersion": 2, field: value}
        error = await refused(world.database, chair, "updateGroupMembership", **given)
        assert [(each["path"][-1], each["rule"]) for each in error["violations"]] == [(field, "oneself")]
    later = {"id": place, "expectedVersion": 2, "expiresOn": "2091-01-01"}
    assert (await refused(world.database, chair, "updateGroupMembership", **later))["violations"]
    # Nor does he come back by another membership.
    again = a_place(world, "chair", validFrom="2091-01-01", role="CHAIR")
    error = await refused(world.database, chair, "createGroupMembership", **again)
    assert (error["violations"][0]["path"], error["violations"][0]["rule"]) == (["input", "accountId"], "oneself")
    sooner = {"id": place, "expectedVersion": 2, "expiresOn": "2090-06-30", "reason": "Ill."}
    assert (await changed(world.database, chair, "updateGroupMembership", PLACE, **sooner))["expiresOn"] == "2090-06-30"


async def test_a_lead_makes_no_chair_of_himself(world: World) -> None:
    given = a_place(world, "lead", groupId=an_id(world.other_group), role="CHAIR")
    error = await refused(world.database, await world.viewer("lead"), "createGroupMembership", **given)
    assert error["violations"][0]["rule"] == "oneself"


async def test_of_many_who_are_made_chair_at_once_one_is(world: World) -> None:
    lead = await world.viewer("lead")
    names = ("chair", "member", "reader", "other", "lead")
    given = [a_place(world, name, groupId=an_id(world.other_group), role="CHAIR") for name in names]
    answers = await asyncio.gather(
        *(change(world.database, lead, "createGroupMembership", PLACE, **each) for each in given)
    )
    made = [each for each in answers if each["__typename"] == "CreateGroupMembershipSuccess"]
    assert len(made) == 1
    # Whoever comes second finds a chair there, and is told so in one way or the other.
    assert {each["code"] for each in answers if each not in made} <= {"FORBIDDEN", "VALIDATION_FAILED"}


async def test_the_database_itself_holds_one_chair(world: World) -> None:
    second = {"role": GroupRole.CHAIR, "valid_from": dt.date(2030, 1, 1), "expires_on": dt.date(2030, 1, 2)}
    with pytest.raises(IntegrityError) as caught:
        await keep(world.database, a_group_membership(world.group, world.accounts["other"], **second))
    assert violation_of(caught.value, GroupMembership).rule == "one_chair"
