"""Lines of deliveries: the order line and the need that they count towards, and how much of it they can be."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.purchasing import DELIVERY, Market, a_line, with_lines
from tests.support.small_coalition import an_id

if TYPE_CHECKING:
    from resolvers.database.database import Database

pytestmark = pytest.mark.anyio


@pytest.fixture
async def market(database: Database) -> Market:
    return await Market(database).open()


async def test_a_delivery_counts_towards_the_need_of_its_order_line(market: Market) -> None:
    need = await market.need()
    order = await market.funded_order(10, need=need)
    given = {"title": "Half of it", "purchaseOrderId": an_id(order), "lines": [a_line(order, 5)]}
    made = await market.changed("member", "createDelivery", DELIVERY, **given)
    line = {"quantity": "5", "accepted": None, "rejected": None, "need": {"id": an_id(need)}}
    assert (made["status"], made["lines"]["nodes"]) == ("SCHEDULED", [line])


async def test_no_more_is_received_than_was_ordered_however_much_is_planned(market: Market) -> None:
    order = await market.funded_order(10)
    first = await with_lines(market, order, a_line(order, 6), status="SCHEDULED")
    second = await with_lines(market, order, a_line(order, 5), status="SCHEDULED")
    await market.moved("member", first, "IN_TRANSIT", "RECEIVED")
    await market.moved("member", second, "IN_TRANSIT")
    assert await market.stays("member", second, "RECEIVED") == "received_sum"
    asked = {"id": an_id(first), "expectedVersion": await market.version(first), "lines": [a_line(order, 11)]}
    asked["reason"] = "Counted anew."
    assert await market.rule("member", "updateDelivery", **asked) == "input: received_sum"


async def test_a_line_is_of_the_deliverys_own_order(market: Market) -> None:
    order, other = await market.funded_order(10), await market.funded_order(10)
    given = {"title": "Half of it", "purchaseOrderId": an_id(order), "lines": [a_line(other, 5)]}
    assert await market.rule("member", "createDelivery", **given) == "input.lines.0.orderLineId: order_line"
    need = await market.need()
    given["lines"] = [a_line(order, 5, needId=an_id(need))]
    assert await market.rule("member", "createDelivery", **given) == "input.lines.0.needId: order_line_need"


async def test_a_line_that_was_examined_stays(market: Market) -> None:
    order = await market.funded_order(10)
    arrived = await with_lines(market, order, a_line(order, 4, accepted=4, rejected=0), status="RECEIVED")
    asked = {
        "id": an_id(arrived),
        "expectedVersion": await market.version(arrived),
        "lines": [],
        "reason": "By mistake.",
    }
    assert await market.rule("member", "updateDelivery", **asked) == "input.lines: stays"
