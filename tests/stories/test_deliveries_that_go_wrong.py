"""Deliveries that do not go as planned: called off, lost, examined wrongly, rejected and replaced, returned."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.support.execute import read
from tests.support.purchasing import Market
from tests.support.small_coalition import an_id

if TYPE_CHECKING:
    from models import CapabilityNeed, PurchaseOrder
    from resolvers.database.database import Database

pytestmark = pytest.mark.anyio

DELIVERY = """delivery { id version status endedOn endReason
  lines { nodes { id quantity accepted rejected } } }"""


class Store:
    """A member of a group who receives ten laptops of a confirmed order for a need, over the API alone."""

    def __init__(self, market: Market, need: CapabilityNeed, order: PurchaseOrder) -> None:
        self.market = market
        self.need = need
        self.order = order

    async def expects(self, units: int, **line: Any) -> dict[str, Any]:
        """Announce a delivery of the order."""
        lines = [{"description": "Laptops", "quantity": units, "orderLineId": an_id(self.order.lines[0]), **line}]
        given = {"title": "Laptops", "purchaseOrderId": an_id(self.order), "lines": lines}
        return dict(await self.market.changed("member", "createDelivery", DELIVERY, **given))

    async def moves(self, delivery: dict[str, Any], *statuses: str, name: str = "member", **given: Any) -> Any:
        """Change the status of a delivery, step by step."""
        for to in statuses:
            asked = {"id": delivery["id"], "expectedVersion": await self.version(delivery), "to": to, **given}
            delivery = await self.market.changed(name, "transitionDelivery", DELIVERY, **asked)
        return delivery

    async def breaks(self, delivery: dict[str, Any], to: str, name: str = "member", **given: Any) -> str:
        """Request a status that must be refused; return the path and the rule, or the code."""
        asked = {"id": delivery["id"], "expectedVersion": await self.version(delivery), "to": to, **given}
        error = await self.market.refused(name, "transitionDelivery", **asked)
        broken = error.get("violations")
        return f"{'.'.join(broken[0]['path'])}: {broken[0]['rule']}" if broken else str(error["code"])

    async def version(self, delivery: dict[str, Any]) -> int:
        """Return the version of a delivery."""
        query = "query ($id: ID!) { node(id: $id) { ... on Delivery { version } } }"
        found = await read(
            self.market.database, query, viewer=await self.market.world.viewer("member"), id=delivery["id"]
        )
        return int(found["node"]["version"])

    async def statuses(self) -> list[str]:
        """Return the statuses of the order, its procurement and the need."""
        return [await self.market.status(row) for row in (self.order, self.order.procurement, self.need)]


@pytest.fixture
async def store(database: Database) -> Store:
    market = await Market(database).open()
    need = await market.need(10)
    return Store(market, need, await market.funded_order(10, need=need))


async def test_a_delivery_is_called_off_with_the_day_and_the_reason(store: Store) -> None:
    delivery = await store.expects(10)
    assert await store.breaks(delivery, "CANCELLED") == "input.reason: reason"
    ends = {"reason": "The road is closed.", "endedOn": "2026-02-03"}
    found = await store.moves(delivery, "CANCELLED", **ends)
    assert (found["status"], found["endedOn"], found["endReason"]) == ("CANCELLED", "2026-02-03", "The road is closed.")
    assert await store.breaks(found, "SCHEDULED", reason="It is open.") == "FORBIDDEN"
    again = await store.moves(found, "SCHEDULED", name="chair", reason="It is open.")
    assert (again["status"], again["endedOn"], again["endReason"]) == ("SCHEDULED", None, None)


async def test_a_lost_delivery_gives_way_to_another_of_the_same_order(store: Store) -> None:
    delivery = await store.moves(await store.expects(10), "IN_TRANSIT")
    found = await store.moves(delivery, "LOST", reason="The truck burnt.")
    assert found["endedOn"] is not None
    await store.moves(await store.expects(10), "IN_TRANSIT", "RECEIVED", "ACCEPTED")
    assert await store.statuses() == ["DELIVERED", "DELIVERING", "MET"]


async def test_a_delivery_that_is_under_way_when_its_order_ends_is_called_off(store: Store) -> None:
    delivery = await store.moves(await store.expects(10), "IN_TRANSIT")
    ends = {"reason": "Too late."}
    assert (await store.market.move("member", store.order, "TERMINATED", **ends))["__typename"].endswith("Success")
    assert await store.breaks(delivery, "RECEIVED") == "input.to: ended"
    found = await store.moves(delivery, "CANCELLED", reason="The order was terminated.")
    assert await store.breaks(found, "SCHEDULED", "chair", reason="By mistake.") == "input.to: ended"


async def test_only_a_delivery_that_fails_has_an_end(store: Store) -> None:
    delivery = await store.expects(10)
    assert await store.breaks(delivery, "IN_TRANSIT", endedOn="2026-02-03") == "input.endedOn: ended"


async def test_goods_that_were_accepted_wrongly_are_examined_again_and_all_statuses_go_back(store: Store) -> None:
    delivery = await store.moves(await store.expects(10), "IN_TRANSIT", "RECEIVED", "ACCEPTED")
    assert await store.statuses() == ["DELIVERED", "DELIVERING", "MET"]
    assert await store.breaks(delivery, "RECEIVED", "chair") == "input.reason: reason"
    again = await store.moves(delivery, "RECEIVED", name="chair", reason="The batteries are empty.")
    assert again["lines"]["nodes"][0]["accepted"] is None
    assert await store.statuses() == ["CONFIRMED", "DELIVERING", "VALIDATED"]
    await store.moves(again, "REJECTED")
    assert await store.statuses() == ["CONFIRMED", "ORDERED", "VALIDATED"]


async def test_goods_of_a_closed_order_are_not_examined_again(store: Store) -> None:
    delivery = await store.moves(await store.expects(10), "IN_TRANSIT", "RECEIVED", "ACCEPTED")
    await store.market.moved("member", store.order, "CLOSED")
    assert await store.breaks(delivery, "RECEIVED", "chair", reason="Broken.") == "input.to: ended"
