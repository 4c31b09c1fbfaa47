"""Values that are unique among the objects that the caller sees: no refusal reveals that a hidden object has one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from models import Marking, MeetingBody
from tests.support.factories import a_document, a_meeting, a_procurement
from tests.support.mutations import change, changed, refused
from tests.support.rows import keep
from tests.support.small_coalition import World, an_id

if TYPE_CHECKING:
    from models import Entity

pytestmark = pytest.mark.anyio

URL, OCID = "https://example.org/1", "ocds-6550wx-1"

#: Of each noun: who enters it, what is given, the field that is unique, and a row that has the value.
CASES: dict[str, tuple[str, dict[str, Any], str, Any]] = {
    "Document": ("member", {"title": "T", "documentType": "OTHER", "url": URL}, "url", lambda: a_document(url=URL)),
    "Procurement": ("member", {"title": "T", "ocid": OCID}, "ocid", lambda: a_procurement(ocid=OCID)),
    "Meeting": (
        "lead",
        {"title": "T", "body": "STEERING_GROUP", "number": 7},
        "number",
        lambda: a_meeting(body=MeetingBody.STEERING_GROUP, number=7),
    ),
}


async def entered(world: World, kind: str) -> Any:
    who, given, *_ = CASES[kind]
    group = {} if kind == "Meeting" else {"groupId": an_id(world.group)}
    selected = f"{kind.lower()} {{ id version }}"
    return await change(world.database, await world.viewer(who), f"create{kind}", selected, **given, **group)


@pytest.mark.parametrize("kind", CASES)
async def test_a_value_of_a_hidden_object_is_taken_as_any_other(world: World, kind: str) -> None:
    hidden: Entity = CASES[kind][3]()
    hidden.marking = Marking.RED  # type: ignore[attr-defined]
    await keep(world.database, hidden)
    assert kind.lower() in await entered(world, kind)


@pytest.mark.parametrize("kind", CASES)
async def test_a_value_of_a_visible_object_is_refused(world: World, kind: str) -> None:
    made = (await entered(world, kind))[kind.lower()]
    error = await entered(world, kind)
    name = CASES[kind][2]
    assert [(each["path"], each["rule"]) for each in error["violations"]] == [(["input", name], "unique")]
    # What has it already may be sent it again.
    given = {"id": made["id"], "expectedVersion": 1, name: CASES[kind][1][name]}
    who = await world.viewer(CASES[kind][0])
    await changed(world.database, who, f"update{kind}", f"{kind.lower()} {{ id }}", **given)


async def test_other_bodies_number_their_meetings_as_they_like(world: World) -> None:
    given = {"title": "T", "body": "UDCG", "number": 7}
    for _ in range(2):
        await changed(world.database, await world.viewer("lead"), "createMeeting", "meeting { id }", **given)


async def test_a_value_that_the_database_refuses_is_named_as_the_caller_sent_it(world: World) -> None:
    lead = await world.viewer("lead")
    gift: dict[str, Any] = {"kind": "CASH", "donors": [{"participantId": an_id(world.leads)}]}
    meeting = {"title": "T", "body": "STEERING_GROUP"}
    decision = {"kind": "OTHER", "text": "To go on.", "reference": "SG-9/1"}
    seat = {"groupId": an_id(world.group), "accountId": an_id(world.accounts["reader"]), "role": "MEMBER"}
    seat["validFrom"] = "2025-01-01"
    await changed(
        world.database,
        lead,
        "createMeeting",
        "meeting { id }",
        **meeting,
        decisions=[decision | {"reference": "SG-1/1"}],
    )
    made = await changed(
        world.database, await world.viewer("chair"), "createGroupMembership", "groupMembership { id }", **seat
    )
    twice_on_a_day = (
        "has the same groupId, accountId and validFrom. Change it with updateGroupMembership, or choose another "
        "validFrom."
    )
    twice = "An earlier item of {} has the same {}. Send it once."
    for viewer, mutation, given, path, message in (
        (lead, "createContribution", gift | {"donors": gift["donors"] * 2}, "donors.1.participantId",
         twice.format("donors", "participantId")),
        (lead, "createMeeting", meeting | {"decisions": [decision] * 2}, "decisions.1.reference",
         twice.format("decisions", "reference")),
        (lead, "createMeeting", meeting | {"decisions": [decision | {"reference": "SG-1/1"}]}, "decisions",
         "An item of decisions has the same reference as another object. Choose another value."),
        (await world.viewer("chair"), "createGroupMembership", seat, "validFrom",
         f"The group membership {made['id']} {twice_on_a_day}"),
    ):  # fmt: skip
        error = await refused(world.database, viewer, mutation, **given)
        found = [(".".join(each["path"]), each["rule"], each["message"]) for each in error["violations"]]
        assert found == [(f"input.{path}", "unique", message)], mutation
