"""Returns of accepted goods: found by their line, and never changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

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
