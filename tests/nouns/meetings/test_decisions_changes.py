"""Decisions, changed over the API: what a meeting decided stays, and a later meeting decides anew."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest

from tests.support.mutations import changed, refused, the_trail
from tests.support.small_coalition import an_id

if TYPE_CHECKING:
    from tests.support.small_coalition import World

pytestmark = pytest.mark.anyio

MEETING = """meeting { id version heldOn decisions { nodes { id reference kind text outcome method
    revokes { reference } revokedBy { nodes { reference } } votes { nodes { id participant { id } choice } } } } }"""

WHY = "The minutes were read again."


async def meet(world: World, held_on: str, *decisions: dict[str, Any], name: str = "member", **given: Any) -> Any:
    """Have a member of the group enter a meeting of the group with its decisions."""
    attendances = [{"participantId": an_id(world.leads), "capacity": "LEAD"}]
    given = {"body": "EXPERT_GROUP", "groupId": an_id(world.group), "title": f"Meeting of {held_on}", **given}
    fields = {**given, "heldOn": held_on, "attendances": attendances, "decisions": decisions}
    return await changed(world.database, await world.viewer(name), "createMeeting", MEETING, **fields)


async def update(world: World, meeting: Any, **given: Any) -> Any:
    fields = {"id": meeting["id"], "expectedVersion": meeting["version"], **given}
    return await changed(world.database, await world.viewer("member"), "updateMeeting", MEETING, **fields)


async def refusal(world: World, meeting: Any, name: str = "member", **given: Any) -> dict[tuple[str, str], str]:
    """Have an update of a meeting refused; return the message of each violation by its path and rule."""
    fields = {"id": meeting["id"], "expectedVersion": meeting["version"], **given}
    error = await refused(world.database, await world.viewer(name), "updateMeeting", **fields)
    return {(".".join(each["path"]), each["rule"]): each["message"] for each in error["violations"]}


def as_read(decision: Any, **changes: Any) -> dict[str, Any]:
    """Return the input that sends a decision back as it was read, with changes."""
    return {**{name: decision[name] for name in ("id", "kind", "text", "outcome", "method")}, **changes}


async def test_the_outcome_of_a_decision_stays_and_the_rest_is_corrected_with_a_reason(world: World) -> None:
    vote = {"participantId": an_id(world.leads), "choice": "ABSTAIN"}
    made = await meet(world, "2026-01-12", {"kind": "OTHER", "text": "To buy.", "method": "VOTE", "votes": [vote]})
    [decision] = made["decisions"]["nodes"]
    sealed = ("input.decisions.0.outcome", "decided")
    for outcome in ("REJECTED", "DEFERRED"):
        found = await refusal(world, made, decisions=[as_read(decision, outcome=outcome)], reason=WHY)
        assert [*found] == [sealed]
        assert found[sealed].startswith(f"The meeting decided on {decision['reference']}: it is ADOPTED, and that")
    votes = [{"id": each["id"], **vote, "choice": "FOR"} for each in decision["votes"]["nodes"]]
    assert [*await refusal(world, made, heldOn=None, reason=WHY)] == [("input.heldOn", "decided")]
    for correction in ({"kind": "FUNDING"}, {"text": "To sell."}, {"method": None}, {"votes": votes}):
        assert [*await refusal(world, made, decisions=[as_read(decision, **correction)])] == [
            ("input.reason", "reason")
        ]
    right = as_read(decision, kind="FUNDING", text="To buy it.", votes=votes)
    made = await update(world, made, decisions=[right], reason=WHY)
    [found] = made["decisions"]["nodes"]
    assert (found["kind"], found["text"], found["outcome"]) == ("FUNDING", "To buy it.", "ADOPTED")
    assert [each["choice"] for each in found["votes"]["nodes"]] == ["FOR"]
    assert {each["reason"] for each in (await the_trail(world.database))[-2:]} == {WHY}
    # The same values and new decisions need no reason, nor does a fact that was unknown.
    made = await update(world, made, decisions=[as_read(found), {"kind": "OTHER", "text": "To wait."}])
    [first, second] = made["decisions"]["nodes"]
    made = await update(world, made, decisions=[as_read(first), as_read(second, method="CONSENSUS")])
    assert made["decisions"]["nodes"][1]["method"] == "CONSENSUS"


async def test_a_later_meeting_decides_on_what_was_deferred_and_what_it_revoked_stays_revoked(world: World) -> None:
    deferred = {"kind": "OTHER", "text": "To use one supplier.", "outcome": "DEFERRED"}
    [old] = (await meet(world, "2026-01-12", deferred))["decisions"]["nodes"]
    rejected = {**deferred, "outcome": "REJECTED"}
    [never] = (await meet(world, "2026-01-12", rejected, number=2))["decisions"]["nodes"]
    new = {"kind": "OTHER", "text": "To use two.", "revokesId": old["id"]}
    made = await meet(world, "2026-02-09", new)
    [decision] = made["decisions"]["nodes"]
    assert decision["revokes"] == {"reference": old["reference"]}
    for other in (None, never["id"]):
        found = await refusal(world, made, decisions=[as_read(decision, revokesId=other)], reason=WHY)
        assert ("input.decisions.0.revokesId", "decided") in found


async def test_no_day_of_a_meeting_moves_past_a_decision_that_revokes_or_is_revoked(world: World) -> None:
    first = await meet(world, "2026-01-12", {"kind": "OTHER", "text": "To use one supplier."})
    [old] = first["decisions"]["nodes"]
    second = await meet(world, "2026-02-09", {"kind": "OTHER", "text": "To use two.", "revokesId": old["id"]})
    [new] = second["decisions"]["nodes"]
    late = await refusal(world, first, heldOn="2026-02-10")
    assert [*late] == [("input.heldOn", "revokes")]
    assert f"{new['reference']} of 2026-02-09 revokes {old['reference']}" in late["input.heldOn", "revokes"]
    early = await refusal(world, second, heldOn="2026-01-11")
    assert [*early] == [("input.heldOn", "revokes")]
    assert f"{old['reference']} is of 2026-01-12" in early["input.heldOn", "revokes"]
    first = await update(world, first, heldOn="2026-02-09")
    assert first["heldOn"] == "2026-02-09"
    # A meeting that the caller does not see is not named, nor is its day.
    recipients: dict[str, Any] = {"marking": "RED", "recipientIds": [an_id(world.accounts["member"])]}
    third = await meet(world, "2026-03-01", {"kind": "OTHER", "text": "To go on."})
    [kept] = third["decisions"]["nodes"]
    decision = {"kind": "OTHER", "text": "To stop.", "revokesId": kept["id"]}
    await meet(world, "2026-04-01", decision, **recipients)
    found = await refusal(world, third, "chair", heldOn="2026-04-02")
    assert [*found] == [("input", "hidden")]


async def test_a_meeting_that_starts_in_the_future_was_not_held(world: World) -> None:
    soon = (dt.datetime.now(dt.UTC) + dt.timedelta(hours=1)).isoformat()
    given = {"body": "EXPERT_GROUP", "groupId": an_id(world.group), "title": "Meeting", "startsAt": soon}
    member = await world.viewer("member")
    error = await refused(world.database, member, "createMeeting", **given, status="HELD")
    assert [(each["path"], each["rule"]) for each in error["violations"]] == [(["input", "startsAt"], "held_by_now")]
    planned = await changed(world.database, member, "createMeeting", "meeting { id version status }", **given)
    assert planned["status"] == "PLANNED"
    held = await meet(world, "2026-01-12")
    found = await refusal(world, held, startsAt=soon, heldOn=None)
    assert [*found] == [("input.startsAt", "held_by_now")]


async def test_votes_that_contradict_the_outcome_are_refused_with_their_numbers(world: World) -> None:
    voters, member = [an_id(world.leads), an_id(world.home)], await world.viewer("member")
    given = {
        "body": "EXPERT_GROUP", "groupId": an_id(world.group), "title": "Meeting", "heldOn": "2026-01-12",
        "attendances": [{"participantId": each, "capacity": "PARTICIPANT"} for each in voters],
    }  # fmt: skip

    def voted(outcome: str, *choices: str) -> dict[str, Any]:
        votes = [{"participantId": key, "choice": choice} for key, choice in zip(voters, choices, strict=False)]
        return {**given, "decisions": [{"kind": "OTHER", "text": "To buy.", "outcome": outcome, "votes": votes}]}

    for outcome, *choices in (("ADOPTED", "AGAINST", "AGAINST"), ("REJECTED", "FOR", "ABSTAIN")):
        error = await refused(world.database, member, "createMeeting", **voted(outcome, *choices))
        [broken] = error["violations"]
        assert (broken["path"], broken["rule"]) == (["input", "decisions", "0", "votes"], "votes")
    assert broken["message"].startswith("With 1 votes for it, 0 against it and 0 unknown, it is not REJECTED.")
    # A vote that is not known can decide, and what was deferred was not outvoted.
    for outcome, *choices in (("ADOPTED", "AGAINST"), ("REJECTED", "AGAINST", "FOR"), ("DEFERRED", "FOR", "FOR")):
        await changed(world.database, member, "createMeeting", MEETING, **voted(outcome, *choices))


async def test_the_date_of_a_coming_meeting_follows_its_start(world: World) -> None:
    soon, later = (dt.datetime.now(dt.UTC) + dt.timedelta(days=days) for days in (3, 9))
    given = {"body": "EXPERT_GROUP", "groupId": an_id(world.group), "title": "Meeting", "startsAt": soon.isoformat()}
    made = await changed(world.database, await world.viewer("member"), "createMeeting", MEETING, **given)
    assert made["heldOn"] == soon.date().isoformat()
    made = await update(world, made, startsAt=later.isoformat())
    assert made["heldOn"] == later.date().isoformat()
    # A date that is sent is a date that was meant, and one that was not that of the start stays.
    found = await refusal(world, made, startsAt=soon.isoformat(), heldOn=made["heldOn"])
    assert [*found] == [("input.startsAt", "starts_on_the_date")]
    moved = {"id": made["id"], "expectedVersion": made["version"], "to": "POSTPONED"}
    made = await changed(world.database, await world.viewer("member"), "transitionMeeting", MEETING, **moved)
    made = await update(world, made, startsAt=soon.isoformat(), timeZone="Europe/Tallinn")
    assert made["heldOn"] == soon.astimezone(ZoneInfo("Europe/Tallinn")).date().isoformat()
