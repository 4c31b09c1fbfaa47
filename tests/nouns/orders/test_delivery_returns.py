"""Returns of accepted goods: found by their line, and never changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from models import Marking
from tests.support.execute import read
from tests.support.factories import a_delivery_line, a_delivery_return
from tests.support.purchasing import Market
from tests.support.small_coalition import an_id

if TYPE_CHECKING:
    from resolvers.database.database import Database

pytestmark = pytest.mark.anyio


@pytest.fixture
async def market(database: Database) -> Market:
    return await Market(database).open()


async def test_returns_are_listed_in_their_order_and_their_lines_are_found_by_them(market: Market) -> None:
    order = await market.funded_order(10)
    delivery = await market.delivery(order, "ACCEPTED")
    numbers = {"quantity": 6, "accepted": 6, "rejected": 0, "returned": 2}
    line = a_delivery_line(delivery, order_line=order.lines[0], **numbers)
    returns = a_delivery_return(line, 1, 3), a_delivery_return(line, 2, -1, corrects=1)
    await market.keep(line, *returns)
    query = """{ deliveryReturns(orderBy: [{field: NUMBER, direction: ASC}]) { nodes { number quantity corrects } }
      purchaseOrders(where: {lines: {some: {quantity: {eq: "10"}}}}) { nodes { deliveries { nodes {
        lines(where: {returns: {some: {number: {eq: 2}}}}) { nodes { returned } } } } } } }"""
    found = await read(market.database, query, viewer=await market.world.viewer("member"))
    assert found["deliveryReturns"]["nodes"] == [
        {"number": 1, "quantity": "3", "corrects": None},
        {"number": 2, "quantity": "-1", "corrects": 1},
    ]
    [bought] = found["purchaseOrders"]["nodes"]
    assert bought["deliveries"]["nodes"][0]["lines"]["nodes"] == [{"returned": "2"}]


async def test_only_writers_of_the_group_that_bought_enter_a_return(market: Market) -> None:
    order = await market.funded_order(10)
    delivery = await market.delivery(order, "ACCEPTED")
    line = a_delivery_line(delivery, order_line=order.lines[0], quantity=6, accepted=6, rejected=0)
    await market.keep(line)
    given = {"deliveryLineId": an_id(line), "quantity": 1, "returnedOn": "2026-02-03", "reason": "Broken."}
    error = await market.refused("reader", "createDeliveryReturn", **given)
    assert error["code"] == "FORBIDDEN"


async def test_a_return_is_not_corrected_once_others_replaced_its_units(market: Market) -> None:
    order = await market.funded_order(10)
    delivery = await market.delivery(order, "ACCEPTED")
    line = a_delivery_line(delivery, order_line=order.lines[0], quantity=10, accepted=10, rejected=0)
    await market.keep(line)
    entry = {"deliveryLineId": an_id(line), "quantity": 3, "returnedOn": "2026-02-03", "reason": "Broken."}
    await market.changed("member", "createDeliveryReturn", "deliveryReturn { number }", **entry)
    hidden = {"marking": Marking.RED, "recipients": [market.world.accounts["chair"]]}
    replacing = await market.delivery(order, "SCHEDULED", **hidden)
    await market.keep(a_delivery_line(replacing, order_line=order.lines[0], quantity=2))
    entry |= {"quantity": -2, "corrects": 1, "reason": "They work."}
    [told] = (await market.refused("chair", "createDeliveryReturn", **entry))["violations"]
    assert (told["path"], told["rule"]) == (["input", "quantity"], "received_sum")
    assert told["message"].startswith("With these units, 11 of 10 ordered units would be accepted or expected.")
    [said] = (await market.refused("member", "createDeliveryReturn", **entry))["violations"]
    assert said["rule"] == "hidden"
    await market.changed("member", "createDeliveryReturn", "deliveryReturn { number }", **{**entry, "quantity": -1})
