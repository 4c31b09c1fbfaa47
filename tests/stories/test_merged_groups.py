"""Two groups are merged: one takes over the open work of the other, and nothing is shown to more people by it."""

from __future__ import annotations

import asyncio
import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest

from models import (
    ActionItemStatus,
    DocumentStatus,
    ExpertGroupStatus,
    GroupRole,
    Marking,
    MeetingBody,
    MeetingStatus,
    Milestone,
    MilestoneStatus,
    NeedStatus,
    ProcurementStatus,
)
from resolvers.commands.visible_rules import HIDDEN
from tests.support.execute import read
from tests.support.factories import (
    a_delivery,
    a_document,
    a_group_membership,
    a_meeting,
    a_need,
    a_procurement,
    a_row,
    a_supplier,
    an_action_item,
    an_agenda_item,
    an_order,
)
from tests.support.mutations import change, changed, refused, the_trail
from tests.support.rows import keep
from tests.support.small_coalition import an_id

if TYPE_CHECKING:
    from models import Entity
    from tests.support.small_coalition import World

pytestmark = pytest.mark.anyio

MERGE, GROUP = "mergeExpertGroups", "expertGroup { id version status mergedInto { code } }"
WORK = """capabilityNeeds { nodes { reference } } procurements { nodes { reference } }
  documents { nodes { reference } } meetings { nodes { reference } } actionItems { nodes { reference } }
  milestones { nodes { reference } }"""
EVERYONE = ("chair", "member", "reader", "other", "lead")


async def prepared(world: World) -> dict[str, Entity]:
    """Store the work of the group EG1, and let `other` chair EG2; return the work by reference."""
    group, member = world.group, world.accounts["member"]
    red = {"marking": Marking.RED, "recipients": [member]}
    held = a_meeting("HELD", body=MeetingBody.EXPERT_GROUP, group=group, held_on=dt.date(2026, 1, 5))
    coming = a_meeting("COMING", body=MeetingBody.EXPERT_GROUP, group=group, status=MeetingStatus.PLANNED)
    done = {"status": ActionItemStatus.DONE, "done_on": dt.date(2026, 2, 3)}
    rows = [
        a_need(world.area, "DRAFT", group=group, status=NeedStatus.DRAFT),
        a_need(world.area, "REJECTED", group=group, status=NeedStatus.REJECTED),
        a_need(world.area, "STRICT", group=group, marking=Marking.AMBER_STRICT),
        a_need(world.area, "RED", group=group, **red),
        a_procurement("OPEN", group=group),
        a_procurement("COMPLETED", group=group, status=ProcurementStatus.COMPLETED),
        a_document("SHARED", group=group, status=DocumentStatus.RELEASED, shared_with=[world.other_group]),
        a_document("WITHDRAWN", group=group, status=DocumentStatus.WITHDRAWN),
        a_document("RED-DRAFT", group=group, status=DocumentStatus.DRAFT, **red),
        a_supplier("SUPPLIER", group=group),
        a_row(Milestone, reference="GOAL", group=group),
        a_row(Milestone, reference="NO-GOAL", group=group, status=MilestoneStatus.REACHED, ended_on=held.held_on),
        held,
        coming,
        an_action_item(held, reference="NEXT", group=group, owner_account=None, owner_group=group),
        an_action_item(held, reference="DONE", group=group, owner_account=None, owner_group=group, **done),
        an_agenda_item(coming, owner_group=group),
    ]
    await keep(
        world.database, *rows, a_group_membership(world.other_group, world.accounts["other"], role=GroupRole.CHAIR)
    )
    return {str(getattr(each, "reference", "ITEM")): each for each in rows}


def asked(world: World, **given: Any) -> dict[str, Any]:
    """Return the input that merges EG1 into EG2."""
    groups = {"id": an_id(world.group), "intoId": an_id(world.other_group)}
    return {**groups, "expectedVersion": 1, "expectedIntoVersion": 1, "reason": "One theme.", **given}


async def work_of(world: World, name: str, code: str) -> set[str]:
    """Return the references of what an account sees of a group's work."""
    found = await read(
        world.database, f'{{ expertGroup(code: "{code}") {{ {WORK} }} }}', viewer=await world.viewer(name)
    )
    return {each["reference"] for rows in found["expertGroup"].values() for each in rows["nodes"]}


async def test_two_groups_are_merged_with_open_work(world: World) -> None:
    rows = await prepared(world)
    stays = {"REJECTED", "STRICT", "RED", "COMPLETED", "WITHDRAWN", "RED-DRAFT", "HELD", "DONE", "NO-GOAL"}
    before = {name: await work_of(world, name, "EG1") & stays for name in EVERYONE}
    events = len(await the_trail(world.database))
    found = await changed(world.database, await world.viewer("lead"), MERGE, GROUP, **asked(world))
    assert (found["status"], found["mergedInto"]) == ("DISSOLVED", {"code": "EG2"})

    # The open work is that of EG2. What has ended, and what is not for all, stays where it was, for the same readers.
    moved = {"DRAFT", "OPEN", "SHARED", "COMING", "NEXT", "GOAL"}
    assert await work_of(world, "other", "EG2") == moved
    assert {name: await work_of(world, name, "EG1") for name in EVERYONE} == before
    assert before["member"] >= {"STRICT", "RED", "RED-DRAFT"}
    assert before["other"].isdisjoint({"STRICT", "RED", "RED-DRAFT"})
    assert await work_of(world, "lead", "EG2") == moved - {"DRAFT"}

    # One event for each object, with the request of all.
    trail = (await the_trail(world.database))[events:]
    changes = {each["entity_key"]: (each["request_id"], each["reason"], {*each["after"]}) for each in trail}
    touched = [rows[name] for name in (*moved, "SUPPLIER", "ITEM")] + [world.group]
    assert {each.id for each in touched} <= changes.keys()
    assert len(trail) == len(changes) == len(touched)
    assert {(request, reason) for request, reason, _ in changes.values()} == {(trail[0]["request_id"], "One theme.")}
    assert changes[rows["SHARED"].id][2] == {"groupId", "sharedWith"}
    assert changes[rows["NEXT"].id][2] == {"groupId", "ownerGroupId"}
    # The lead does not read there what it could not see: the draft.
    query = "query ($of: String) { auditEvents(first: 100, where: {entityId: {eq: $of}}) { totalCount } }"
    for name, count in (("DRAFT", 0), ("OPEN", 1)):
        log = await read(world.database, query, viewer=await world.viewer("lead"), of=an_id(rows[name]))
        assert log["auditEvents"]["totalCount"] == count

    # EG2 ends the work: also a next step that a meeting of EG1 agreed on, and it lists it at its next meeting.
    given: dict[str, Any] = {"body": "EXPERT_GROUP", "groupId": an_id(world.other_group), "title": "EG2"}
    agenda = "meeting { agenda { nodes { actionItem { reference } } } }"
    other = await world.viewer("other")
    meeting = await changed(world.database, other, "createMeeting", agenda, **given, heldOn="2090-01-01")
    assert meeting["agenda"]["nodes"] == [{"actionItem": {"reference": "NEXT"}}]
    for to, version in (("IN_PROGRESS", 2), ("DONE", 3)):
        given = {"id": an_id(rows["NEXT"]), "to": to, "expectedVersion": version}
        await changed(world.database, other, "transitionActionItem", "actionItem { status }", **given)


async def test_a_merger_is_taken_back_and_the_work_stays(world: World) -> None:
    rows = await prepared(world)
    lead = await world.viewer("lead")
    merged = await changed(world.database, lead, MERGE, GROUP, **asked(world))
    back = {"id": merged["id"], "expectedVersion": merged["version"], "to": "ACTIVE", "reason": "Two themes."}
    found = await changed(world.database, lead, "transitionExpertGroup", GROUP, **back)
    assert (found["status"], found["mergedInto"]) == ("ACTIVE", None)
    assert "OPEN" in await work_of(world, "other", "EG2")
    # The chair of EG2 gives it back, one by one.
    given = {"id": an_id(rows["OPEN"]), "expectedVersion": 2, "groupId": an_id(world.group)}
    await changed(world.database, await world.viewer("other"), "updateProcurement", "procurement { id }", **given)
    assert "OPEN" in await work_of(world, "member", "EG1")
    given = {"id": an_id(rows["NEXT"]), "expectedVersion": 2, "groupId": an_id(world.group)}
    given["owner"] = {"groupId": given["groupId"]}
    step = "actionItem { group { code } ownerGroup { code } }"
    found = await changed(world.database, await world.viewer("other"), "updateActionItem", step, **given)
    assert found == {"group": {"code": "EG1"}, "ownerGroup": {"code": "EG1"}}
    taken = {"id": an_id(rows["NEXT"]), "expectedVersion": 3, "groupId": an_id(world.other_group)}
    error = await refused(world.database, await world.viewer("member"), "updateActionItem", **taken)
    assert error["code"] == "FORBIDDEN"


async def test_a_merger_is_refused_by_path_and_rule(world: World) -> None:
    await prepared(world)
    lead, own, other = await world.viewer("lead"), an_id(world.group), an_id(world.other_group)
    error = await refused(world.database, await world.viewer("chair"), MERGE, **asked(world))
    assert (error["code"], "Ask a lead." in error["message"]) == ("FORBIDDEN", True)

    async def broken(**given: Any) -> Any:
        error = await refused(world.database, lead, MERGE, **asked(world, **given))
        return [(each["path"][1:], each["rule"]) for each in error["violations"]]

    assert await broken(intoId=own) == [(["intoId"], "itself")]
    assert await broken(reason=None) == [(["reason"], "reason")]
    assert await broken(intoId=own.replace(own[-4:], "0000")) == [(["intoId"], "reference")]
    for at in ("expectedVersion", "expectedIntoVersion"):
        error = await refused(world.database, lead, MERGE, **asked(world, **{at: 9}))
        assert (error["code"], error["path"], error["currentVersion"]) == ("CONFLICT", ["input", at], 1)
    # Of two that merge the groups into each other at once, one is refused.
    both = {"id": other, "intoId": own}
    done = await asyncio.gather(
        *(change(world.database, lead, MERGE, GROUP, **asked(world, **each)) for each in ({}, both))
    )
    assert sorted(each["__typename"].endswith("Success") for each in done) == [False, True]
    [former] = [each["expertGroup"] for each in done if "expertGroup" in each]
    former, into = (own, other) if former["id"] == own else (other, own)
    again = {"expectedVersion": 2, "expectedIntoVersion": 1}
    assert await broken(id=former, intoId=into, **again) == [(["id"], "dissolved")]
    again = {"expectedVersion": 1, "expectedIntoVersion": 2}
    assert await broken(id=into, intoId=former, **again) == [(["intoId"], "circle")]


async def test_a_delivery_that_is_not_for_all_keeps_its_procurement_from_being_handed_over(world: World) -> None:
    rows = await prepared(world)
    order = an_order(rows["OPEN"])  # type: ignore[arg-type]
    strict = a_delivery("SECRET", purchase_order=order, contribution=None, marking=Marking.AMBER_STRICT)
    await keep(world.database, order, strict)
    error = await refused(world.database, await world.viewer("lead"), MERGE, **asked(world))
    assert error["violations"] == [{"path": ["input"], "rule": "hidden", "message": HIDDEN.message}]
    assert "OPEN" in await work_of(world, "member", "EG1")
    await keep(world.database, a_group_membership(world.group, world.accounts["lead"], role=GroupRole.MEMBER))
    error = await refused(world.database, await world.viewer("lead"), MERGE, **asked(world))
    [broken] = error["violations"]
    assert (broken["path"], broken["rule"], "SECRET is AMBER_STRICT" in broken["message"]) == (
        ["input", "id"], "delivery", True,
    )  # fmt: skip
    assert world.group.status is ExpertGroupStatus.ACTIVE
