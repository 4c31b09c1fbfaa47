"""Agreements stay: a placed order, its award, the needs that it serves, and a validated need."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest

from models import AwardStatus
from models.base import now
from tests.support.execute import read
from tests.support.factories import a_supplier, an_award
from tests.support.mutations import change
from tests.support.purchasing import Buyer, Market, units
from tests.support.small_coalition import an_id

if TYPE_CHECKING:
    from models import Entity
    from resolvers.database.database import Database

pytestmark = pytest.mark.anyio

TOMORROW = str(now().date() + dt.timedelta(days=1))


@pytest.fixture
async def market(database: Database) -> Market:
    return await Market(database).open()


async def updates(market: Market, row: Entity, **given: Any) -> str:
    """Update a row; return the path and the rule if it is refused, else nothing."""
    noun = type(row).__name__
    asked = {"id": an_id(row), "expectedVersion": await market.version(row), **given}
    viewer = await market.world.viewer("member")
    found = await change(market.database, viewer, f"update{noun}", f"{noun[0].lower()}{noun[1:]} {{ id }}", **asked)
    broken = found.get("violations")
    return f"{'.'.join(broken[0]['path'])}: {broken[0]['rule']}" if broken else ""


async def test_a_placed_order_changes_its_supplier_award_and_day_only_with_a_reason(market: Market) -> None:
    bought = await market.procurement()
    await market.allocation(await market.contribution(), bought, "100.00")
    first, second = a_supplier("First"), a_supplier("Second")
    award = an_award(bought, status=AwardStatus.ACTIVE, suppliers=[first, second])
    await market.keep(first, second, award)
    order = await market.order(bought, 2)
    given = {"awardId": an_id(award), "supplierId": an_id(first), "expectedOn": "2026-01-01"}
    assert await updates(market, order, **given, orderedOn=TOMORROW) == "input.expectedOn: period"
    assert await updates(market, order, **given, orderedOn="2025-12-01") == ""
    await market.moved("member", order, "PLACED")
    assert str(await market.of(order, "ordered_on")) == "2025-12-01"
    other = {"supplierId": an_id(second)}
    assert await updates(market, order, **other) == "input.reason: reason"
    assert await updates(market, order, orderedOn="2025-12-02") == "input.reason: reason"
    assert await updates(market, order, supplierId=None, reason="Unknown.") == "input.supplierId: supplier"
    assert await updates(market, order, **other, reason="The contract was taken over.") == ""
    answer = await market.move("member", award, "CANCELLED", reason="A mistake.")
    assert answer["violations"][0]["message"] == (
        f"{order.number} is PLACED under this award. End the order, or change its awardId, first."
    )
    ends = {"reason": "Refused.", "endedOn": TOMORROW}
    assert await market.stays("member", order, "CANCELLED", **ends) == "future"
    await market.move("member", order, "CANCELLED", reason="Refused.")
    answer = await market.move("member", award, "CANCELLED", reason="A mistake.")
    assert answer["award"] == {"status": "CANCELLED"}


async def test_an_order_has_the_day_on_which_it_is_placed_and_a_delivery_that_of_its_arrival(market: Market) -> None:
    bought = await market.procurement()
    await market.allocation(await market.contribution(), bought, "100.00")
    buyer = Buyer(market, bought)
    buyer.ordered_on = None
    order = await buyer.moves(await buyer.places(units(2, "10.00")), "CONFIRMED")
    await buyer.receives(order, 1)
    query = """query ($id: ID!) { node(id: $id) {
        ... on PurchaseOrder { orderedOn deliveries { nodes { receivedOn } } } } }"""
    viewer = await market.world.viewer("member")
    found = (await read(market.database, query, viewer=viewer, id=order["id"]))["node"]
    today = str(now().date())
    assert found == {"orderedOn": today, "deliveries": {"nodes": [{"receivedOn": today}]}}
    assert await buyer.breaks(order, "CLOSED") == "input.reason: reason"
    assert (await buyer.moves(order, "CLOSED", reason="The rest will not come."))["status"] == "CLOSED"


async def test_a_need_that_is_ordered_stays_in_its_procurement(market: Market) -> None:
    need = await market.need(10)
    bought = await market.procurement("ORDERED", needs=[need])
    order = await market.order(bought, 2, status="CONFIRMED", need=need)
    assert await updates(market, bought, needIds=[]) == "input.needIds: ordered"
    await market.move("member", order, "TERMINATED", reason="It is late.")
    assert await market.status(order) == "TERMINATED"
    cancelled = await market.order(bought, 1, status="CANCELLED", need=need)
    assert await updates(market, bought, needIds=[]) == ""
    # Nothing is ordered for a need that the procurement does not have.
    assert await market.stays("chair", cancelled, "DRAFT", reason="It is needed.") == "need"
    line, draft = {"description": "Laptops", "needId": an_id(need)}, await market.order(bought, 1)
    given: dict[str, Any] = {"procurementId": an_id(bought), "lines": [line]}
    assert await market.rule("member", "createPurchaseOrder", **given) == "input.lines.0.needId: need"
    given = {"id": an_id(draft), "expectedVersion": 1, "lines": [{"id": an_id(draft.lines[0]), **line}]}
    assert await market.rule("member", "updatePurchaseOrder", **given) == "input.lines.0.needId: need"


async def test_the_quantity_of_a_validated_need_changes_only_with_a_reason(market: Market) -> None:
    need = await market.need(10)
    assert await updates(market, need, title="Radios for brigades") == ""
    assert await updates(market, need, quantity=99999) == "input.reason: reason"
    assert await updates(market, need, quantity=10) == ""
    assert await updates(market, need, quantity=12, reason="Two brigades more.") == ""


async def test_the_chair_hands_an_object_to_another_group_or_to_the_leads(market: Market) -> None:
    need = await market.need(10)
    other = market.world.other_group
    given: dict[str, Any] = {"id": an_id(need), "groupId": an_id(other)}
    selected = "capabilityNeed { group { id } }"
    for name in ("member", "lead"):
        error = await market.refused(name, "updateCapabilityNeed", **given, expectedVersion=1)
        assert error["code"] == "FORBIDDEN", name
    found = await market.changed("chair", "updateCapabilityNeed", selected, **given, expectedVersion=1)
    assert found["group"] == {"id": an_id(other)}
    error = await market.refused("chair", "updateCapabilityNeed", **given | {"groupId": None}, expectedVersion=2)
    assert error["code"] == "FORBIDDEN"
    # A strict object is handed over with the marking that the receivers may see, in one change.
    strict = await market.need(10)
    given = {"id": an_id(strict), "reason": "It is theirs."}
    await market.changed("chair", "updateCapabilityNeed", selected, **given, expectedVersion=1, marking="AMBER_STRICT")
    given |= {"groupId": an_id(other), "marking": "AMBER", "expectedVersion": 2}
    for name in ("member", "lead"):
        error = await market.refused(name, "updateCapabilityNeed", **given)
        assert error["code"] == ("FORBIDDEN" if name == "member" else "NOT_FOUND"), name
    found = await market.changed("chair", "updateCapabilityNeed", selected, **given)
    assert found["group"] == {"id": an_id(other)}
    again = await market.need(10)
    given = {"id": an_id(again), "groupId": None}
    found = await market.changed("chair", "updateCapabilityNeed", selected, **given, expectedVersion=1)
    assert found["group"] is None
    given = {"id": an_id(again), "groupId": an_id(other)}
    assert await market.changed("lead", "updateCapabilityNeed", selected, **given, expectedVersion=2)
