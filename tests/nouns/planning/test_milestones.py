"""Milestones: a group sets one for a date; it is reached or dropped, and can be opened again."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest

from models import MilestoneStatus
from models.planning.milestones import MILESTONE_TRANSITIONS
from tests.support.execute import read
from tests.support.mutations import changed, refused
from tests.support.rows import changes
from tests.support.small_coalition import an_id

if TYPE_CHECKING:
    from tests.support.small_coalition import World

pytestmark = pytest.mark.anyio

MILESTONE = "milestone { id version reference status isOverdue endedOn dropReason }"
MOVE = "transitionMilestone"


async def a_milestone(world: World, title: str, due_on: str) -> Any:
    given = {"title": title, "dueOn": due_on, "groupId": an_id(world.group), "marking": "GREEN"}
    return await changed(world.database, await world.viewer("member"), "createMilestone", MILESTONE, **given)


async def move(world: World, name: str, milestone: Any, to: str, **given: Any) -> Any:
    wanted = {"id": milestone["id"], "expectedVersion": milestone["version"], "to": to, **given}
    return await changed(world.database, await world.viewer(name), MOVE, MILESTONE, **wanted)


def test_a_milestone_is_reached_or_dropped_and_opened_again() -> None:
    assert changes(MilestoneStatus, "OPEN → REACHED·DROPPED → OPEN") == MILESTONE_TRANSITIONS


async def test_a_milestone_is_overdue_until_it_is_reached_and_the_chair_opens_it_again(world: World) -> None:
    late, coming = (
        await a_milestone(world, "Radios", "2026-01-31"),
        await a_milestone(world, "Satellites", "2090-01-31"),
    )
    assert (late["status"], late["isOverdue"], coming["isOverdue"]) == ("OPEN", True, False)
    query = """{ expertGroup(code: "EG1") {
        milestones(where: {isOverdue: {eq: true}}, orderBy: [{field: DUE_ON, direction: ASC}]) { nodes { reference } }
    } }"""
    found = await read(world.database, query, viewer=await world.viewer("other"))
    assert found["expertGroup"]["milestones"]["nodes"] == [{"reference": late["reference"]}]
    late = await move(world, "member", late, "REACHED", endedOn="2026-03-01")
    assert (late["isOverdue"], late["endedOn"], late["dropReason"]) == (False, "2026-03-01", None)
    # What has ended does not change, until the chair opens it with a reason.
    changed_title = {"id": late["id"], "expectedVersion": late["version"], "title": "Other"}
    error = await refused(world.database, await world.viewer("member"), "updateMilestone", **changed_title)
    assert [each["rule"] for each in error["violations"]] == ["ended"]
    again = {"id": late["id"], "expectedVersion": late["version"], "to": "OPEN", "reason": "Not all of them arrived."}
    assert (await refused(world.database, await world.viewer("member"), MOVE, **again))["code"] == "FORBIDDEN"
    late = await move(world, "chair", late, "OPEN", reason="Not all of them arrived.")
    assert (late["isOverdue"], late["endedOn"]) == (True, None)


async def test_a_milestone_is_dropped_with_a_reason_and_ends_today(world: World) -> None:
    goal = await a_milestone(world, "Radios", "2090-01-31")
    member, today = await world.viewer("member"), dt.datetime.now(dt.UTC).date()
    wanted = {"id": goal["id"], "expectedVersion": goal["version"], "to": "DROPPED"}
    tomorrow = (today + dt.timedelta(days=1)).isoformat()
    for given, broken in (
        ({}, (["input", "reason"], "reason")),
        ({"reason": "No money.", "endedOn": tomorrow}, (["input", "endedOn"], "ended_on")),
    ):
        error = await refused(world.database, member, MOVE, **{**wanted, **given})
        assert [(each["path"], each["rule"]) for each in error["violations"]] == [broken]
    goal = await move(world, "member", goal, "DROPPED", reason="No money.")
    assert (goal["status"], goal["endedOn"], goal["dropReason"]) == ("DROPPED", today.isoformat(), "No money.")
    error = await refused(
        world.database, await world.viewer("chair"), MOVE,
        **{**wanted, "to": "OPEN", "expectedVersion": 2, "endedOn": "2026-01-01", "reason": "Money came."},
    )  # fmt: skip
    assert [each["rule"] for each in error["violations"]] == ["ended_on"]
    goal = await move(world, "chair", goal, "OPEN", reason="Money came.")
    assert (goal["endedOn"], goal["dropReason"]) == (None, None)
