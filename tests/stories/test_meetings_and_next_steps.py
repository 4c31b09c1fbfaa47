"""Stories of meetings and next steps, over the API alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.support.execute import read
from tests.support.mutations import changed, refused
from tests.support.small_coalition import an_id

if TYPE_CHECKING:
    from tests.support.small_coalition import World

pytestmark = pytest.mark.anyio

AGENDA = "agenda { nodes { title actionItem { reference status } carriedOverFrom { reference } } }"
MEETING = f"meeting {{ id version reference {AGENDA} }}"
ITEM = "actionItem { id version reference status doneOn outcome }"


async def meet(world: World, reference: str, held_on: str | None, **given: Any) -> Any:
    """Have a member of the group enter a meeting of the group."""
    given = {"body": "EXPERT_GROUP", "groupId": an_id(world.group), "title": f"Meeting {reference}", **given}
    member = await world.viewer("member")
    return await changed(world.database, member, "createMeeting", MEETING, reference=reference, heldOn=held_on, **given)


async def agree(world: World, meeting: Any, reference: str, **given: Any) -> Any:
    """Have a member enter a next step that a meeting agreed on."""
    group = {"groupId": an_id(world.group)}
    fields = {"reference": reference, "text": "Draft the specification.", "owner": group, **group, **given}
    member = await world.viewer("member")
    return await changed(world.database, member, "createActionItem", ITEM, meetingId=meeting["id"], **fields)


async def move(world: World, item: Any, to: str, **given: Any) -> Any:
    """Have a member change the status of a next step."""
    fields = {"id": item["id"], "expectedVersion": item["version"], "to": to, **given}
    return await changed(world.database, await world.viewer("member"), "transitionActionItem", ITEM, **fields)


def carried(meeting: Any) -> list[tuple[str, str]]:
    """Return the next steps on an agenda, each with the meeting that left it open."""
    listed = [each for each in meeting["agenda"]["nodes"] if each["actionItem"]]
    return [(each["actionItem"]["reference"], each["carriedOverFrom"]["reference"]) for each in listed]


async def test_a_next_step_is_carried_over_twice_and_then_done(world: World) -> None:
    first = await meet(world, "EG1-1", "2026-01-12")
    slow, quick = await agree(world, first, "ACT-1"), await agree(world, first, "ACT-2")
    second = await meet(world, "EG1-2", "2026-02-09", agenda=[{"title": "Opening"}])
    assert [each["title"] for each in second["agenda"]["nodes"]] == [
        "Opening", "Draft the specification.", "Draft the specification.",
    ]  # fmt: skip
    assert carried(second) == [("ACT-1", "EG1-1"), ("ACT-2", "EG1-1")]
    await move(world, await move(world, quick, "IN_PROGRESS"), "DONE")
    third = await meet(world, "EG1-3", "2026-03-09")
    assert carried(third) == [("ACT-1", "EG1-2")]
    slow = await move(world, await move(world, slow, "IN_PROGRESS"), "DONE")
    assert slow["doneOn"]
    assert carried(await meet(world, "EG1-4", "2026-04-13")) == []
    query = """{ actionItems(where: {reference: {eq: "ACT-1"}}) { nodes {
        meeting { reference } agendaItems(orderBy: [{field: CREATED_AT}]) { nodes { meeting { reference } } } } } }"""
    [found] = (await read(world.database, query, viewer=await world.viewer("reader")))["actionItems"]["nodes"]
    assert found["meeting"] == {"reference": "EG1-1"}
    assert [each["meeting"]["reference"] for each in found["agendaItems"]["nodes"]] == ["EG1-2", "EG1-3"]


async def test_a_next_step_stays_with_the_body_and_the_group_that_agreed_on_it(world: World) -> None:
    first = await meet(world, "EG1-1", "2026-01-12")
    await agree(world, first, "ACT-1")
    lead = await world.viewer("lead")
    given = {"body": "STEERING_GROUP", "title": "Steering Group", "heldOn": "2026-02-09"}
    assert carried(await changed(world.database, lead, "createMeeting", MEETING, **given)) == []
    # A meeting that was held before the next step was agreed on is entered late.
    assert carried(await meet(world, "EG1-0", "2025-12-01")) == []


async def test_a_next_step_that_a_reader_does_not_see_is_not_on_the_agenda_for_that_reader(world: World) -> None:
    first = await meet(world, "EG1-1", "2026-01-12", marking="CLEAR")
    recipients = [an_id(world.accounts["member"])]
    await agree(world, first, "ACT-1", marking="RED", recipientIds=recipients)
    await agree(world, first, "ACT-2", marking="CLEAR")
    second = await meet(world, "EG1-2", "2026-02-09", marking="CLEAR")
    assert carried(second) == [("ACT-1", "EG1-1"), ("ACT-2", "EG1-1")]
    query = f"query ($id: ID!) {{ node(id: $id) {{ ... on Meeting {{ {AGENDA} }} }} }}"
    found = await read(world.database, query, viewer=await world.viewer("reader"), id=second["id"])
    assert carried(found["node"]) == [("ACT-2", "EG1-1")]


async def put(world: World, meeting: Any, to: str, name: str = "member", **given: Any) -> Any:
    """Change the status of a meeting."""
    fields = {"id": meeting["id"], "expectedVersion": meeting["version"], "to": to, **given}
    return await changed(world.database, await world.viewer(name), "transitionMeeting", MEETING, **fields)


async def refusal(world: World, name: str, mutation: str, **given: Any) -> set[tuple[str, str]]:
    """Have a change refused; return the path and rule of each violation."""
    error = await refused(world.database, await world.viewer(name), mutation, **given)
    return {(".".join(each["path"]), each["rule"]) for each in error["violations"]}


async def test_a_meeting_is_postponed_planned_anew_and_held_and_then_decides(world: World) -> None:
    meeting = await meet(world, "EG1-1", "2026-02-09", status="PLANNED")
    decisions = [{"kind": "OTHER", "text": "To go on."}]
    given = {"id": meeting["id"], "expectedVersion": 1, "decisions": decisions}
    assert await refusal(world, "member", "updateMeeting", **given) == {("input.decisions", "decided_when_held")}
    meeting = await put(world, meeting, "POSTPONED", reason="The host is ill.")
    given = {"id": meeting["id"], "expectedVersion": meeting["version"], "timeZone": "Europe/Tallinn",
             "heldOn": None, "startsAt": "2026-03-09T22:30:00Z", "endsAt": "2026-03-09T23:30:00Z"}  # fmt: skip
    selected = "meeting { id version heldOn heldOnPrecision startsAt timeZone availableTransitions }"
    meeting = await changed(world.database, await world.viewer("member"), "updateMeeting", selected, **given)
    # It is past midnight in Tallinn.
    assert (meeting["heldOn"], meeting["heldOnPrecision"]) == ("2026-03-10", "DAY")
    assert meeting["availableTransitions"] == ["PLANNED", "CANCELLED"]
    meeting = await put(world, await put(world, meeting, "PLANNED"), "HELD")
    given = {"id": meeting["id"], "expectedVersion": meeting["version"], "decisions": decisions}
    meeting = await changed(world.database, await world.viewer("member"), "updateMeeting", MEETING, **given)
    wanted = {"id": meeting["id"], "expectedVersion": meeting["version"], "to": "PLANNED", "reason": "An error."}
    assert await refusal(world, "chair", "transitionMeeting", **wanted) == {("input.to", "decided_when_held")}


async def test_a_cancelled_meeting_is_planned_again_by_the_chair_with_a_reason(world: World) -> None:
    meeting = await put(world, await meet(world, "EG1-1", None, status="PLANNED"), "CANCELLED")
    wanted = {"id": meeting["id"], "expectedVersion": meeting["version"], "to": "PLANNED"}
    error = await refused(world.database, await world.viewer("member"), "transitionMeeting", **wanted)
    assert error["code"] == "FORBIDDEN"
    assert await refusal(world, "chair", "transitionMeeting", **wanted) == {("input.reason", "reason")}
    assert await put(world, meeting, "PLANNED", "chair", reason="A room was found.")


async def test_next_steps_are_on_the_agenda_of_one_coming_meeting_at_a_time(world: World) -> None:
    first = await meet(world, "EG1-1", "2026-01-12", status="PLANNED")
    second = await meet(world, "EG1-2", "2026-02-09", status="PLANNED")
    third = await meet(world, "EG1-3", "2026-03-09", status="PLANNED")
    await put(world, first, "HELD")
    await agree(world, first, "ACT-1")

    async def agenda_of(meeting: Any) -> list[tuple[str, str]]:
        query = f"query ($id: ID!) {{ node(id: $id) {{ ... on Meeting {{ {AGENDA} version }} }} }}"
        found = await read(world.database, query, viewer=await world.viewer("reader"), id=meeting["id"])
        meeting["version"] = found["node"]["version"]
        return carried(found["node"])

    assert (await agenda_of(second), await agenda_of(third)) == ([("ACT-1", "EG1-1")], [])
    await put(world, second, "HELD")
    assert await agenda_of(third) == [("ACT-1", "EG1-2")]
    await put(world, third, "CANCELLED")
    assert carried(await meet(world, "EG1-4", "2026-04-13", status="PLANNED")) == [("ACT-1", "EG1-2")]


async def test_a_meeting_with_impossible_times_is_refused(world: World) -> None:
    group = {"body": "EXPERT_GROUP", "groupId": an_id(world.group), "title": "Meeting"}
    cases: list[tuple[dict[str, str], tuple[str, str]]] = [
        ({"timeZone": "Europe/Talinn"}, ("input.timeZone", "time_zone")),
        ({"endsAt": "2026-01-12T09:00:00Z"}, ("input.endsAt", "ends_after_start")),
        ({"startsAt": "2026-01-12T10:00:00Z", "endsAt": "2026-01-12T09:00:00Z"}, ("input.endsAt", "ends_after_start")),
        ({"startsAt": "2026-01-12T10:00:00Z", "heldOn": "2026-01-13"}, ("input.startsAt", "starts_on_the_date")),
        ({"heldOn": "2099-01-01", "status": "HELD"}, ("input.heldOn", "held_by_now")),
        ({"status": "CANCELLED"}, ("input.status", "new_meeting")),
    ]
    for given, violation in cases:
        assert await refusal(world, "member", "createMeeting", **group, **given) == {violation}


DECISIONS = """meeting { id version decisions { nodes { id reference outcome method
    revokes { reference } revokedBy { nodes { reference } } } } }"""


async def decide(world: World, meeting: Any, *decisions: dict[str, Any]) -> Any:
    """Have a member enter the decisions of a meeting."""
    given = {"id": meeting["id"], "expectedVersion": meeting["version"], "decisions": decisions}
    return await changed(world.database, await world.viewer("member"), "updateMeeting", DECISIONS, **given)


async def test_a_decision_is_revoked_by_a_later_one_once_and_never_removed(world: World) -> None:
    first, second = await meet(world, "EG1-1", "2026-01-12"), await meet(world, "EG1-2", "2026-02-09")
    old = {"reference": "EG1-1/1", "kind": "OTHER", "text": "To use one supplier.", "method": "CONSENSUS"}
    first = await decide(world, first, old)
    [made] = first["decisions"]["nodes"]
    assert (made["outcome"], made["method"]) == ("ADOPTED", "CONSENSUS")
    new = {"reference": "EG1-2/1", "kind": "OTHER", "text": "To use two.", "revokesId": made["id"]}
    given = {"id": second["id"], "expectedVersion": second["version"], "decisions": [{**new, "outcome": "DEFERRED"}]}
    found = await refusal(world, "member", "updateMeeting", **given)
    assert found == {("input.decisions.0.revokesId", "revokes")}
    second = await decide(world, second, new)
    assert second["decisions"]["nodes"][0]["revokes"] == {"reference": "EG1-1/1"}
    query = '{ decisions(where: {reference: {eq: "EG1-1/1"}}) { nodes { revokedBy { nodes { reference } } } } }'
    [found] = (await read(world.database, query, viewer=await world.viewer("reader")))["decisions"]["nodes"]
    assert found["revokedBy"]["nodes"] == [{"reference": "EG1-2/1"}]
    third = await meet(world, "EG1-3", "2026-03-09")
    given = {"id": third["id"], "expectedVersion": third["version"], "decisions": [{**new, "reference": "EG1-3/1"}]}
    found = await refusal(world, "member", "updateMeeting", **given)
    assert found == {("input.decisions.0.revokesId", "revokes")}
    given = {"id": second["id"], "expectedVersion": second["version"], "decisions": []}
    assert await refusal(world, "member", "updateMeeting", **given) == {("input.decisions", "stays")}


async def test_an_earlier_meeting_does_not_revoke_a_later_decision(world: World) -> None:
    later = await decide(world, await meet(world, "EG1-2", "2026-02-09"), {"kind": "OTHER", "text": "To go on."})
    earlier = await meet(world, "EG1-1", "2026-01-12")
    decision = {"kind": "OTHER", "text": "To stop.", "revokesId": later["decisions"]["nodes"][0]["id"]}
    given = {"id": earlier["id"], "expectedVersion": earlier["version"], "decisions": [decision]}
    found = await refusal(world, "member", "updateMeeting", **given)
    assert found == {("input.decisions.0.revokesId", "revokes")}
