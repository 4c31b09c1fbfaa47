"""A roadmap whose endorsement the Steering Group revokes is in force no more, and the next one supersedes it."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest

from models import MeetingBody, NeedStatus
from tests.support.execute import read
from tests.support.factories import a_decision, a_decision_target, a_meeting, a_need, a_roadmap, a_roadmap_line
from tests.support.mutations import changed, refused
from tests.support.rows import keep
from tests.support.small_coalition import an_id

if TYPE_CHECKING:
    from models import Decision, Roadmap
    from tests.support.small_coalition import World

pytestmark = pytest.mark.anyio


async def endorsed(world: World, held_on: dt.date, **given: Any) -> tuple[Roadmap, Decision]:
    """Have the lead endorse a roadmap with one line, by a decision that targets it."""
    ruling = a_decision(a_meeting(body=MeetingBody.STEERING_GROUP, held_on=held_on))
    row = a_roadmap(endorsed_by=ruling, **given)
    need = a_need(world.area, group=world.group, status=NeedStatus.PLANNED)
    await keep(world.database, a_roadmap_line(row, need), a_decision_target(ruling, roadmap=row))
    asked = {"id": an_id(row), "expectedVersion": 1, "to": "ENDORSED"}
    await changed(world.database, await world.viewer("lead"), "transitionRoadmap", "roadmap { status }", **asked)
    return row, ruling


async def test_a_roadmap_whose_endorsement_is_revoked_is_in_force_no_more(world: World) -> None:
    lead = await world.viewer("lead")
    row, ruling = await endorsed(world, dt.date(2026, 4, 1))
    # What the decision endorsed stays its target, whatever else is corrected.
    stays = {"id": an_id(ruling), "reference": ruling.reference, "kind": "OTHER", "text": "To hire a cook."}
    other = a_roadmap()
    await keep(world.database, other)
    corrected = {"id": an_id(ruling.meeting), "expectedVersion": 1, "reason": "An error."}
    for targets in ([], [{"roadmapId": an_id(other)}]):
        given = {**corrected, "decisions": [{**stays, "targets": targets}]}
        [broken] = (await refused(world.database, lead, "updateMeeting", **given))["violations"]
        assert (broken["path"], broken["rule"]) == (["input", "decisions", "0", "targets"], "endorsed_by")
        assert f"{ruling.reference} endorsed {row.reference}: send it back as a target." in broken["message"]
    revokes = {"kind": "ROADMAP", "text": "To end it.", "revokesId": an_id(ruling)}
    given = {"body": "STEERING_GROUP", "title": "Meeting", "heldOn": "2026-06-01", "decisions": [revokes]}
    await changed(world.database, lead, "createMeeting", "meeting { id }", **given)
    query = """query ($id: ID!) { node(id: $id) { ... on Roadmap { status isInForce } }
        before: roadmapInForce(on: "2026-05-31") { id } after: roadmapInForce(on: "2026-06-01") { id } }"""
    found = await read(world.database, query, viewer=lead, id=an_id(row))
    assert found["node"] == {"status": "ENDORSED", "isInForce": False}
    assert (found["before"], found["after"]) == ({"id": an_id(row)}, None)
    following, _ = await endorsed(world, dt.date(2026, 7, 1), supersedes=row)
    found = await read(world.database, query, viewer=lead, id=an_id(row))
    assert (found["node"]["status"], found["before"]) == ("SUPERSEDED", {"id": an_id(row)})
    query = "{ roadmapInForce { id } }"
    assert (await read(world.database, query, viewer=lead))["roadmapInForce"] == {"id": an_id(following)}
