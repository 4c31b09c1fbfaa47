"""The priority of a procurement is the highest of its open needs, or the one that a decision sets."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest

from models import DecisionOutcome, Marking, MeetingBody, MeetingStatus, NeedStatus, Priority
from tests.support.execute import read
from tests.support.factories import a_decision, a_meeting, a_need, a_procurement
from tests.support.purchasing import Market
from tests.support.rows import keep, refused_sql
from tests.support.small_coalition import an_id

if TYPE_CHECKING:
    from resolvers.database.database import Database

pytestmark = pytest.mark.anyio

PRIORITY = "procurement { version priority priorityRank decidedPriority priorityDecision { reference } }"

HISTORY = """query ($id: ID!) { node(id: $id) { ... on Procurement {
    priority decidedPriority history(last: 1) { nodes { before after reason } } } } }"""


@pytest.fixture
async def market(database: Database) -> Market:
    return await Market(database).open()


def a_need_of(market: Market, priority: str | None, **changes: Any) -> Any:
    ranked = Priority[priority] if priority else None
    return a_need(market.world.area, priority=ranked, **{"status": NeedStatus.VALIDATED, **changes})


async def test_the_priority_is_the_highest_of_the_open_needs_that_the_viewer_sees(market: Market) -> None:
    needs = [a_need_of(market, each) for each in ("LOW", "HIGH", None)]
    ended = a_need_of(market, "CRITICAL", status=NeedStatus.MET), a_need_of(market, "HIGH", status=NeedStatus.REJECTED)
    hidden = a_need_of(market, "CRITICAL", marking=Marking.RED)
    await keep(
        market.database,
        a_procurement("A", needs=[needs[0], *ended]),
        a_procurement("B", needs=[*needs, hidden]),
        a_procurement("C", needs=[needs[2], *ended, hidden]),
        a_procurement("D"),
    )
    query = """{ procurements(orderBy: [{field: PRIORITY_RANK}, {field: REFERENCE}]) {
        nodes { reference priority priorityRank }
        aggregate { groupBy(by: [PRIORITY]) { count keys { value } } } } }"""
    viewer = await market.world.viewer("reader")
    found = (await read(market.database, query, viewer=viewer))["procurements"]
    assert [tuple(node.values()) for node in found["nodes"]] == [
        ("B", "HIGH", 2), ("A", "LOW", 4), ("C", None, None), ("D", None, None)
    ]  # fmt: skip
    groups = {group["keys"][0]["value"]: group["count"] for group in found["aggregate"]["groupBy"]}
    assert groups == {"HIGH": 1, "LOW": 1, None: 2}
    for where, references in (('{eq: "HIGH"}', "B"), ("{isNull: true}", "CD"), ("{in: [LOW, CRITICAL]}", "A")):
        filtered = f"{{ procurements(where: {{priority: {where.replace(chr(34), '')}}}) {{ nodes {{ reference }} }} }}"
        nodes = (await read(market.database, filtered, viewer=viewer))["procurements"]["nodes"]
        assert "".join(node["reference"] for node in nodes) == references
    # Without a viewer everything counts.
    everything = await read(market.database, "{ procurements { nodes { priority } } }")
    assert [node["priority"] for node in everything["procurements"]["nodes"]] == ["LOW", "CRITICAL", "CRITICAL", None]


async def test_a_decision_that_is_in_force_sets_the_priority_and_keeps_it_until_it_is_cleared(market: Market) -> None:
    bought = await market.procurement("PLANNING", needs=[a_need_of(market, "LOW", group=market.world.group)])
    meeting = a_meeting(status=MeetingStatus.HELD)
    adopted, deferred = a_decision(meeting), a_decision(meeting, outcome=DecisionOutcome.DEFERRED)
    revoked = a_decision(meeting)
    await market.keep(meeting, adopted, deferred, a_decision(meeting, revokes=revoked))
    given = {"id": an_id(bought), "expectedVersion": 1, "decidedPriority": "CRITICAL"}
    assert await market.rule("member", "updateProcurement", **given) == "input.decidedPriority: decided"
    for decision in (deferred, revoked):
        wrong = {**given, "priorityDecisionId": an_id(decision)}
        said = "input.priorityDecisionId: priority_decision"
        assert await market.rule("member", "updateProcurement", **wrong) == said
    given["priorityDecisionId"] = an_id(adopted)
    made = await market.changed("member", "updateProcurement", PRIORITY, **given)
    assert (made["priority"], made["priorityRank"]) == ("CRITICAL", 1)
    assert made["priorityDecision"] == {"reference": adopted.reference}
    outcome = f"UPDATE decisions SET outcome = 'REJECTED' WHERE id = '{adopted.id}'"  # noqa: S608 - ours
    said = "The decision sets the priority of a procurement. Change that priority first."
    await refused_sql(market.database, "fk_procurements_priority_decision_id", outcome, said)
    named = f"UPDATE procurements SET priority_decision_id = '{deferred.id}' WHERE id = '{bought.id}'"  # noqa: S608
    said = "Only a decision that is ADOPTED sets the priority of a procurement."
    await refused_sql(market.database, "fk_procurements_priority_decision_id", named, said)
    given = {"id": an_id(bought), "expectedVersion": 2, "decidedPriority": None, "priorityDecisionId": None}
    made = await market.changed("member", "updateProcurement", PRIORITY, **given)
    assert (made["priority"], made["decidedPriority"], made["priorityDecision"]) == ("LOW", None, None)


async def test_a_decided_priority_ends_with_its_decision_and_history_shows_it(market: Market) -> None:
    bought = await market.procurement("PLANNING", needs=[a_need_of(market, "LOW", group=market.world.group)])
    body: dict[str, Any] = {"group": market.world.group, "body": MeetingBody.EXPERT_GROUP, "status": MeetingStatus.HELD}
    first, second, third = (a_meeting(held_on=dt.date(2026, month, 2), **body) for month in (3, 4, 5))
    decision, other = a_decision(first), a_decision(first)
    await market.keep(decision, other, second, third)
    given = {
        "id": an_id(bought),
        "expectedVersion": 1,
        "decidedPriority": "HIGH",
        "priorityDecisionId": an_id(decision),
    }
    assert (await market.changed("member", "updateProcurement", PRIORITY, **given))["priority"] == "HIGH"
    for later, revoked, left in ((second, other, "HIGH"), (third, decision, "LOW")):
        meeting = {"id": an_id(later), "expectedVersion": 1, "reason": "As agreed."}
        meeting["decisions"] = [{"kind": "PROCUREMENT", "text": "It is revoked.", "revokesId": an_id(revoked)}]
        await market.changed("chair", "updateMeeting", "meeting { id }", **meeting)
        viewer = await market.world.viewer("member")
        found = (await read(market.database, HISTORY, viewer=viewer, id=an_id(bought)))["node"]
        assert (found["priority"], found["decidedPriority"]) == (left, left if left == "HIGH" else None)
    [last] = found["history"]["nodes"]
    assert last["before"] == {"decidedPriority": "HIGH", "priorityDecisionId": an_id(decision)}
    assert (last["after"], last["reason"]) == ({"decidedPriority": None, "priorityDecisionId": None}, "As agreed.")
