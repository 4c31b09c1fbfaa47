"""Roadmaps: the lines of one in force do not change, it is superseded by the next that names it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from models import Marking, MeetingBody, NeedStatus, Roadmap, RoadmapStatus
from tests.support.execute import read
from tests.support.factories import a_decision, a_meeting, a_need, a_roadmap, a_roadmap_line
from tests.support.mutations import change, changed, refused
from tests.support.rows import keep
from tests.support.small_coalition import World, an_id

if TYPE_CHECKING:
    from models import CapabilityNeed, Decision

pytestmark = pytest.mark.anyio

ROADMAP = """roadmap { id version status availableTransitions supersedes { id }
    lines { nodes { id ordinal year quarter need { id status } plannedAmount { amount currency } } } }"""
NEED = "capabilityNeed { id status version roadmapLines { nodes { ordinal year quarter plannedAmount { amount } } } }"


async def a_plan(world: World, status: RoadmapStatus = RoadmapStatus.DRAFT, **changes: Any) -> Roadmap:
    """Keep a roadmap from 2026 to 2028."""
    row = a_roadmap(first_year=2026, last_year=2028, status=status, **changes)
    await keep(world.database, row)
    return row


async def a_filled_plan(world: World, status: RoadmapStatus = RoadmapStatus.DRAFT, **changes: Any) -> Roadmap:
    """Keep a roadmap with one line."""
    row = await a_plan(world, status, **changes)
    await keep(world.database, a_roadmap_line(row, await a_stated(world, NeedStatus.PLANNED), ordinal=1, year=2027))
    return row


async def status_of(world: World, row: Roadmap, name: str) -> str:
    query = "query ($id: ID!) { node(id: $id) { ... on Roadmap { status } } }"
    found = await read(world.database, query, viewer=await world.viewer(name), id=an_id(row))
    return str(found["node"]["status"])


async def a_stated(world: World, status: NeedStatus = NeedStatus.VALIDATED, **changes: Any) -> CapabilityNeed:
    """Keep a need of the group."""
    need = a_need(world.area, group=world.group, status=status, **changes)
    await keep(world.database, need)
    return need


async def a_ruling(world: World, body: MeetingBody = MeetingBody.STEERING_GROUP) -> Decision:
    decision = a_decision(a_meeting(body=body, marking=Marking.CLEAR))
    await keep(world.database, decision)
    return decision


async def plan(world: World, name: str, need: CapabilityNeed, roadmap: Roadmap, **given: Any) -> Any:
    values = {"id": an_id(need), "roadmapId": an_id(roadmap), "year": 2027, "expectedVersion": 1, **given}
    return await change(world.database, await world.viewer(name), "planCapabilityNeed", NEED, **values)


async def endorse(world: World, row: Roadmap, version: int = 1, name: str = "lead") -> Any:
    given = {"id": an_id(row), "to": "ENDORSED", "expectedVersion": version}
    return await change(world.database, await world.viewer(name), "transitionRoadmap", ROADMAP, **given)


def broken(error: Any) -> list[tuple[str, str]]:
    return [(".".join(each["path"]), each["rule"]) for each in error["violations"]]


async def test_leads_keep_the_roadmap_and_its_lines(world: World) -> None:
    need = await a_stated(world)
    line = {"needId": an_id(need), "year": 2027, "quarter": 2, "plannedAmount": {"amount": "5.00", "currency": "EUR"}}
    given = {"title": "To 2028", "horizon": "2026 to 2028", "firstYear": 2026, "lastYear": 2028, "lines": [line]}
    assert (await refused(world.database, await world.viewer("chair"), "createRoadmap", **given))["code"] == "FORBIDDEN"
    found = await changed(world.database, await world.viewer("lead"), "createRoadmap", ROADMAP, **given)
    [made] = found["lines"]["nodes"]
    assert (made["ordinal"], made["year"], made["quarter"]) == (1, 2027, 2)
    assert made["need"] == {"id": an_id(need), "status": "PLANNED"}


async def test_lines_lie_within_the_horizon_and_plan_a_need_once_for_a_quarter(world: World) -> None:
    need, draft = await a_stated(world), await a_stated(world, NeedStatus.SUBMITTED)
    years = [(need, 2025), (need, 2029), (need, 2027), (need, 2027), (draft, 2027)]
    lines = [{"needId": an_id(each), "year": year} for each, year in years]
    given = {"title": "To 2028", "horizon": "2026 to 2028", "firstYear": 2026, "lastYear": 2028, "lines": lines}
    error = await refused(world.database, await world.viewer("lead"), "createRoadmap", **given)
    assert broken(error) == [
        ("input.lines.0.year", "horizon"),
        ("input.lines.1.year", "horizon"),
        ("input.lines.3.needId", "planned_once"),
        ("input.lines.4.needId", "validated"),
    ]


async def test_a_chair_who_is_no_lead_plans_a_validated_need(world: World) -> None:
    need, roadmap = await a_stated(world), await a_plan(world)
    amount = {"amount": "1250.00", "currency": "EUR"}
    found = (await plan(world, "chair", need, roadmap, quarter=3, plannedAmount=amount))["capabilityNeed"]
    assert (found["status"], found["version"]) == ("PLANNED", 2)
    assert found["roadmapLines"]["nodes"] == [
        {"ordinal": 1, "year": 2027, "quarter": 3, "plannedAmount": {"amount": "1250.00"}}
    ]
    again = (await plan(world, "chair", need, roadmap, year=2028, expectedVersion=2))["capabilityNeed"]
    assert [each["year"] for each in again["roadmapLines"]["nodes"]] == [2027, 2028]


async def test_whoever_does_not_decide_on_the_need_plans_nothing(world: World) -> None:
    need, roadmap = await a_stated(world), await a_plan(world)
    for name in ("member", "reader", "lead"):
        assert (await plan(world, name, need, roadmap))["code"] == "FORBIDDEN"


async def test_what_cannot_be_planned_is_told_at_once(world: World) -> None:
    need, roadmap = await a_stated(world, NeedStatus.SUBMITTED), await a_plan(world, RoadmapStatus.ENDORSED)
    error = await plan(world, "chair", need, roadmap, year=2040)
    assert broken(error) == [("input.id", "validated"), ("input.roadmapId", "sealed"), ("input.year", "horizon")]


async def test_a_need_is_planned_once_for_a_quarter(world: World) -> None:
    need, roadmap = await a_stated(world), await a_plan(world)
    await plan(world, "chair", need, roadmap)
    error = await plan(world, "chair", need, roadmap, expectedVersion=2)
    assert broken(error) == [("input.year", "planned_once")]


async def test_of_many_who_plan_a_need_at_once_one_does(world: World) -> None:
    need, roadmap = await a_stated(world), await a_plan(world)
    found = await asyncio.gather(*(plan(world, "chair", need, roadmap, quarter=1 + each) for each in range(4)))
    assert sorted(each["__typename"] for each in found) == [*["ConflictError"] * 3, "PlanCapabilityNeedSuccess"]


async def test_a_hidden_need_is_not_planned(world: World) -> None:
    need, roadmap = await a_stated(world, marking=Marking.RED), await a_plan(world)
    assert (await plan(world, "chair", need, roadmap))["code"] == "NOT_FOUND"


async def test_a_decision_of_the_steering_group_puts_a_roadmap_in_force(world: World) -> None:
    row, lead = await a_filled_plan(world), await world.viewer("lead")
    assert broken(await endorse(world, row)) == [("input.to", "endorsed_by")]
    other = await a_ruling(world, MeetingBody.OTHER)
    given = {"id": an_id(row), "expectedVersion": 1, "endorsedById": an_id(other)}
    assert broken(await refused(world.database, lead, "updateRoadmap", **given)) == [
        ("input.endorsedById", "endorsed_by")
    ]
    revoked = await a_ruling(world)
    await keep(world.database, a_decision(a_meeting(body=MeetingBody.STEERING_GROUP), revokes=revoked))
    given["endorsedById"] = an_id(revoked)
    [said] = (await refused(world.database, lead, "updateRoadmap", **given))["violations"]
    assert (said["rule"], said["message"]) == (
        "endorsed_by",
        "The endorsing decision is not adopted, or a later one revokes it. Choose a decision that is in force.",
    )
    given["endorsedById"] = an_id(await a_ruling(world))
    await changed(world.database, lead, "updateRoadmap", ROADMAP, **given)
    found = (await endorse(world, row, 2))["roadmap"]
    assert (found["status"], found["availableTransitions"]) == ("ENDORSED", [])


@pytest.mark.parametrize("status", [RoadmapStatus.ENDORSED, RoadmapStatus.SUPERSEDED])
async def test_the_body_stays_by_whose_decision_a_roadmap_was_endorsed(world: World, status: RoadmapStatus) -> None:
    lead, ruling = await world.viewer("lead"), await a_ruling(world)
    await a_plan(world, status, endorsed_by=ruling)
    given = {"id": an_id(ruling.meeting), "expectedVersion": 1, "body": "EXPERT_GROUP", "reason": "An error."}
    assert broken(await refused(world.database, lead, "updateMeeting", **given)) == [("input.body", "endorsed_by")]
    # What is written on the way, such as a decision that stays, hides nothing of that.
    stays = {"id": an_id(ruling), "reference": ruling.reference, "kind": "OTHER", "text": "Anew."}
    error = await refused(world.database, lead, "updateMeeting", **given, decisions=[stays])
    assert broken(error) == [("input.body", "endorsed_by")]
    given = {**given, "body": "STEERING_GROUP", "title": "Renamed"}
    await changed(world.database, lead, "updateMeeting", "meeting { body }", **given)


async def test_the_body_changes_while_no_roadmap_in_force_rests_on_its_decisions(world: World) -> None:
    ruling = await a_ruling(world)
    row, lead = await a_filled_plan(world, endorsed_by=ruling), await world.viewer("lead")
    given = {"id": an_id(ruling.meeting), "expectedVersion": 1, "body": "OTHER"}
    await changed(world.database, lead, "updateMeeting", "meeting { body }", **given)
    # The path is that of what was sent: the status.
    assert broken(await endorse(world, row)) == [("input.to", "endorsed_by")]


async def test_of_a_body_that_changes_while_its_decision_endorses_one_wins(world: World) -> None:
    lead = await world.viewer("lead")
    former = None
    for _ in range(5):
        ruling = await a_ruling(world)
        row = await a_filled_plan(world, endorsed_by=ruling, supersedes=former)
        given = {"id": an_id(ruling.meeting), "expectedVersion": 1, "body": "OTHER"}
        found = await asyncio.gather(
            endorse(world, row), change(world.database, lead, "updateMeeting", "meeting { body }", **given)
        )
        assert sum(each["__typename"].endswith("Success") for each in found) == 1
        former = row if found[0]["__typename"].endswith("Success") else former


async def test_a_roadmap_in_force_does_not_change_its_lines(world: World) -> None:
    row = await a_plan(world, RoadmapStatus.ENDORSED)
    await keep(world.database, a_roadmap_line(row, await a_stated(world), ordinal=1, year=2027))
    given = {"id": an_id(row), "expectedVersion": 1, "lines": [], "lastYear": 2030, "note": "In force."}
    error = await refused(world.database, await world.viewer("lead"), "updateRoadmap", **given)
    assert set(broken(error)) == {("input.lines", "sealed"), ("input.lastYear", "sealed")}


async def test_a_roadmap_supersedes_the_one_it_names_and_no_other(world: World) -> None:
    ruling = await a_ruling(world)
    old, beside = [await a_plan(world, RoadmapStatus.ENDORSED, endorsed_by=ruling) for _ in range(2)]
    new = await a_filled_plan(world, endorsed_by=ruling, supersedes=old)
    found = (await endorse(world, new))["roadmap"]
    assert (found["status"], found["supersedes"]) == ("ENDORSED", {"id": an_id(old)})
    assert await status_of(world, old, "lead") == "SUPERSEDED"
    assert await status_of(world, beside, "lead") == "ENDORSED"
    given = {"id": an_id(old), "expectedVersion": 2, "title": "Old"}
    error = await refused(world.database, await world.viewer("lead"), "updateRoadmap", **given)
    assert broken(error) == [("input.id", "ended")]


async def test_a_roadmap_without_lines_is_not_endorsed(world: World) -> None:
    row = await a_plan(world, endorsed_by=await a_ruling(world))
    assert broken(await endorse(world, row)) == [("input.to", "lines")]


@pytest.mark.parametrize("status", [RoadmapStatus.DRAFT, RoadmapStatus.SUPERSEDED])
async def test_only_what_is_in_force_is_superseded(world: World, status: RoadmapStatus) -> None:
    old, row = await a_plan(world, status), await a_plan(world)
    given = {"id": an_id(row), "expectedVersion": 1, "supersedesId": an_id(old)}
    error = await refused(world.database, await world.viewer("lead"), "updateRoadmap", **given)
    assert broken(error) == [("input.supersedesId", "supersedes")]


async def test_a_hidden_roadmap_changes_nothing_that_others_see(world: World) -> None:
    ruling, lead = await a_ruling(world), await world.viewer("lead")
    old = await a_plan(world, RoadmapStatus.ENDORSED, endorsed_by=ruling, marking=Marking.CLEAR)
    # Beside the one in force, and in its place.
    beside = await a_filled_plan(world, endorsed_by=ruling, marking=Marking.AMBER_STRICT)
    assert (await endorse(world, beside))["roadmap"]["status"] == "ENDORSED"
    hidden = await a_filled_plan(world, endorsed_by=ruling, marking=Marking.AMBER_STRICT, supersedes=old)
    error = await endorse(world, hidden)
    assert broken(error) == [("input.to", "succession")]
    assert "Lower its marking to CLEAR" in error["message"]
    late = await a_filled_plan(world, endorsed_by=ruling, marking=Marking.AMBER_STRICT)
    given = {"id": an_id(late), "expectedVersion": 1, "supersedesId": an_id(old)}
    assert broken(await refused(world.database, lead, "updateRoadmap", **given)) == [
        ("input.supersedesId", "succession")
    ]
    for name in ("reader", "other", "lead"):
        assert await status_of(world, old, name) == "ENDORSED"


async def test_a_roadmap_names_the_one_in_force_that_its_readers_see(world: World) -> None:
    ruling = await a_ruling(world)
    rows = [await a_filled_plan(world, endorsed_by=ruling) for _ in range(6)]
    found = await asyncio.gather(*(endorse(world, row) for row in rows))
    assert sorted(each["__typename"] for each in found) == ["TransitionRoadmapSuccess", *["ValidationError"] * 5]
    made = next(each for each in found if each["__typename"].endswith("Success"))
    [first] = [row for row in rows if an_id(row) == made["roadmap"]["id"]]
    late, other, *_ = (row for row in rows if row is not first)
    assert broken(error := await endorse(world, late)) == [("input.to", "supersedes")]
    assert error["violations"][0]["message"] == (
        f"A roadmap is ENDORSED: {first.reference}. Name the roadmap that this one supersedes: set `supersedesId`."
    )
    given = {"id": an_id(late), "expectedVersion": 1, "supersedesId": an_id(first)}
    await changed(world.database, await world.viewer("lead"), "updateRoadmap", ROADMAP, **given)
    assert (await endorse(world, late, 2))["roadmap"]["status"] == "ENDORSED"
    assert await status_of(world, first, "lead") == "SUPERSEDED"
    # One that the viewer may not see is neither named nor in the way.
    unseen = await a_plan(world, RoadmapStatus.ENDORSED, endorsed_by=ruling, marking=Marking.RED)
    last = await a_filled_plan(world, endorsed_by=ruling, supersedes=late)
    assert (await endorse(world, last))["roadmap"]["status"] == "ENDORSED"
    assert await status_of(world, late, "lead") == "SUPERSEDED"
    assert unseen.reference not in (await endorse(world, other))["message"]


async def test_of_roadmaps_that_name_the_same_one_at_once_one_takes_its_place(world: World) -> None:
    ruling = await a_ruling(world)
    old = await a_plan(world, RoadmapStatus.ENDORSED, endorsed_by=ruling)
    rows = [await a_filled_plan(world, endorsed_by=ruling, supersedes=old) for _ in range(4)]
    found = await asyncio.gather(*(endorse(world, row) for row in rows))
    assert sorted(each["__typename"] for each in found) == ["TransitionRoadmapSuccess", *["ValidationError"] * 3]
    async with world.database.bypass_policies("a test looks behind the policies").connect() as connection:
        statuses = (await connection.execute(select(Roadmap.status))).scalars().all()
    assert sorted(status.name for status in statuses) == [*["DRAFT"] * 3, "ENDORSED", "SUPERSEDED"]
