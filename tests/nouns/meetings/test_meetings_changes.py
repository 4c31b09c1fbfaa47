"""Meetings are entered whole: with their agenda, attendances, decisions and votes."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from models import AuditAction, CoalitionRole, Marking, MeetingBody
from tests.support.execute import read
from tests.support.factories import (
    a_coalition_membership,
    a_decision,
    a_decision_target,
    a_document,
    a_meeting,
    a_participant,
    a_procurement,
)
from tests.support.mutations import changed, refused, the_trail
from tests.support.rows import keep
from tests.support.small_coalition import World, an_id

pytestmark = pytest.mark.anyio

TARGETS = "targets { nodes { ordinal participant { code } expertGroup { code } } }"
DECISIONS = f"""decisions {{ nodes {{ id reference ordinal text {TARGETS}
    votes {{ nodes {{ participant {{ code }} choice }} }} }} }}"""
MEETING = f"""meeting {{ id version reference body agenda {{ nodes {{ id ordinal title }} }}
    attendances {{ nodes {{ participant {{ code }} capacity mayVote }} }} {DECISIONS} }}"""


def a_steering_group(world: World, **given: Any) -> dict[str, Any]:
    """Return an input that enters a meeting of the Steering Group with two nations, one of which only observes."""
    attendances = [
        {"participantId": an_id(world.leads), "capacity": "LEAD"},
        {"participantId": an_id(world.home), "capacity": "OBSERVER"},
    ]
    return {"body": "STEERING_GROUP", "title": "Twelfth meeting", "attendances": attendances, **given}


def a_vote(world: World, **given: Any) -> dict[str, Any]:
    return {"participantId": an_id(world.leads), "choice": "FOR", **given}


def a_resolution(*votes: dict[str, Any], **given: Any) -> dict[str, Any]:
    return {"kind": "ORGANISATION", "text": "To charge the group.", "votes": votes, **given}


async def entered(world: World, **given: Any) -> Any:
    return await changed(
        world.database, await world.viewer("lead"), "createMeeting", MEETING, **a_steering_group(world, **given)
    )


async def refusal(world: World, **given: Any) -> set[tuple[str, str]]:
    """Have a lead enter a meeting that is refused; return the path and rule of each violation."""
    lead = await world.viewer("lead")
    error = await refused(world.database, lead, "createMeeting", **a_steering_group(world, **given))
    return {(".".join(each["path"]), each["rule"]) for each in error["violations"]}


async def test_a_lead_enters_a_meeting_with_all_that_belongs_to_it(world: World) -> None:
    targets = [{"expertGroupId": an_id(world.group)}, {"participantId": an_id(world.home)}]
    decisions = [a_resolution(a_vote(world), targets=targets)]
    agenda = [{"title": "Opening"}, {"title": "Procurements"}]
    found = await entered(world, reference="SG-12", agenda=agenda, decisions=decisions)
    assert [(each["ordinal"], each["title"]) for each in found["agenda"]["nodes"]] == [
        (1, "Opening"),
        (2, "Procurements"),
    ]
    assert {(each["participant"]["code"], each["mayVote"]) for each in found["attendances"]["nodes"]} == {
        ("EE", True), ("DK", False),
    }  # fmt: skip
    [decision] = found["decisions"]["nodes"]
    assert decision["reference"].startswith("DEC-")
    assert [target["ordinal"] for target in decision["targets"]["nodes"]] == [1, 2]
    assert decision["votes"]["nodes"] == [{"participant": {"code": "EE"}, "choice": "FOR"}]


async def test_only_leads_and_participants_who_attend_vote_and_each_once(world: World) -> None:
    absent = a_participant("NO")
    await keep(world.database, absent)
    observer, stranger = (a_vote(world, participantId=an_id(each)) for each in (world.home, absent))
    found = await refusal(
        world, decisions=[a_resolution(a_vote(world), observer, stranger, a_vote(world, choice="AGAINST"))]
    )
    votes = "input.decisions.0.votes"
    assert found == {
        (f"{votes}.1.participantId", "only_members_vote"),
        (f"{votes}.2.participantId", "only_members_vote"),
        (f"{votes}.3.participantId", "voted_once"),
    }


async def test_a_voter_is_not_taken_off_the_list_of_those_who_attended(world: World) -> None:
    made = await entered(world, decisions=[a_resolution(a_vote(world))])
    given = {"id": made["id"], "expectedVersion": 1, "attendances": [], "reason": "None came."}
    error = await refused(world.database, await world.viewer("lead"), "updateMeeting", **given)
    assert error["violations"][0]["rule"] == "only_members_vote"


@pytest.mark.parametrize(
    ("memberships", "counts"),
    [
        ([], False),
        ([(CoalitionRole.OBSERVER, None, None)], False),
        ([(CoalitionRole.ORGANISATION, None, None)], False),
        ([(CoalitionRole.PARTICIPANT, None, None)], True),
        ([(CoalitionRole.LEAD, dt.date(2025, 3, 4), dt.date(2025, 3, 4))], True),
        ([(CoalitionRole.LEAD, dt.date(2025, 3, 5), None)], False),
        ([(CoalitionRole.LEAD, None, dt.date(2025, 3, 3))], False),
        ([(CoalitionRole.OBSERVER, None, dt.date(2025, 3, 3)), (CoalitionRole.LEAD, dt.date(2025, 3, 4), None)], True),
    ],
)
async def test_a_vote_counts_of_who_had_one_in_the_coalition_on_that_day(
    world: World, memberships: list[tuple[CoalitionRole, dt.date | None, dt.date | None]], *, counts: bool
) -> None:
    voter = a_participant("NO")
    places = [
        a_coalition_membership(voter, role=role, valid_from=first, valid_to=last) for role, first, last in memberships
    ]
    await keep(world.database, voter, *places)
    at = {"participantId": an_id(voter)}
    decisions = [a_resolution(a_vote(world, **at))]
    given = {"heldOn": "2025-03-04", "attendances": [{**at, "capacity": "LEAD"}], "decisions": decisions}
    if counts:
        await entered(world, **given)
    else:
        assert await refusal(world, **given) == {("input.decisions.0.votes.0.participantId", "only_members_vote")}


async def test_a_meeting_is_not_moved_to_a_day_on_which_who_voted_had_no_vote(world: World) -> None:
    voter = a_participant("NO")
    await keep(world.database, a_coalition_membership(voter, valid_from=dt.date(2025, 3, 4)))
    at = {"participantId": an_id(voter)}
    attendances, votes = [{**at, "capacity": "PARTICIPANT"}], [a_vote(world, **at)]
    # Where nobody says when it was held, today's members vote.
    made = await entered(world, attendances=attendances, decisions=[a_resolution(*votes)])
    given = {"id": made["id"], "expectedVersion": 1, "heldOn": "2025-03-03"}
    error = await refused(world.database, await world.viewer("lead"), "updateMeeting", **given)
    assert [each["rule"] for each in error["violations"]] == ["only_members_vote"]


async def test_a_vote_is_told_of_in_the_history_of_its_meeting_to_the_group_that_owns_it(world: World) -> None:
    attendances = [{"participantId": an_id(world.home), "capacity": "PARTICIPANT"}]
    vote = a_vote(world, participantId=an_id(world.home))
    given = {"body": "EXPERT_GROUP", "title": "Working meeting", "groupId": an_id(world.group), "attendances":
             attendances, "decisions": [a_resolution(vote)]}  # fmt: skip
    made = await changed(world.database, await world.viewer("member"), "createMeeting", MEETING, **given)
    query = """query ($id: ID!) { node(id: $id) { ... on Meeting { history { nodes { entityType } } } }
        auditEvents { totalCount } }"""
    found = await read(world.database, query, viewer=await world.viewer("chair"), id=made["id"])
    kinds = [each["entityType"] for each in found["node"]["history"]["nodes"]]
    assert sorted(kinds) == ["Attendance", "Decision", "Meeting", "Vote"]
    found = await read(world.database, query, viewer=await world.viewer("lead"), id=made["id"])
    assert found == {"node": {"history": {"nodes": []}}, "auditEvents": {"totalCount": 0}}


async def test_a_target_is_one_thing_and_an_attendance_is_there_once(world: World) -> None:
    both = {"expertGroupId": an_id(world.group), "participantId": an_id(world.home)}
    twice = [{"participantId": an_id(world.home)}, {"participantId": an_id(world.home)}]
    found = await refusal(world, decisions=[a_resolution(targets=[both, {}])], attendances=twice)
    assert found == {
        ("input.decisions.0.targets.0", "one_target"),
        ("input.decisions.0.targets.1", "one_target"),
        ("input.attendances.1.participantId", "attended_once"),
    }


async def test_only_a_meeting_of_an_expert_group_names_the_group(world: World) -> None:
    given = a_steering_group(world, groupId=an_id(world.group))
    error = await refused(world.database, await world.viewer("chair"), "createMeeting", **given)
    assert [each["rule"] for each in error["violations"]] == ["group_of_an_expert_group"]
    given = {"body": "EXPERT_GROUP", "title": "Working meeting", "groupId": an_id(world.group)}
    found = await changed(world.database, await world.viewer("member"), "createMeeting", MEETING, **given)
    assert found["body"] == "EXPERT_GROUP"


async def test_what_no_group_owns_is_for_the_leads(world: World) -> None:
    error = await refused(world.database, await world.viewer("chair"), "createMeeting", **a_steering_group(world))
    assert error["code"] == "FORBIDDEN"


async def test_items_are_moved_changed_added_and_left_out_in_one_change(world: World) -> None:
    made = await entered(world, agenda=[{"title": "One"}, {"title": "Two"}, {"title": "Three"}])
    one, two, _ = made["agenda"]["nodes"]
    agenda = [{"id": two["id"], "title": "Two"}, {"title": "New"}, {"id": one["id"], "title": "One, mended"}]
    given = {"id": made["id"], "expectedVersion": 1, "agenda": agenda, "reason": "Three is for the next meeting."}
    found = await changed(world.database, await world.viewer("lead"), "updateMeeting", MEETING, **given)
    assert [(each["ordinal"], each["title"]) for each in found["agenda"]["nodes"]] == [
        (1, "Two"), (2, "New"), (3, "One, mended"),
    ]  # fmt: skip
    assert [found["agenda"]["nodes"][place]["id"] for place in (0, 2)] == [two["id"], one["id"]]


async def test_a_list_takes_nothing_away_that_its_writer_does_not_see(world: World) -> None:
    meeting = a_meeting(body=MeetingBody.STEERING_GROUP, marking=Marking.CLEAR)
    hidden = a_procurement(marking=Marking.RED)
    decision = a_decision(meeting, ordinal=1)
    paper = a_document(marking=Marking.RED)
    meeting.documents = [paper]
    await keep(world.database, a_decision_target(decision, ordinal=1, procurement=hidden), paper)
    kept = {"id": an_id(decision), "reference": decision.reference, "kind": "OTHER", "text": "Anew.",
            "targets": [{"participantId": an_id(world.home)}]}  # fmt: skip
    given = {"id": an_id(meeting), "expectedVersion": 1, "decisions": [kept], "documentIds": [], "reason": "An error."}
    await changed(world.database, await world.viewer("lead"), "updateMeeting", MEETING, **given)
    async with world.database.bypass_policies("a test looks behind the policies").connect() as connection:
        targets = await connection.exec_driver_sql("SELECT ordinal, procurement_id FROM decision_targets ORDER BY 1")
        assert [(row.ordinal, bool(row.procurement_id)) for row in targets] == [(1, False), (2, True)]
        assert len((await connection.exec_driver_sql("SELECT * FROM meeting_documents")).all()) == 1


async def test_a_decision_that_others_rest_on_stays(world: World) -> None:
    made = await entered(world, decisions=[a_resolution()])
    [decision] = made["decisions"]["nodes"]
    lead = await world.viewer("lead")
    given = {"id": an_id(world.group), "expectedVersion": 1, "createdById": decision["id"]}
    await changed(world.database, lead, "updateExpertGroup", "expertGroup { id }", **given)
    given = {"id": made["id"], "expectedVersion": 1, "decisions": [], "reason": "Entered by mistake."}
    error = await refused(world.database, lead, "updateMeeting", **given)
    assert error["violations"][0]["rule"] == "needed"


async def test_a_capacity_is_one_of_the_roles(world: World) -> None:
    found = await entered(world)
    assert {each["capacity"] for each in found["attendances"]["nodes"]} <= {role.name for role in CoalitionRole}


async def held(world: World, *texts: str, **given: Any) -> Any:
    """Enter a meeting that was held, with a decision for each text; their references sort the other way round."""
    numbered = enumerate(texts, start=1)
    decisions = [{"reference": f"D-{9 - place}", "kind": "OTHER", "text": text} for place, text in numbered]
    return await entered(world, heldOn="2025-03-04", decisions=decisions, **given)


async def test_decisions_are_read_in_their_order_and_sent_back_as_read_they_keep_it(world: World) -> None:
    made = await held(world, "First.", "Second.", "Third.")
    first, second, third = read_back = made["decisions"]["nodes"]
    assert [(each["ordinal"], each["text"]) for each in read_back] == [(1, "First."), (2, "Second."), (3, "Third.")]
    given = [{"id": each["id"], "kind": "OTHER", "text": each["text"]} for each in read_back]
    lead = await world.viewer("lead")
    given = [given[0], given[1] | {"text": "Second, corrected."}, given[2], {"kind": "OTHER", "text": "Fourth."}]
    changes = {"id": made["id"], "expectedVersion": 1, "decisions": given, "reason": "A word was wrong."}
    found = await changed(world.database, lead, "updateMeeting", MEETING, **changes)
    assert [(each["ordinal"], each["text"]) for each in found["decisions"]["nodes"]] == [
        (1, "First."), (2, "Second, corrected."), (3, "Third."), (4, "Fourth."),
    ]  # fmt: skip
    assert [each["id"] for each in found["decisions"]["nodes"]][:3] == [first["id"], second["id"], third["id"]]


async def test_what_a_list_leaves_out_leaves_the_places_of_the_others(world: World) -> None:
    made = await entered(world, agenda=[{"title": "One"}, {"title": "Two"}, {"title": "Three"}])
    one, _, three = made["agenda"]["nodes"]
    agenda = [{"id": each["id"], "title": each["title"]} for each in (one, three)]
    given = {"id": made["id"], "expectedVersion": 1, "agenda": agenda, "reason": "It was moved to the next meeting."}
    found = await changed(world.database, await world.viewer("lead"), "updateMeeting", MEETING, **given)
    assert [(each["ordinal"], each["title"]) for each in found["agenda"]["nodes"]] == [(1, "One"), (3, "Three")]


async def test_a_list_that_leaves_something_out_says_why_and_the_audit_log_tells_it(world: World) -> None:
    made = await entered(world, agenda=[{"title": "One"}, {"title": "Two"}])
    lead = await world.viewer("lead")
    given = {"id": made["id"], "expectedVersion": 1, "agenda": []}
    error = await refused(world.database, lead, "updateMeeting", **given)
    assert [(each["path"], each["rule"]) for each in error["violations"]] == [(["input", "reason"], "reason")]
    message = "The list leaves out 2 of the agenda: give the reason, or send them back with their ids."
    assert error["violations"][0]["message"] == message
    await changed(world.database, lead, "updateMeeting", MEETING, reason="Entered by mistake.", **given)
    removed = [each for each in await the_trail(world.database) if each["action"] is AuditAction.REMOVE]
    assert [(each["actor_id"], each["reason"]) for each in removed] == [(lead.account, "Entered by mistake.")] * 2


async def test_what_a_held_meeting_dealt_with_and_decided_is_never_deleted(world: World) -> None:
    made = await held(world, "First.", "Second.", agenda=[{"title": "Opening"}])
    lead, given = await world.viewer("lead"), {"id": made["id"], "expectedVersion": 1, "reason": "Entered by mistake."}
    for name, message in (
        ("decisions", "The meeting was held: its decision D-8 stays."),
        ("agenda", "The meeting was held: item 1 stays on its agenda."),
    ):
        error = await refused(world.database, lead, "updateMeeting", **given, **{name: []})
        assert {(".".join(each["path"]), each["rule"]) for each in error["violations"]} == {(f"input.{name}", "stays")}
        assert error["violations"][0]["message"].startswith(message)


@pytest.mark.parametrize(
    ("days", "precision", "is_refused"),
    [(0, "DAY", False), (1, "DAY", True), (1, None, True), (1, "MONTH", True), (5, "WEEK", False), (7, "WEEK", True)],
)
async def test_a_meeting_in_the_future_has_no_decisions(
    world: World, days: int, precision: str | None, *, is_refused: bool
) -> None:
    day = (dt.datetime.now(dt.UTC).date() + dt.timedelta(days=days)).isoformat()
    given = {"heldOn": day, "heldOnPrecision": precision}
    if is_refused:
        assert await refusal(world, **given, decisions=[a_resolution()]) == {("input.decisions", "decided_when_held")}
        await entered(world, **given)
    else:
        await entered(world, **given, decisions=[a_resolution()])
