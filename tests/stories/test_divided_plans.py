"""A plan that two leads divide: each plans a part of a need, and what they plan too much is a clash."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest

from models import Marking, MeetingBody
from tests.support.execute import read
from tests.support.factories import a_decision, a_meeting
from tests.support.purchasing import Market
from tests.support.small_coalition import an_id

if TYPE_CHECKING:
    from resolvers.database.database import Database

pytestmark = pytest.mark.anyio

ROADMAP = "roadmap { id lines { nodes { quantity unit leadParticipant { code } } } }"


@pytest.fixture
async def market(database: Database) -> Market:
    return await Market(database).open()


async def rules(market: Market, name: str, mutation: str, **given: Any) -> list[str]:
    """Return the paths and the rules that a refused change breaks."""
    error = await market.refused(name, mutation, **given)
    return [f"{'.'.join(each['path'])}: {each['rule']}" for each in error["violations"]]


async def test_leads_divide_the_quantity_of_a_need_and_each_plans_it_once_for_a_quarter(market: Market) -> None:
    need = await market.need(quantity=10)
    home, leads = market.world.home, market.world.leads
    line = {"needId": an_id(need), "year": 2027, "quarter": 2, "quantity": "6", "leadParticipantId": an_id(home)}
    given = {"title": "To 2028", "horizon": "2026 to 2028"}
    wrong = [line, line, {**line, "year": 2026, "unit": "KGM"}, {**line, "year": 2028, "quantity": "0.5"}]
    assert await rules(market, "lead", "createRoadmap", **given, lines=wrong) == [
        "input.lines.3.quantity: whole",
        "input.lines.1.needId: planned_once",
        "input.lines.2.unit: unit",
    ]
    lines = [line, {**line, "leadParticipantId": an_id(leads)}]
    made = await market.changed("lead", "createRoadmap", ROADMAP, **given, lines=lines)
    assert made["lines"]["nodes"] == [
        {"quantity": "6", "unit": need.unit, "leadParticipant": {"code": each.code}} for each in (home, leads)
    ]
    again = {"id": an_id(need), "roadmapId": made["id"], "year": 2027, "quarter": 2, "expectedVersion": 2}
    assert await rules(market, "chair", "planCapabilityNeed", **again, quantity="0.5") == ["input.quantity: whole"]
    planned = {"quantity": "3", "leadParticipantId": an_id(leads)}
    assert await rules(market, "chair", "planCapabilityNeed", **again, **planned) == ["input.year: planned_once"]
    await market.changed("chair", "planCapabilityNeed", "capabilityNeed { id }", **again, quantity="3")
    decision = a_decision(
        a_meeting(body=MeetingBody.STEERING_GROUP, held_on=dt.date(2025, 1, 9), marking=Marking.CLEAR)
    )
    await market.keep(decision)
    ruled = {"id": made["id"], "expectedVersion": 2, "endorsedById": an_id(decision)}
    await market.changed("lead", "updateRoadmap", ROADMAP, **ruled)
    endorsed = {"id": made["id"], "expectedVersion": 3, "to": "ENDORSED"}
    await market.changed("lead", "transitionRoadmap", ROADMAP, **endorsed)
    query = """{ roadmapInForce { lines(orderBy: [{field: QUARTER}, {field: QUANTITY}]) {
          nodes { quantity } aggregate { groupBy(by: [QUARTER, LEAD_PARTICIPANT]) { count } } } }
        capabilityNeeds(where: {plannedQuantity: {gte: "15"}}) { nodes { plannedQuantity } }
        clashes(where: {kind: {in: [OVERPLANNED_QUANTITY, PLANNED_BY_TWO]}}) { nodes { kind need { reference } } } }"""
    found = await read(market.database, query, viewer=await market.world.viewer("lead"))
    in_force = found["roadmapInForce"]["lines"]
    assert [each["quantity"] for each in in_force["nodes"]] == ["3", "6", "6"]
    assert [each["count"] for each in in_force["aggregate"]["groupBy"]] == [1, 1, 1]
    assert found["capabilityNeeds"]["nodes"] == [{"plannedQuantity": "15"}]
    assert {each["kind"] for each in found["clashes"]["nodes"]} == {"OVERPLANNED_QUANTITY", "PLANNED_BY_TWO"}
    assert all(each["need"] == {"reference": need.reference} for each in found["clashes"]["nodes"])


async def test_procurements_with_two_leads_clash_until_their_items_divide_the_need(market: Market) -> None:
    need = await market.need(quantity=10)
    leads = market.world.home, market.world.leads
    bought = [await market.procurement("PLANNING", lead_participant=each, needs=[need]) for each in leads]

    async def clashes(*quantities: str | None) -> bool:
        """Enter items of a quantity in each procurement, and return whether their leads clash."""
        query = "{ procurements { nodes { id version } } clashes(where: {kind: {eq: TWO_LEADS}}) { totalCount } }"
        viewer = await market.world.viewer("chair")
        nodes = (await read(market.database, query, viewer=viewer))["procurements"]["nodes"]
        versions = {each["id"]: each["version"] for each in nodes}
        for each, quantity in zip(bought, quantities, strict=False):
            items = [{"description": "Radios", "quantity": quantity, "unit": need.unit, "needId": an_id(need)}]
            given = {"id": an_id(each), "expectedVersion": versions[an_id(each)], "items": items}
            given["reason"] = "The leads divide the need."
            await market.changed("chair", "updateProcurement", "procurement { id }", **given)
        return bool((await read(market.database, query, viewer=viewer))["clashes"]["totalCount"])

    assert await clashes()
    assert await clashes("6")
    assert await clashes("6", "6")
    assert await clashes("6", None)
    assert not await clashes("6", "4")
