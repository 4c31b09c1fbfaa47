"""Orders that end early: refused by the supplier, closed short, terminated; and the money that they release."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.support.execute import read
from tests.support.purchasing import Buyer, Market, euros, units
from tests.support.small_coalition import an_id

if TYPE_CHECKING:
    from resolvers.database.database import Database

pytestmark = pytest.mark.anyio


@pytest.fixture
async def buyer(database: Database) -> Buyer:
    market = await Market(database).open()
    bought = await market.procurement()
    await market.allocation(await market.contribution(), bought, "100.00")
    return Buyer(market, bought)


async def asked(buyer: Buyer, order: dict[str, Any], to: str) -> dict[str, Any]:
    """Return the input that requests a status of an order."""
    return {"id": order["id"], "expectedVersion": await buyer.version(order), "to": to}


async def test_an_order_that_the_supplier_refuses_releases_its_money_for_another(buyer: Buyer) -> None:
    refused = await buyer.places(units(10, "10.00"))
    second = await buyer.orders(units(8, "12.00"))
    assert await buyer.breaks(second, "PLACED") == "input.to: orders_sum"
    assert await buyer.breaks(refused, "CANCELLED") == "input.reason: reason"
    found = await buyer.moves(refused, "CANCELLED", reason="The supplier refused it.", endedOn="2026-02-03")
    assert (found["owed"], found["value"]) == (euros("0.00"), euros("100.00"))
    assert (found["endedOn"], found["endReason"]) == ("2026-02-03", "The supplier refused it.")
    placed = await buyer.moves(second, "PLACED")
    assert placed["procurement"] == {"owedValue": [euros("96.00")], "orderedValue": [euros("96.00")]}


async def test_an_order_closed_short_owes_what_was_accepted(buyer: Buyer) -> None:
    order = await buyer.moves(await buyer.places(units(10, "10.00")), "CONFIRMED")
    await buyer.receives(order, 6)
    found = await buyer.moves(order, "CLOSED", reason="The rest will not come.")
    assert (found["status"], found["owed"]) == ("CLOSED", euros("60.00"))
    assert found["endedOn"] is not None
    await buyer.places(units(4, "10.00"))


async def test_a_terminated_order_owes_what_was_settled_and_never_more_than_its_value(buyer: Buyer) -> None:
    lines = units(10, "8.00"), units(1, "20.00", kind="FREIGHT", description="Freight")
    order = await buyer.moves(await buyer.places(*lines), "CONFIRMED")
    await buyer.receives(order, 2)
    ends = {"reason": "The supplier is insolvent."}
    assert await buyer.breaks(order, "TERMINATED", **ends) == "input.settled: settled"
    query = """query ($id: ID!) { node(id: $id) { ... on PurchaseOrder {
        availableTransitions transitions { to allowed needsFields reason } } } }"""
    viewer = await buyer.market.world.viewer("member")
    judged = (await read(buyer.market.database, query, viewer=viewer, id=order["id"]))["node"]
    settled = {"to": "TERMINATED", "allowed": True, "needsFields": ["settled"], "reason": None}
    assert "TERMINATED" in judged["availableTransitions"]
    assert settled in judged["transitions"]
    nowhere = await buyer.market.refused("member", "transitionPurchaseOrder", **await asked(buyer, order, "DELIVERED"))
    assert "TERMINATED (send settled)" in nowhere["violations"][0]["message"]
    assert await buyer.breaks(order, "TERMINATED", settled=euros("100.01"), **ends) == "input.settled: settled"
    found = await buyer.moves(order, "TERMINATED", settled=euros("31.50"), **ends)
    assert (found["status"], found["owed"]) == ("TERMINATED", euros("31.50"))


async def test_what_is_missing_to_close_an_order_short_is_said_at_once(buyer: Buyer) -> None:
    lines = units(10, "8.00"), units(1, "20.00", kind="FREIGHT", description="Freight")
    order = await buyer.moves(await buyer.places(*lines), "CONFIRMED")
    await buyer.receives(order, 2)
    query = """query ($id: ID!) { node(id: $id) { ... on PurchaseOrder {
        transitions { to allowed needsReason needsFields } } } }"""
    viewer = await buyer.market.world.viewer("member")
    judged = (await read(buyer.market.database, query, viewer=viewer, id=order["id"]))["node"]
    closed = {"to": "CLOSED", "allowed": True, "needsReason": True, "needsFields": ["settled"]}
    assert closed in judged["transitions"]
    refusal = await buyer.market.refused("member", "transitionPurchaseOrder", **await asked(buyer, order, "CLOSED"))
    missing = [(each["path"], each["rule"]) for each in refusal["violations"]]
    assert missing == [(["input", "reason"], "reason"), (["input", "settled"], "settled")]
    found = await buyer.moves(order, "CLOSED", reason="The rest will not come.", settled=euros("30.00"))
    assert found["owed"] == euros("30.00")


async def test_goods_that_are_received_are_examined_before_an_order_ends(buyer: Buyer) -> None:
    order = await buyer.moves(await buyer.places(units(10, "10.00")), "CONFIRMED")
    await buyer.receives(order, 3, to=None)
    assert await buyer.breaks(order, "TERMINATED", reason="Too late.") == "input.to: examined"


async def test_nothing_more_is_delivered_for_an_order_that_was_terminated(buyer: Buyer) -> None:
    order = await buyer.moves(await buyer.places(units(10, "10.00")), "CONFIRMED")
    found = await buyer.moves(order, "TERMINATED", reason="Too late.")
    assert found["owed"] == euros("0.00")
    given = {"title": "Laptops", "purchaseOrderId": order["id"]}
    assert await buyer.market.rule("member", "createDelivery", **given) == "input.purchaseOrderId: ended"


async def test_an_order_cancelled_by_mistake_becomes_a_draft_again_with_a_reason_of_the_chair(buyer: Buyer) -> None:
    order = await buyer.moves(await buyer.places(units(10, "10.00")), "CANCELLED", reason="Refused.")
    again = {"reason": "It was another order."}
    assert await buyer.breaks(order, "DRAFT", **again) == "FORBIDDEN"
    assert await buyer.breaks(order, "DRAFT", "chair") == "input.reason: reason"
    found = await buyer.moves(order, "DRAFT", "chair", **again)
    assert (found["status"], found["endedOn"], found["endReason"]) == ("DRAFT", None, None)
    assert (await buyer.moves(order, "PLACED"))["owed"] == euros("100.00")


async def test_a_price_below_a_cent_is_multiplied_exactly(buyer: Buyer) -> None:
    order = await buyer.places(units(1001, "0.0125"))
    [line] = order["lines"]["nodes"]
    assert (line["unitPrice"]["amount"], line["amount"], order["value"]) == ("0.0125", euros("12.51"), euros("12.51"))


async def test_months_are_bought_in_parts_and_sets_are_not(buyer: Buyer) -> None:
    hosting = units("2.5", "10.00", unit="MON", kind="SERVICE")
    order = await buyer.places(hosting)
    assert (order["value"], order["lines"]["nodes"][0]["quantity"]) == (euros("25.00"), "2.5")
    given = {"procurementId": an_id(buyer.bought), "lines": [{"description": "x", **units(2.5, "10.00", unit="set")}]}
    rule = await buyer.market.rule("member", "createPurchaseOrder", **given)
    assert rule == "input.lines.0.quantity: whole"


async def test_an_order_has_a_discount_and_freight_and_is_delivered_without_them(buyer: Buyer) -> None:
    lines = (
        units(10, "9.00"),
        units(1, "15.00", kind="FREIGHT", description="Freight"),
        units(1, "10.00", kind="DISCOUNT", description="Discount"),
    )
    order = await buyer.moves(await buyer.places(*lines), "CONFIRMED")
    assert order["value"] == euros("95.00")
    assert [line["amount"]["amount"] for line in order["lines"]["nodes"]] == ["90.00", "15.00", "-10.00"]
    await buyer.receives(order, 10)
    assert (await buyer.now(order))["status"] == "DELIVERED"


async def test_discounts_never_exceed_the_rest_of_an_order(buyer: Buyer) -> None:
    lines = [{"description": "x", **units(1, "1.00")}, {"description": "y", **units(1, "1.01", kind="CREDIT")}]
    rule = await buyer.market.rule("member", "createPurchaseOrder", procurementId=an_id(buyer.bought), lines=lines)
    assert rule == "input.lines: lines_sum"
