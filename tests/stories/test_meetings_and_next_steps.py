"""Stories of meetings and next steps, over the API alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.support.execute import read
from tests.support.mutations import changed
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
