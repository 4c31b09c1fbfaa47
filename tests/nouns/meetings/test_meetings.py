"""Meetings: their body, date and place, their attendances, and their decisions."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest

from models import Attendance, CoalitionRole, DatePrecision, DecisionKind, Measure, Meeting, MeetingBody
from tests.support.execute import read
from tests.support.factories import (
    a_decision,
    a_decision_target,
    a_document,
    a_figure,
    a_meeting,
    a_participant,
    a_procurement,
    a_roadmap,
    an_agenda_item,
    an_attendance,
    an_expert_group,
)
from tests.support.rows import allowed, in_python, keep, refused

if TYPE_CHECKING:
    from resolvers.database.database import Database

pytestmark = pytest.mark.anyio

STEERING: dict[str, Any] = {"body": MeetingBody.STEERING_GROUP}
VOTES = {"LEAD": True, "PARTICIPANT": True, "OBSERVER": False, "ORGANISATION": False, None: None}


@pytest.fixture(scope="module")
async def record(shared_database: Database) -> Database:
    luxembourg = a_participant("LU")
    meeting = a_meeting(
        "SG-2",
        **STEERING,
        number=2,
        held_on=dt.date(2024, 4, 3),
        held_on_precision=DatePrecision.DAY,
        place="Luxembourg",
        host=luxembourg,
        documents=[a_document("DOC-1")],
    )
    creation = a_decision(meeting, "SG-2/1", ordinal=1, kind=DecisionKind.ORGANISATION, text="To form four groups.")
    groups = [an_expert_group(f"EG{number}", ordinal=number, created_by=creation) for number in (1, 2, 3, 4)]
    capacities = [None, *CoalitionRole]
    await keep(
        shared_database,
        meeting,
        a_meeting("SG-1", **STEERING, held_on=dt.date(2023, 12, 31)),
        a_meeting("SIGNING", host=luxembourg),
        a_decision(meeting, "SG-2/2", ordinal=2),
        an_agenda_item(meeting, ordinal=1, title="Opening"),
        *(a_decision_target(creation, ordinal=place, expert_group=group) for place, group in enumerate(groups, 1)),
        *(an_attendance(meeting, a_participant(), capacity=capacity) for capacity in capacities),
        a_figure("FIG-1", meeting=meeting, value=10),
        a_figure("FIG-2", meeting=meeting, value=11),
        a_figure("FIG-3", meeting=meeting, value=7, measure=Measure.OBSERVERS),
    )
    return shared_database


async def test_a_meeting_says_when_where_and_what_was_decided(record: Database) -> None:
    query = """{ meetings(where: {body: {eq: STEERING_GROUP}, number: {eq: 2}}) { nodes {
        reference heldOn heldOnPrecision place host { code }
        agenda { nodes { ordinal title } } documents { nodes { reference } }
        decisions { nodes { reference kind text targets { nodes { ordinal expertGroup { code } roadmap { id } } } } }
    } } }"""
    targets = [{"ordinal": place, "expertGroup": {"code": f"EG{place}"}, "roadmap": None} for place in (1, 2, 3, 4)]
    creation = {"reference": "SG-2/1", "kind": "ORGANISATION", "text": "To form four groups."}
    other = {"reference": "SG-2/2", "kind": "OTHER", "text": "To go on.", "targets": {"nodes": []}}
    expected = {
        "reference": "SG-2",
        "heldOn": "2024-04-03",
        "heldOnPrecision": "DAY",
        "place": "Luxembourg",
        "host": {"code": "LU"},
        "agenda": {"nodes": [{"ordinal": 1, "title": "Opening"}]},
        "documents": {"nodes": [{"reference": "DOC-1"}]},
        "decisions": {"nodes": [{**creation, "targets": {"nodes": targets}}, other]},
    }
    assert await read(record, query) == {"meetings": {"nodes": [expected]}}


async def test_figures_that_disagree_stand_side_by_side(record: Database) -> None:
    query = """{ meetings(where: {reference: {eq: "SG-2"}}) { nodes {
        publishedFigures(where: {measure: {eq: PARTICIPATING_NATIONS}}) { nodes { reference value } }
    } } }"""
    figures = [{"reference": "FIG-1", "value": 10}, {"reference": "FIG-2", "value": 11}]
    assert await read(record, query) == {"meetings": {"nodes": [{"publishedFigures": {"nodes": figures}}]}}


async def test_only_leads_and_participants_vote(record: Database) -> None:
    query = "{ meetings { nodes { attendances { nodes { capacity mayVote } } } } }"
    meetings = (await read(record, query))["meetings"]["nodes"]
    nodes = [node for meeting in meetings for node in meeting["attendances"]["nodes"]]
    assert {node["capacity"]: node["mayVote"] for node in nodes} == VOTES
    found = await in_python(record, Attendance, "capacity", "may_vote")
    assert {capacity and capacity.name: vote for capacity, vote in found.items()} == VOTES


async def test_attendances_are_counted_by_capacity(record: Database) -> None:
    query = """{ meetings(where: {reference: {eq: "SG-2"}}) { nodes { attendances { aggregate {
        groupBy(by: [CAPACITY]) { keys { value } count }
    } } } } }"""
    [node] = (await read(record, query))["meetings"]["nodes"]
    found = [(*group["keys"][0].values(), group["count"]) for group in node["attendances"]["aggregate"]["groupBy"]]
    assert found == [("LEAD", 1), ("OBSERVER", 1), ("ORGANISATION", 1), ("PARTICIPANT", 1), (None, 1)]


async def test_meetings_have_the_year_in_which_they_were_held(record: Database) -> None:
    years = {"SG-1": 2023, "SG-2": 2024, "SIGNING": None}
    nodes = (await read(record, "{ meetings { nodes { reference heldYear } } }"))["meetings"]["nodes"]
    assert {node["reference"]: node["heldYear"] for node in nodes} == years
    assert await in_python(record, Meeting, "reference", "held_year") == years


async def test_meetings_are_counted_by_year_body_and_host(record: Database) -> None:
    query = "{ meetings { aggregate { groupBy(by: [HELD_YEAR, BODY, HOST]) { keys { value label } count } } } }"
    groups = (await read(record, query))["meetings"]["aggregate"]["groupBy"]
    host = ("LU", "The LU")
    assert [[tuple(key.values()) for key in group["keys"]] for group in groups] == [
        [("2023", None), ("STEERING_GROUP", None), (None, None)],
        [("2024", None), ("STEERING_GROUP", None), host],
        [(None, None), ("OTHER", None), host],
    ]
    assert [group["count"] for group in groups] == [1, 1, 1]


async def test_decisions_are_counted_by_meeting_and_kind(record: Database) -> None:
    query = "{ decisions { totalCount aggregate { groupBy(by: [MEETING, KIND]) { keys { value label } count } } } }"
    decisions = (await read(record, query))["decisions"]
    found = [([tuple(key.values()) for key in g["keys"]], g["count"]) for g in decisions["aggregate"]["groupBy"]]
    meeting = ("SG-2", "Meeting SG-2")
    assert found == [([meeting, ("ORGANISATION", None)], 1), ([meeting, ("OTHER", None)], 1)]
    assert decisions["totalCount"] == 2


async def test_other_bodies_may_repeat_a_number_and_unknown_numbers_repeat_nothing(shared_database: Database) -> None:
    numbered = [a_meeting(body=body, number=91) for body in (*MeetingBody, MeetingBody.UDCG)]
    await allowed(shared_database, *numbered, a_meeting(**STEERING), a_meeting(**STEERING))


async def test_only_an_expert_groups_meeting_names_the_group(shared_database: Database) -> None:
    wrong = a_meeting(**STEERING, group=an_expert_group())
    await refused(shared_database, "ck_meetings_group_of_an_expert_group", wrong)


async def test_meetings_are_numbered_from_one(shared_database: Database) -> None:
    await refused(shared_database, "ck_meetings_number", a_meeting(number=0))


async def test_a_reference_belongs_to_one_meeting(shared_database: Database) -> None:
    await refused(shared_database, "uq_meetings_reference", a_meeting("SG-9"), a_meeting("SG-9"))


async def test_a_participant_attends_a_meeting_once(shared_database: Database) -> None:
    meeting, participant = a_meeting(), a_participant()
    twins = [an_attendance(meeting, participant, capacity=role) for role in (None, CoalitionRole.LEAD)]
    await refused(shared_database, "uq_attendances_meeting_id_participant_id", *twins)


async def test_a_place_on_the_agenda_holds_one_item(shared_database: Database) -> None:
    meeting = a_meeting()
    twins = [an_agenda_item(meeting, ordinal=1) for _ in range(2)]
    await refused(shared_database, "uq_agenda_items_meeting_id_ordinal", *twins)


@pytest.mark.parametrize(
    ("constraint", "name", "value"),
    [("uq_decisions_reference", "reference", "SG-9/1"), ("uq_decisions_meeting_id_ordinal", "ordinal", 1)],
)
async def test_a_decision_has_its_own_name_and_place(
    shared_database: Database, constraint: str, name: str, value: Any
) -> None:
    meeting = a_meeting()
    await refused(shared_database, constraint, *(a_decision(meeting, **{name: value}) for _ in range(2)))


async def test_a_target_that_names_nothing_is_refused(shared_database: Database) -> None:
    await refused(shared_database, "ck_decision_targets_one_target", a_decision_target(a_decision(a_meeting())))


@pytest.mark.parametrize("other", ["expert_group", "procurement", "roadmap"])
async def test_a_target_that_names_two_things_is_refused(shared_database: Database, other: str) -> None:
    made = {"expert_group": an_expert_group, "procurement": a_procurement, "roadmap": a_roadmap}
    both = {"participant": a_participant(), other: made[other]()}
    target = a_decision_target(a_decision(a_meeting()), **both)
    await refused(shared_database, "ck_decision_targets_one_target", target)


async def test_a_place_among_the_targets_holds_one(shared_database: Database) -> None:
    decision = a_decision(a_meeting())
    twins = [a_decision_target(decision, ordinal=1, participant=a_participant()) for _ in range(2)]
    await refused(shared_database, "uq_decision_targets_decision_id_ordinal", *twins)
