"""Action items: their owner, when one is overdue, how it ends and is reopened, and which changes are refused."""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING, Any

import pytest

from models import ActionItemStatus, ExpertGroupStatus, Marking, MeetingBody
from models.base import now
from models.meetings.action_items import ACTION_ITEM_TRANSITIONS
from tests.support.execute import ask, read
from tests.support.factories import (
    a_coalition_membership,
    a_decision,
    a_meeting,
    a_participant,
    a_procurement,
    an_account,
    an_action_item,
)
from tests.support.mutations import change, changed, refused
from tests.support.rows import changes, keep
from tests.support.small_coalition import an_id

if TYPE_CHECKING:
    from models import Entity
    from tests.support.small_coalition import World

pytestmark = pytest.mark.anyio

ITEM = """actionItem { id version reference status isOverdue doneOn outcome availableTransitions
    ownerParticipant { code } ownerGroup { code } ownerAccount { displayName }
    targets { nodes { ordinal procurement { id } participant { code } } } }"""
YESTERDAY = (now().date() - dt.timedelta(days=1)).isoformat()
TOMORROW = (now().date() + dt.timedelta(days=1)).isoformat()


def a_step(world: World, **given: Any) -> dict[str, Any]:
    """Return an input that creates an action item of the group, which the group owns."""
    group = an_id(world.group)
    return {"text": "Draft the specification.", "groupId": group, "owner": {"groupId": group}, **given}


async def created(world: World, name: str = "member", **given: Any) -> Any:
    return await changed(world.database, await world.viewer(name), "createActionItem", ITEM, **a_step(world, **given))


async def rules(world: World, mutation: str, name: str = "member", **given: Any) -> set[tuple[str, str]]:
    """Send a change that must be refused; return the path and rule of each violation."""
    error = await refused(world.database, await world.viewer(name), mutation, **given)
    return {(".".join(each["path"]), each["rule"]) for each in error["violations"]}


async def moved(world: World, item: Any, to: str, name: str = "member", **given: Any) -> Any:
    given = {"id": item["id"], "expectedVersion": item["version"], "to": to, **given}
    return await changed(world.database, await world.viewer(name), "transitionActionItem", ITEM, **given)


async def test_an_owner_that_only_observes_ends_its_action_item_and_leaves_the_words_of_the_group(world: World) -> None:
    item = await created(world, owner={"accountId": an_id(world.accounts["reader"])})
    given = {"id": item["id"], "expectedVersion": 1}
    broken = await rules(world, "updateActionItem", "reader", **given, text="Mine.", marking="AMBER_STRICT")
    assert broken == {("input.text", "observer"), ("input.marking", "observer")}
    told = await changed(
        world.database, await world.viewer("reader"), "updateActionItem", ITEM, **given, outcome="Begun."
    )
    for to in ("IN_PROGRESS", "DONE"):
        told = await moved(world, told, to, "reader")
    assert told["status"] == "DONE"


def test_an_action_item_is_worked_on_done_or_cancelled_and_may_be_reopened() -> None:
    rules = ("OPEN → IN_PROGRESS → DONE·CANCELLED → OPEN", "OPEN → CANCELLED")
    assert changes(ActionItemStatus, *rules) == ACTION_ITEM_TRANSITIONS


@pytest.mark.parametrize("owner", ["participantId", "groupId", "accountId"])
async def test_an_action_item_has_one_owner(world: World, owner: str) -> None:
    owners: dict[str, Entity] = {
        "participantId": world.home,
        "groupId": world.other_group,
        "accountId": world.accounts["reader"],
    }
    item = await created(world, owner={owner: an_id(owners[owner])})
    names = ("ownerParticipant", "ownerGroup", "ownerAccount")
    assert [name for name in names if item[name]] == [f"owner{owner[0].upper()}{owner[1:-2]}"]
    given = {"id": item["id"], "expectedVersion": 1, "owner": {"participantId": an_id(world.leads)}}
    item = await changed(world.database, await world.viewer("member"), "updateActionItem", ITEM, **given)
    assert [item[name] for name in names] == [{"code": "EE"}, None, None]


async def test_the_contract_refuses_an_action_item_with_no_owner_or_two(world: World) -> None:
    query = "mutation ($input: CreateActionItemInput!) { createActionItem(input: $input) { __typename } }"
    member, group = await world.viewer("member"), an_id(world.group)
    for owner in ({}, {"groupId": group, "participantId": an_id(world.home)}, {"groupId": None}):
        answer = await ask(world.database, query, viewer=member, input=a_step(world, owner=owner))
        assert re.search("must specify exactly one key|must be non-null", answer.errors[0].message)
    given = a_step(world)
    del given["owner"]
    answer = await ask(world.database, query, viewer=member, input=given)
    assert "owner" in answer.errors[0].message


async def test_an_action_item_is_overdue_after_its_due_date_until_it_is_done(world: World) -> None:
    late, early = await created(world, dueOn=YESTERDAY), await created(world, dueOn=TOMORROW)
    assert (late["isOverdue"], early["isOverdue"]) == (True, False)
    query = "{ actionItems(where: {isOverdue: {eq: true}}) { nodes { reference } } }"
    found = await read(world.database, query, viewer=await world.viewer("reader"))
    assert found["actionItems"]["nodes"] == [{"reference": late["reference"]}]
    late = await moved(world, await moved(world, late, "IN_PROGRESS"), "DONE")
    assert (late["isOverdue"], late["doneOn"]) == (False, now().date().isoformat())


async def test_only_a_chair_reopens_an_action_item_and_says_why(world: World) -> None:
    item = await moved(world, await moved(world, await created(world), "IN_PROGRESS"), "DONE")
    wanted = {"id": item["id"], "expectedVersion": item["version"], "to": "OPEN"}
    member = await world.viewer("member")
    error = await refused(world.database, member, "transitionActionItem", reason="Not finished.", **wanted)
    assert error["code"] == "FORBIDDEN"
    assert await rules(world, "transitionActionItem", "chair", **wanted) == {("input.reason", "reason")}
    item = await moved(world, item, "OPEN", "chair", reason="The document lacks an annex.")
    assert (item["status"], item["doneOn"]) == ("OPEN", None)


async def test_the_owner_reports_on_an_action_item_of_another_group(world: World) -> None:
    item = await created(world, owner={"accountId": an_id(world.accounts["other"])})
    item = await moved(world, item, "IN_PROGRESS", "other")
    given = {"id": item["id"], "expectedVersion": item["version"], "outcome": "Sent to the supplier."}
    other = await world.viewer("other")
    item = await changed(world.database, other, "updateActionItem", ITEM, **given)
    assert item["outcome"] == "Sent to the supplier."
    reader = await world.viewer("reader")
    error = await refused(world.database, reader, "updateActionItem", **{**given, "expectedVersion": 3})
    assert error["code"] == "FORBIDDEN"


async def test_the_members_of_a_participant_report_on_its_action_items_while_it_is_in_the_coalition(
    world: World,
) -> None:
    item = await created(world, owner={"participantId": an_id(world.home)})
    assert (await moved(world, item, "IN_PROGRESS", "other"))["status"] == "IN_PROGRESS"
    given = {"id": item["id"], "expectedVersion": 2, "to": "DONE"}
    lead = await world.viewer("lead")
    assert (await refused(world.database, lead, "transitionActionItem", **given))["code"] == "FORBIDDEN"


async def test_an_owner_who_left_gets_no_action_item(world: World) -> None:
    gone, home = a_participant("NO"), world.home
    disabled = an_account(home, "disabled@example.org", disabled_at=dt.datetime(2025, 1, 1, tzinfo=dt.UTC))
    person = an_account(gone, "gone@example.org")
    world.other_group.status = ExpertGroupStatus.DISSOLVED
    period = a_coalition_membership(gone, valid_from=dt.date(2024, 1, 1), valid_to=dt.date(2025, 1, 1))
    await keep(world.database, period, person, disabled)
    lead, group = await world.viewer("lead"), an_id(world.other_group)
    given = {"id": group, "expectedVersion": 1, "to": "DISSOLVED", "reason": "Its mandate has ended."}
    await changed(world.database, lead, "transitionExpertGroup", "expertGroup { id }", **given)
    for owner in (
        {"participantId": an_id(gone)}, {"accountId": an_id(person)}, {"accountId": an_id(disabled)},
        {"groupId": group},
    ):  # fmt: skip
        (name,) = owner
        found = await rules(world, "createActionItem", **a_step(world, owner=owner))
        assert found == {(f"input.owner.{name}", "owner_left")}


async def test_an_owner_who_cannot_read_the_action_item_is_refused_as_such_a_reviewer_is(world: World) -> None:
    member, strict = await world.viewer("member"), {"marking": "AMBER_STRICT"}
    outside = ({"accountId": an_id(world.accounts["other"])}, {"participantId": an_id(world.leads)})
    for owner in outside:
        error = await refused(world.database, member, "createActionItem", **a_step(world, owner=owner, **strict))
        [violation] = error["violations"]
        assert (violation["path"], violation["rule"]) == (["input", "owner", *owner], "owner")
        assert violation["message"] == "This owner cannot read the action item. Choose another owner."
    # One of the persons of a participant is enough, and a group without members has no one to read it yet.
    for owner in ({"participantId": an_id(world.home)}, {"groupId": an_id(world.other_group)}):
        item = await created(world, owner=owner, **strict)
    given = {"id": item["id"], "expectedVersion": 1, "owner": outside[0]}
    assert await rules(world, "updateActionItem", **given) == {("input.owner.accountId", "owner")}
    # A group or a marking must not hide it from its owner. Raising a marking alone always works.
    chair, given = await world.viewer("chair"), given | {"marking": "AMBER", "reason": "For all."}
    await changed(world.database, chair, "updateActionItem", ITEM, **given)
    given = {"id": item["id"], "expectedVersion": 2, **strict, "text": "Draft it."}
    assert await rules(world, "updateActionItem", "chair", **given) == {("input.marking", "owner")}
    await changed(world.database, chair, "updateActionItem", ITEM, **given, owner={"groupId": an_id(world.group)})
    given = {"id": item["id"], "expectedVersion": 3, "groupId": an_id(world.other_group)}
    assert await rules(world, "updateActionItem", "chair", **given) == {("input.groupId", "owner")}


async def test_an_action_item_is_due_after_the_meeting_that_agreed_on_it(world: World) -> None:
    meeting = a_meeting(body=MeetingBody.EXPERT_GROUP, group=world.group, held_on=dt.date(2026, 3, 2))
    await keep(world.database, meeting)
    given = a_step(world, meetingId=an_id(meeting), dueOn="2026-03-01")
    assert await rules(world, "createActionItem", **given) == {("input.dueOn", "due_after_meeting")}
    assert await created(world, meetingId=an_id(meeting), dueOn="2026-03-02")


async def test_an_action_item_of_a_meeting_is_that_of_the_group_that_met(world: World) -> None:
    meeting = a_meeting(body=MeetingBody.EXPERT_GROUP, group=world.group, held_on=dt.date(2026, 3, 2))
    await keep(world.database, meeting)
    owner = {"accountId": an_id(world.accounts["member"])}
    given = {"text": "Draft the specification.", "meetingId": an_id(meeting), "owner": owner}
    item = "actionItem { group { code } meeting { id } }"
    made = await changed(world.database, await world.viewer("chair"), "createActionItem", item, **given)
    assert made == {"group": {"code": "EG1"}, "meeting": {"id": an_id(meeting)}}
    error = await refused(world.database, await world.viewer("other"), "createActionItem", **given)
    assert error["code"] == "FORBIDDEN"


async def test_an_action_item_belongs_to_the_group_and_the_meeting_of_its_decision(world: World) -> None:
    meeting = a_meeting(body=MeetingBody.STEERING_GROUP, marking=Marking.CLEAR)
    decision = a_decision(meeting)
    await keep(world.database, decision)
    given = a_step(world, meetingId=an_id(meeting))
    assert await rules(world, "createActionItem", **given) == {("input.groupId", "group_of_the_meeting")}
    given = a_step(world, decisionId=an_id(decision))
    assert await rules(world, "createActionItem", **given) == {("input.meetingId", "meeting_of_the_decision")}


async def test_a_meeting_that_the_viewer_does_not_see_looks_like_none(world: World) -> None:
    meeting = a_meeting(body=MeetingBody.EXPERT_GROUP, group=world.group, marking=Marking.RED)
    await keep(world.database, meeting)
    given = a_step(world, meetingId=an_id(meeting))
    hidden = await refused(world.database, await world.viewer("member"), "createActionItem", **given)
    given["meetingId"] = "Meeting:00000000-0000-4000-8000-000000000000"
    absent = await refused(world.database, await world.viewer("member"), "createActionItem", **given)
    assert hidden == absent


async def test_a_target_is_one_object_named_once(world: World) -> None:
    home = {"participantId": an_id(world.home)}
    both = {**home, "expertGroupId": an_id(world.group)}
    found = await rules(world, "createActionItem", **a_step(world, targets=[home, {}, both, home]))
    assert found == {
        ("input.targets.1", "one_target"), ("input.targets.2", "one_target"), ("input.targets.3", "targeted_once"),
    }  # fmt: skip


async def test_the_targets_of_an_action_item_are_read_from_both_sides(world: World) -> None:
    buying = a_procurement(group=world.group)
    await keep(world.database, buying)
    item = await created(world, targets=[{"procurementId": an_id(buying)}, {"participantId": an_id(world.home)}])
    assert [each["ordinal"] for each in item["targets"]["nodes"]] == [1, 2]
    query = "{ procurements { nodes { actionItems { nodes { reference } } } } }"
    found = await read(world.database, query, viewer=await world.viewer("reader"))
    assert found["procurements"]["nodes"][0]["actionItems"]["nodes"] == [{"reference": item["reference"]}]


async def test_the_date_of_completion_is_for_what_is_done(world: World) -> None:
    assert await rules(world, "createActionItem", **a_step(world, doneOn=YESTERDAY)) == {("input.doneOn", "done_on")}
    item = await moved(world, await moved(world, await created(world), "IN_PROGRESS"), "DONE")
    given = {"id": item["id"], "expectedVersion": item["version"]}
    for day in (TOMORROW, None):
        assert await rules(world, "updateActionItem", **given, doneOn=day) == {("input.doneOn", "done_on")}
    assert await rules(world, "updateActionItem", **given, text="Other work.") == {("input.text", "sealed")}
    found = await changed(world.database, await world.viewer("member"), "updateActionItem", ITEM, **given,
                          doneOn=YESTERDAY)  # fmt: skip
    assert found["doneOn"] == YESTERDAY


async def test_viewers_find_the_action_items_of_their_own_their_participant_and_their_groups(world: World) -> None:
    owners: list[dict[str, str]] = [
        {"accountId": an_id(world.accounts["reader"])}, {"participantId": an_id(world.home)},
        {"groupId": an_id(world.group)}, {"groupId": an_id(world.other_group)},
        {"participantId": an_id(world.leads)},
    ]  # fmt: skip
    made = [await created(world, owner=owner) for owner in owners]
    query = "{ viewer { actionItems(orderBy: [{field: CREATED_AT}]) { totalCount nodes { reference } } } }"
    for name, mine in (("reader", made[:3]), ("other", made[1:2]), ("lead", made[4:])):
        found = await read(world.database, query, viewer=await world.viewer(name))
        expected = [{"reference": each["reference"]} for each in mine]
        assert found["viewer"]["actionItems"] == {"totalCount": len(mine), "nodes": expected}
    assert (await read(world.database, query))["viewer"] is None


async def test_action_items_are_filtered_sorted_and_grouped(world: World) -> None:
    for priority in ("LOW", "CRITICAL", "LOW"):
        await created(world, priority=priority)
    query = """{ actionItems(orderBy: [{field: PRIORITY_RANK}], where: {ownerGroup: {code: {eq: "EG1"}}}) {
        nodes { priority } aggregate { groupBy(by: [PRIORITY, STATUS]) { keys { value } count } } } }"""
    found = (await read(world.database, query, viewer=await world.viewer("chair")))["actionItems"]
    assert [each["priority"] for each in found["nodes"]] == ["CRITICAL", "LOW", "LOW"]
    groups = {(*(key["value"] for key in each["keys"]), each["count"]) for each in found["aggregate"]["groupBy"]}
    assert groups == {("CRITICAL", "OPEN", 1), ("LOW", "OPEN", 2)}


async def test_the_database_refuses_an_action_item_without_an_owner_or_with_two(world: World) -> None:
    two = an_action_item(owner_participant=world.home, owner_group=world.group)
    for row in (an_action_item(owner_participant=None), two, an_action_item(done_on=dt.date(2026, 1, 1))):
        with pytest.raises(Exception, match=r"ck_action_items_(one_owner|done_on)"):
            await keep(world.database, row)


async def test_a_change_by_an_account_that_does_not_see_the_action_item_finds_none(world: World) -> None:
    item = await created(world, marking="AMBER_STRICT")
    given = {"id": item["id"], "expectedVersion": 1, "outcome": "Done."}
    found = await change(world.database, await world.viewer("lead"), "updateActionItem", "__typename", **given)
    assert found["code"] == "NOT_FOUND"
