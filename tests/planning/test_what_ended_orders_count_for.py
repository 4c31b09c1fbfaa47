"""Orders that ended early count in planning with their accepted units and with the amount that they owe."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from models import NeedStatus
from models.base import now
from tests.support.execute import read
from tests.support.factories import a_need, money
from tests.support.purchasing import Buyer, Market, euros, units
from tests.support.small_coalition import an_id

if TYPE_CHECKING:
    from models import CapabilityNeed
    from resolvers.database.database import Database

pytestmark = pytest.mark.anyio

LATE = {"reason": "The rest will not come."}
FIGURES = """{ capabilityNeeds(orderBy: [{field: REFERENCE}]) { nodes { reference orderedQuantity acceptedQuantity
  notYetSecuredQuantity orderedLinesWithoutPrice orderedAmount { amount } fundedAmount { amount } unmetAmount { amount }
  orderedInOtherCurrencies { amount currency } clashes { nodes { kind resolution } } } }
  procurements { nodes { orderedValue { amount } owedValue { amount } sharedFunds { amount } } }
  coverages(where: {scope: {in: [GROUP, LED]}, currency: {eq: "EUR"}}) { nodes { scope ordered { amount } } } }"""


@pytest.fixture
async def buyer(database: Database) -> Buyer:
    """A member who buys for two needs of ten units each, with 100 EUR."""
    market = await Market(database).open()
    bought = await market.procurement(lead_participant=market.world.home)
    await market.allocation(await market.contribution(), bought, "100.00")
    buyer = Buyer(market, bought)
    for reference in ("LAPTOPS", "RADIOS"):
        row = a_need(
            market.world.area, reference, group=market.world.group, quantity=10, status=NeedStatus.VALIDATED,
            **money(estimated_cost="100.00 EUR"),
        )  # fmt: skip
        bought.needs.append(row)
        await market.keep(bought)
    return buyer


def need(buyer: Buyer, reference: str = "LAPTOPS") -> CapabilityNeed:
    return next(each for each in buyer.bought.needs if each.reference == reference)


def laptops(buyer: Buyer, quantity: int = 10, price: str = "10.00") -> dict[str, Any]:
    return units(quantity, price, needId=an_id(need(buyer)))


async def figures(buyer: Buyer, reference: str = "LAPTOPS") -> dict[str, Any]:
    """Return the figures of a need, with those of the procurement and what coverages say is ordered."""
    answer = await read(buyer.market.database, FIGURES, viewer=await buyer.market.world.viewer("member"))
    [found] = [each for each in answer["capabilityNeeds"]["nodes"] if each["reference"] == reference]
    [bought] = answer["procurements"]["nodes"]
    found |= {name: [each["amount"] for each in amounts] for name, amounts in bought.items()}
    found["clashes"] = {each["kind"]: each["resolution"] for each in found["clashes"]["nodes"]}
    found["covered"] = {each["scope"]: each["ordered"]["amount"] for each in answer["coverages"]["nodes"]}
    amounts = "orderedAmount", "fundedAmount", "unmetAmount"
    return {**found, **{name: found[name] and found[name]["amount"] for name in amounts}}


def parts(found: dict[str, Any], names: str) -> list[Any]:
    return [found[name] for name in names.split()]


SECURED = "orderedQuantity notYetSecuredQuantity orderedAmount fundedAmount unmetAmount"


async def test_what_a_terminated_order_did_not_deliver_is_ordered_again(buyer: Buyer) -> None:
    order = await buyer.moves(await buyer.places(laptops(buyer)), "CONFIRMED")
    assert parts(await figures(buyer), SECURED) == ["10", "0", "100.00", "100.00", "0.00"]
    await buyer.moves(order, "TERMINATED", **LATE)
    found = await figures(buyer)
    assert parts(found, SECURED) == ["0", "10", "0.00", "0.00", "100.00"]
    assert (found["orderedValue"], found["owedValue"], found["sharedFunds"]) == (["100.00"], ["0.00"], ["100.00"])
    assert found["covered"] == {"GROUP": "0.00", "LED": "0.00"}
    await buyer.places(laptops(buyer))
    found = await figures(buyer)
    assert parts(found, SECURED) == ["10", "0", "100.00", "100.00", "0.00"]
    assert "OVER_ORDERED" not in found["clashes"]
    # Of two that are open, one is amended or ended.
    await buyer.market.allocation(await buyer.market.contribution(), buyer.bought, "100.00")
    twice = await buyer.moves(await buyer.places(laptops(buyer)), "CONFIRMED")
    assert (await figures(buyer))["clashes"]["OVER_ORDERED"].startswith("Amend or end an order in progress")
    await buyer.moves(twice, "TERMINATED", **LATE)
    assert "OVER_ORDERED" not in (await figures(buyer))["clashes"]


async def test_an_order_closed_with_four_of_ten_counts_with_the_four_and_six_are_ordered_again(buyer: Buyer) -> None:
    order = await buyer.moves(await buyer.places(laptops(buyer)), "CONFIRMED")
    arrived = await buyer.receives(order, 4)
    await buyer.moves(order, "CLOSED", **LATE)
    found = await figures(buyer)
    assert parts(found, SECURED) == ["4", "6", "40.00", "40.00", "60.00"]
    assert found["covered"] == {"GROUP": "40.00", "LED": "40.00"}
    second = await buyer.moves(await buyer.places(laptops(buyer, 6)), "CONFIRMED")
    found = await figures(buyer)
    assert parts(found, SECURED) == ["10", "0", "100.00", "100.00", "0.00"]
    assert found["covered"] == {"GROUP": "100.00", "LED": "100.00"}
    assert "OVER_ORDERED" not in found["clashes"]
    # Units that are returned later are not ordered any more; what the order owes stays.
    query = "query ($id: ID!) { node(id: $id) { ... on Delivery { lines { nodes { id } } } } }"
    viewer = await buyer.market.world.viewer("member")
    [line] = (await read(buyer.market.database, query, viewer=viewer, id=arrived["id"]))["node"]["lines"]["nodes"]
    given = {"deliveryLineId": line["id"], "quantity": "1", "returnedOn": str(now().date()), "reason": "Broken."}
    await buyer.market.changed("member", "createDeliveryReturn", "deliveryReturn { number }", **given)
    assert parts(await figures(buyer), "orderedQuantity notYetSecuredQuantity owedValue") == ["9", "1", ["100.00"]]
    # One more than the six arrives as a gift: it is accepted, and it was not ordered.
    gift = {"description": "Laptops", "quantity": "7", "gift": False, "needId": an_id(need(buyer))}
    lines = [
        {**gift, "quantity": quantity, "gift": is_gift, "orderLineId": second["lines"]["nodes"][0]["id"]}
        for quantity, is_gift in (("6", False), ("1", True))
    ]
    given = {"title": "Laptops", "purchaseOrderId": second["id"], "lines": lines}
    delivery = await buyer.market.changed("member", "createDelivery", "delivery { id version }", **given)
    for status in ("IN_TRANSIT", "RECEIVED", "ACCEPTED"):
        asked = {"id": delivery["id"], "expectedVersion": delivery["version"], "to": status}
        delivery = await buyer.market.changed("member", "transitionDelivery", "delivery { id version }", **asked)
    found = await figures(buyer)
    assert parts(found, "orderedQuantity acceptedQuantity notYetSecuredQuantity") == ["9", "10", "0"]
    assert "OVER_ORDERED" not in found["clashes"]


async def test_goods_on_the_way_for_a_terminated_order_are_no_longer_expected(buyer: Buyer) -> None:
    market, order = buyer.market, await buyer.moves(await buyer.places(laptops(buyer)), "CONFIRMED")
    line = {"description": "Laptops", "quantity": "10", "gift": False, "needId": an_id(need(buyer))}
    lines = [{**line, "orderLineId": order["lines"]["nodes"][0]["id"]}]
    given = {"title": "Laptops", "purchaseOrderId": order["id"], "plannedOn": "2026-02-02", "lines": lines}
    delivery = await market.changed("member", "createDelivery", "delivery { id version }", **given)
    move = {"id": delivery["id"], "expectedVersion": delivery["version"], "to": "IN_TRANSIT"}
    delivery = await market.changed("member", "transitionDelivery", "delivery { id version }", **move)
    query = """{ capabilityNeeds(where: {reference: {eq: "LAPTOPS"}}) { nodes { inTransitQuantity } }
      expertGroups { nodes { clashes(where: {delivery: {title: {eq: "Laptops"}}}) { nodes {
        kind resolution procurement { id } lead { code } group { code } } } } } }"""

    async def found() -> tuple[str, list[dict[str, Any]]]:
        answer = await read(market.database, query, viewer=await market.world.viewer("member"))
        clashes = [clash for group in answer["expertGroups"]["nodes"] for clash in group["clashes"]["nodes"]]
        return answer["capabilityNeeds"]["nodes"][0]["inTransitQuantity"], clashes

    quantity, [clash] = await found()
    assert (quantity, clash["kind"]) == ("10", "OVERDUE")
    # It concerns all that is concerned by its order.
    assert clash["group"] == {"code": market.world.group.code}
    assert clash["procurement"] == {"id": an_id(buyer.bought)}
    assert clash["lead"] == {"code": market.world.home.code}
    await buyer.moves(order, "TERMINATED", **LATE)
    quantity, [clash] = await found()
    assert (quantity, clash["kind"]) == ("0", "ORDER_ENDED")
    assert clash["resolution"].startswith("Make the delivery CANCELLED, or LOST")
    ends = {"id": delivery["id"], "expectedVersion": delivery["version"], "to": "LOST", **LATE}
    await market.changed("member", "transitionDelivery", "delivery { id }", **ends)
    assert await found() == ("0", [])


async def test_a_terminated_order_in_dollars_is_nowhere(buyer: Buyer) -> None:
    line = {**laptops(buyer), "unitPrice": {"amount": "10.00", "currency": "USD"}}
    order = await buyer.orders(line)
    rate = {"fundedIn": "EUR", "exchangeRate": "1.25", "exchangeRateOn": "2026-02-02", "exchangeRateSource": "ECB"}
    asked = {"id": order["id"], "expectedVersion": order["version"], **rate}
    await buyer.market.changed("member", "updatePurchaseOrder", "purchaseOrder { id }", **asked)
    await buyer.moves(await buyer.moves(order, "PLACED"), "CONFIRMED")
    found = await figures(buyer)
    assert found["orderedInOtherCurrencies"] == [{"amount": "100.00", "currency": "USD"}]
    assert (found["orderedAmount"], found["fundedAmount"]) == (None, "80.00")
    await buyer.moves(order, "TERMINATED", **LATE)
    found = await figures(buyer)
    assert found["orderedInOtherCurrencies"] == []
    assert parts(found, SECURED) == ["0", "10", "0.00", "0.00", "100.00"]


async def test_an_order_that_owes_less_than_its_goods_cost_says_which_part_is_unknown(buyer: Buyer) -> None:
    radios = units(1, "20.00", needId=an_id(need(buyer, "RADIOS")))
    freight = units(1, "5.00", kind="FREIGHT", needId=an_id(need(buyer)))
    order = await buyer.moves(await buyer.places(laptops(buyer, 5), radios, freight), "CONFIRMED")
    await buyer.receives(order, 4)
    await buyer.moves(order, "TERMINATED", settled=euros("36.00"), **LATE)
    # Of one line it is what the order owes, and the freight is not owed.
    assert parts(await figures(buyer), "orderedQuantity orderedAmount fundedAmount") == ["4", "36.00", "36.00"]
    assert (await figures(buyer, "RADIOS"))["orderedAmount"] == "0.00"
    order = await buyer.moves(await buyer.places(radios, laptops(buyer, 2)), "CONFIRMED")
    for line in (0, 1):
        now = await buyer.now(order)
        await buyer.receives({**now, "lines": {"nodes": [now["lines"]["nodes"][line]]}}, 1)
    await buyer.moves(order, "CLOSED", settled=euros("29.00"), **LATE)
    found = await figures(buyer)
    assert parts(found, "orderedQuantity orderedAmount orderedLinesWithoutPrice") == ["5", "36.00", 1]
    assert parts(found, "fundedAmount sharedFunds") == ["36.00", ["64.00"]]
    found = await figures(buyer, "RADIOS")
    assert parts(found, "orderedQuantity orderedAmount fundedAmount") == ["1", None, "0.00"]
