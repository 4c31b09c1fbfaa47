"""Deliveries that do not go as planned: called off, lost, examined wrongly, rejected and replaced, returned."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from models.base import now
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

    async def refuses(self, units: int, **line: Any) -> list[str]:
        """Announce a delivery that must be refused; return the path of each broken rule, and the rule."""
        lines = [{"description": "Laptops", "quantity": units, "orderLineId": an_id(self.order.lines[0]), **line}]
        given = {"title": "Laptops", "purchaseOrderId": an_id(self.order), "lines": lines}
        error = await self.market.refused("member", "createDelivery", **given)
        return [f"{'.'.join(each['path'][2:])}: {each['rule']}" for each in error["violations"]]

    async def returns(self, line: str, quantity: int, **given: Any) -> dict[str, Any]:
        """Enter a return; return the entry, and the line as it is then."""
        asked = {"deliveryLineId": line, "quantity": quantity, "returnedOn": str(now().date()), "reason": "Broken."}
        selected = """deliveryReturn { number quantity reason corrects
          deliveryLine { accepted returned need { acceptedQuantity } } }"""
        entry = await self.market.changed("member", "createDeliveryReturn", selected, **asked, **given)
        return {"line": entry.pop("deliveryLine"), "deliveryReturn": entry}

    async def cannot_return(self, line: str, quantity: Any, **given: Any) -> str:
        """Enter a return that must be refused; return the path and the rule."""
        asked = {"deliveryLineId": line, "quantity": quantity, "returnedOn": str(now().date()), "reason": "Broken."}
        asked = {name: value for name, value in {**asked, **given}.items() if value is not None}
        error = await self.market.refused("member", "createDeliveryReturn", **asked)
        return f"{'.'.join(error['violations'][0]['path'])}: {error['violations'][0]['rule']}"

    async def clashes(self) -> list[str]:
        """Return the kinds of the clashes about units that are not replaced."""
        query = "{ clashes(where: {kind: {eq: REJECTED_NOT_REPLACED}}) { nodes { kind } } }"
        found = await read(self.market.database, query, viewer=await self.market.world.viewer("member"))
        return [each["kind"] for each in found["clashes"]["nodes"]]

    async def shares(self) -> tuple[str, str]:
        """Return the delivered share of the order and the accepted quantity of the need."""
        query = """query ($order: ID!, $need: ID!) { order: node(id: $order) { ... on PurchaseOrder { deliveredShare } }
          need: node(id: $need) { ... on CapabilityNeed { acceptedQuantity } } }"""
        keys: dict[str, Any] = {"order": an_id(self.order), "need": an_id(self.need)}
        found = await read(self.market.database, query, viewer=await self.market.world.viewer("member"), **keys)
        return found["order"]["deliveredShare"], found["need"]["acceptedQuantity"]

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
    assert await store.statuses() == ["CONFIRMED", "DELIVERING", "IN_PROCUREMENT"]
    await store.moves(again, "REJECTED")
    assert await store.statuses() == ["CONFIRMED", "ORDERED", "IN_PROCUREMENT"]


async def test_goods_of_a_closed_order_are_not_examined_again(store: Store) -> None:
    delivery = await store.moves(await store.expects(10), "IN_TRANSIT", "RECEIVED", "ACCEPTED")
    await store.market.moved("member", store.order, "CLOSED")
    assert await store.breaks(delivery, "RECEIVED", "chair", reason="Broken.") == "input.to: ended"


async def test_rejected_units_are_replaced_on_the_same_order_line(store: Store) -> None:
    delivery = await store.moves(await store.expects(10), "IN_TRANSIT", "RECEIVED")
    line = {"id": delivery["lines"]["nodes"][0]["id"], "description": "Laptops", "quantity": 10}
    line |= {"accepted": 9, "rejected": 1, "orderLineId": an_id(store.order.lines[0])}
    given = {"id": delivery["id"], "expectedVersion": await store.version(delivery), "lines": [line]}
    await store.market.changed("member", "updateDelivery", DELIVERY, **given)
    await store.moves(delivery, "PARTIALLY_ACCEPTED")
    assert await store.statuses() == ["PARTIALLY_DELIVERED", "DELIVERING", "PARTIALLY_MET"]
    assert await store.refuses(2) == ["0.quantity: received_sum"]
    broken = ["0.quantity: received_sum", "0.replacesId: replaces"]
    assert await store.refuses(2, replacesId=line["id"]) == broken
    second = await store.expects(1, replacesId=line["id"])
    await store.moves(second, "IN_TRANSIT", "RECEIVED", "ACCEPTED")
    assert await store.statuses() == ["DELIVERED", "DELIVERING", "MET"]
    await store.market.moved("member", store.order, "CLOSED")
    await store.market.moved("member", store.order.procurement, "COMPLETED")


async def test_goods_are_returned_after_acceptance_and_replaced(store: Store) -> None:
    delivery = await store.moves(await store.expects(10), "IN_TRANSIT", "RECEIVED", "ACCEPTED")
    line = delivery["lines"]["nodes"][0]["id"]
    found = await store.returns(line, 3)
    assert found["deliveryReturn"] == {"number": 1, "quantity": "3", "reason": "Broken.", "corrects": None}
    assert found["line"] == {"accepted": "10", "returned": "3", "need": {"acceptedQuantity": "7"}}
    assert await store.statuses() == ["PARTIALLY_DELIVERED", "DELIVERING", "PARTIALLY_MET"]
    assert await store.clashes() == ["REJECTED_NOT_REPLACED"]
    assert await store.breaks(delivery, "RECEIVED", "chair", reason="Broken.") == "input.to: returned"
    second = await store.expects(3, replacesId=line)
    await store.moves(second, "IN_TRANSIT", "RECEIVED", "ACCEPTED")
    assert await store.statuses() == ["DELIVERED", "DELIVERING", "MET"]
    assert await store.clashes() == []


async def test_a_return_that_was_too_large_is_corrected_by_a_later_one(store: Store) -> None:
    delivery = await store.moves(await store.expects(10), "IN_TRANSIT", "RECEIVED", "ACCEPTED")
    line = delivery["lines"]["nodes"][0]["id"]
    await store.returns(line, 10)
    assert await store.statuses() == ["CONFIRMED", "ORDERED", "IN_PROCUREMENT"]
    assert await store.cannot_return(line, 1) == "input.quantity: returns_sum"
    asked = {"deliveryLineId": line, "quantity": 1, "returnedOn": str(now().date()), "reason": "Broken."}
    error = await store.market.refused("member", "createDeliveryReturn", **asked)
    assert error["violations"][0]["message"].startswith("All accepted units of this line are returned.")
    assert await store.cannot_return(line, -1) == "input.corrects: corrects"
    assert await store.cannot_return(line, -11, corrects=1) == "input.quantity: corrections_sum"
    assert await store.cannot_return(line, -1, corrects=2) == "input.corrects: corrects"
    await store.returns(line, -9, corrects=1)
    await store.returns(line, 4)
    assert await store.cannot_return(line, -2, corrects=1) == "input.quantity: corrections_sum"
    assert await store.cannot_return(line, 1, corrects=2) == "input.corrects: corrects"
    await store.returns(line, -4, corrects=3)
    found = await store.returns(line, -1, corrects=1)
    assert found["line"]["returned"] == "0"
    assert await store.statuses() == ["DELIVERED", "DELIVERING", "MET"]


async def test_units_that_are_returned_and_replaced_are_not_taken_back(store: Store) -> None:
    delivery = await store.moves(await store.expects(10), "IN_TRANSIT", "RECEIVED", "ACCEPTED")
    line = delivery["lines"]["nodes"][0]["id"]
    await store.returns(line, 3)
    await store.expects(3, replacesId=line)
    assert await store.cannot_return(line, -1, corrects=1) == "input.quantity: received_sum"


@pytest.mark.parametrize(
    ("given", "broken"),
    [
        ({"quantity": 0}, "input.quantity: nothing"),
        ({"quantity": "0.5"}, "input.quantity: whole"),
        ({"returnedOn": "2999-01-01"}, "input.returnedOn: future"),
        ({"reason": None}, "input.reason: reason"),
    ],
)
async def test_a_return_says_how_many_units_when_and_why(store: Store, given: dict[str, Any], broken: str) -> None:
    delivery = await store.moves(await store.expects(10), "IN_TRANSIT", "RECEIVED", "ACCEPTED")
    assert await store.cannot_return(delivery["lines"]["nodes"][0]["id"], **{"quantity": 1, **given}) == broken


async def test_goods_that_are_not_accepted_are_not_returned(store: Store) -> None:
    delivery = await store.moves(await store.expects(10), "IN_TRANSIT", "RECEIVED", "REJECTED")
    assert await store.cannot_return(delivery["lines"]["nodes"][0]["id"], 1) in {
        "input.deliveryLineId: accepted",
        "input.quantity: returns_sum",
    }


async def test_units_beyond_the_order_are_a_gift_and_count_towards_the_need_alone(store: Store) -> None:
    assert await store.refuses(11) == ["0.quantity: received_sum"]
    ordered = {"description": "Laptops", "orderLineId": an_id(store.order.lines[0])}
    lines = [{**ordered, "quantity": 4}, {**ordered, "quantity": 2, "gift": True}]
    given = {"title": "Laptops", "purchaseOrderId": an_id(store.order), "lines": lines}
    delivery = await store.market.changed("member", "createDelivery", DELIVERY, **given)
    await store.moves(delivery, "IN_TRANSIT", "RECEIVED", "ACCEPTED")
    assert await store.shares() == ("0.4000", "6")
    await store.moves(await store.expects(6), "IN_TRANSIT", "RECEIVED", "ACCEPTED")
    assert await store.shares() == ("1.0000", "12")
    assert await store.statuses() == ["DELIVERED", "DELIVERING", "MET"]
