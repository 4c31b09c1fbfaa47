"""Orders that are amended after they were placed: price, quantity, expected date, and a line more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.support.execute import read
from tests.support.purchasing import Buyer, Market, euros, units
from tests.support.small_coalition import an_id

if TYPE_CHECKING:
    from resolvers.database.database import Database

pytestmark = pytest.mark.anyio

AMENDED = """purchaseOrder { id version status expectedOn amendmentCount
  value { amount currency } originalValue { amount currency } owed { amount currency }
  lines { nodes { id quantity unitPrice { amount } amount { amount } } }
  amendments(orderBy: [{field: NUMBER}]) { nodes {
    number amendedOn reason valueBefore { amount } valueAfter { amount } expectedOnBefore expectedOnAfter
    lines { nodes { isNew quantityBefore quantityAfter unitPriceBefore { amount } unitPriceAfter { amount } } }
    history { nodes { actor { displayName } action } } } } }"""
DAY = "2026-03-04"


class Amender(Buyer):
    """A buyer who amends orders."""

    async def amends(self, order: dict[str, Any], *lines: dict[str, Any], **given: Any) -> dict[str, Any]:
        """Amend an order."""
        asked = await self.asked(order, *lines, **given)
        return dict(await self.market.changed("member", "amendPurchaseOrder", AMENDED, **asked))

    async def fault(self, order: dict[str, Any], *lines: dict[str, Any], **given: Any) -> tuple[str, str]:
        """Send an amendment that breaks one rule; return the path and the rule, and the message."""
        error = await self.market.refused("member", "amendPurchaseOrder", **await self.asked(order, *lines, **given))
        [broken] = error["violations"]
        return f"{'.'.join(broken['path'])}: {broken['rule']}", broken["message"]

    async def asked(self, order: dict[str, Any], *lines: dict[str, Any], **given: Any) -> dict[str, Any]:
        """Return the input of an amendment, whose lines are those of the order in their order."""
        ids = [line["id"] for line in order["lines"]["nodes"]]
        changed = [{"orderLineId": key, **line} for key, line in zip(ids, lines, strict=False) if line]
        fields = {"amendedOn": DAY, "reason": "Agreed with the supplier.", **({"lines": changed} if changed else {})}
        return {"id": order["id"], "expectedVersion": await self.version(order), **fields, **given}


@pytest.fixture
async def buyer(database: Database) -> Amender:
    market = await Market(database).open()
    bought = await market.procurement()
    await market.allocation(await market.contribution(), bought, "100.00")
    return Amender(market, bought)


async def test_the_price_is_amended_after_placing_and_both_prices_stay_readable(buyer: Amender) -> None:
    order = await buyer.moves(await buyer.places(units(10, "8.00"), units(1, "5.00")), "CONFIRMED")
    found = await buyer.amends(order, {"unitPrice": euros("9.00")}, expectedOn="2026-09-01")
    assert (found["value"], found["originalValue"], found["owed"]) == (euros("95.00"), euros("85.00"), euros("95.00"))
    assert [line["amount"]["amount"] for line in found["lines"]["nodes"]] == ["90.00", "5.00"]
    changed = {"quantityBefore": "10", "quantityAfter": "10", "isNew": False}
    [amendment] = found["amendments"]["nodes"]
    [event, *_] = amendment.pop("history")["nodes"]
    assert event == {"actor": {"displayName": "member"}, "action": "CREATE"}
    assert amendment == {
        "number": 1, "amendedOn": DAY, "reason": "Agreed with the supplier.",
        "valueBefore": {"amount": "85.00"}, "valueAfter": {"amount": "95.00"},
        "expectedOnBefore": None, "expectedOnAfter": "2026-09-01",
        "lines": {"nodes": [
            {**changed, "unitPriceBefore": {"amount": "8.00"}, "unitPriceAfter": {"amount": "9.00"}}
        ]},
    }  # fmt: skip
    again = await buyer.amends(found, {}, {"quantity": 2, "unitPrice": euros("2.50")})
    assert (again["value"], again["originalValue"], again["amendmentCount"]) == (euros("95.00"), euros("85.00"), 2)
    assert [each["number"] for each in again["amendments"]["nodes"]] == [1, 2]


async def test_an_order_amended_down_to_what_was_delivered_is_delivered_and_releases_the_rest(buyer: Amender) -> None:
    order = await buyer.moves(await buyer.places(units(10, "10.00")), "CONFIRMED")
    await buyer.receives(order, 6)
    waiting = await buyer.receives(order, 1, to=None)
    rule, message = await buyer.fault(order, {"quantity": 6})
    assert (rule, message[:7]) == ("input.lines.0.quantity: received_sum", "7 units")
    found = await buyer.amends(order, {"quantity": 7})
    assert (found["status"], found["owed"]) == ("PARTIALLY_DELIVERED", euros("70.00"))
    await buyer.places(units(1, "30.00"))
    asked = {"id": waiting["id"], "expectedVersion": waiting["version"], "to": "REJECTED"}
    await buyer.market.changed("member", "transitionDelivery", "delivery { id }", **asked)
    assert (await buyer.amends(order, {"quantity": 6}))["status"] == "DELIVERED"


async def test_a_delivered_order_is_amended_with_a_credit_and_with_more_goods(buyer: Amender) -> None:
    order = await buyer.moves(await buyer.places(units(2, "10.00")), "CONFIRMED")
    await buyer.receives(order, 2)
    credit = {"description": "Late", **units(1, "3.00", kind="CREDIT")}
    found = await buyer.amends(order, newLines=[credit])
    assert (found["status"], found["value"]) == ("DELIVERED", euros("17.00"))
    more = {"description": "Chargers", **units(4, "2.00")}
    found = await buyer.amends(order, newLines=[more])
    assert (found["status"], found["value"], found["originalValue"]) == (
        "PARTIALLY_DELIVERED", euros("25.00"), euros("20.00"),
    )  # fmt: skip
    new = {"isNew": True, "quantityBefore": None, "quantityAfter": "4", "unitPriceBefore": None}
    assert found["amendments"]["nodes"][1]["lines"]["nodes"] == [{**new, "unitPriceAfter": {"amount": "2.00"}}]


async def test_an_amendment_is_held_to_the_money_and_says_what_is_missing(buyer: Amender) -> None:
    order = await buyer.places(units(10, "8.00"))
    rule, message = await buyer.fault(order, {"unitPrice": euros("10.01")})
    assert rule == "input: orders_sum"
    assert "100.10 EUR, 0.10 EUR more than 100.00 EUR" in message
    assert (await buyer.now(order))["value"] == euros("80.00")
    await buyer.amends(order, {"unitPrice": euros("10.00")})


async def test_an_amendment_that_cannot_be_is_refused_with_its_sentence(buyer: Amender) -> None:
    draft = await buyer.orders(units(2, "1.00"))
    assert (await buyer.fault(draft, {"quantity": 1}))[0] == "input.id: amendable"
    order = await buyer.moves(draft, "PLACED")
    faults: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
        "input: nothing": ({"quantity": 2}, {}),
        "input.reason: reason": ({"quantity": 1}, {"reason": None}),
        "input.amendedOn: future": ({"quantity": 1}, {"amendedOn": "2999-01-01"}),
        "input.lines.0.quantity: whole": ({"quantity": 1.5}, {}),
        "input.lines.0.quantity: greater_than_equal": ({"quantity": -1}, {}),
        "input.newLines.0.quantity: greater_than_equal": ({}, {"newLines": [{"description": "x", "quantity": 0}]}),
        "input.value: order_value": ({"quantity": 1}, {"value": euros("5.00")}),
        "input.lines: amendment_currency": ({"unitPrice": {"amount": "1.00", "currency": "USD"}}, {}),
        "input.newLines: lines_sum": ({}, {"newLines": [{"description": "x", **units(1, "3.00", kind="CREDIT")}]}),
        "input.lines.1.orderLineId: twice": (
            {},
            {"lines": [{"orderLineId": order["lines"]["nodes"][0]["id"], "quantity": each} for each in (3, 4)]},
        ),
    }
    found = {rule: (await buyer.fault(order, line, **given))[0] for rule, (line, given) in faults.items()}
    assert found == {rule: rule for rule in faults}
    later = await buyer.amends(order, {"quantity": 3})
    assert (await buyer.fault(later, {"quantity": 4}, amendedOn="2026-03-03"))[0] == "input.amendedOn: period"
    asked = {"id": order["id"], "expectedVersion": await buyer.version(order), "expectedOn": "2027-01-01"}
    assert await buyer.market.rule("member", "updatePurchaseOrder", **asked) == "input.expectedOn: sealed"
    error = await buyer.market.refused("reader", "amendPurchaseOrder", **await buyer.asked(order, {"quantity": 5}))
    assert error["code"] == "FORBIDDEN"


async def test_the_amended_quantity_and_amount_count_in_the_figures_of_the_need(buyer: Amender) -> None:
    need, given_up = await buyer.need(10), await buyer.need(status="WITHDRAWN")
    order = await buyer.places(units(4, "5.00", needId=an_id(need)))
    await buyer.amends(order, {"quantity": 8, "unitPrice": euros("4.00")})
    query = (
        "{ capabilityNeeds(where: {status: {eq: IN_PROCUREMENT}}) { nodes { orderedQuantity notYetSecuredQuantity } } }"
    )
    found = await read(buyer.market.database, query, viewer=await buyer.market.world.viewer("member"))
    assert found["capabilityNeeds"]["nodes"] == [{"orderedQuantity": "8", "notYetSecuredQuantity": "2"}]
    for wrong, rule in ((given_up, "needs_open"), (await buyer.market.need(), "need")):
        lines = [{"description": "x", **units(1, "1.00", needId=an_id(wrong))}]
        assert (await buyer.fault(order, newLines=lines))[0] == f"input.newLines.0.needId: {rule}"


async def test_a_line_is_cancelled_by_an_amendment_and_the_rest_is_delivered_and_the_order_closes(
    buyer: Amender,
) -> None:
    need = await buyer.need(10)
    lines = units(4, "10.00"), units(5, "9.00", needId=an_id(need)), {"quantity": 1}
    draft = await buyer.orders(*lines)
    asked = {"id": draft["id"], "expectedVersion": 1, "value": euros("90.00")}
    await buyer.market.changed("member", "updatePurchaseOrder", "purchaseOrder { id }", **asked)
    order = await buyer.moves(await buyer.moves(draft, "PLACED"), "CONFIRMED")
    await buyer.receives(order, 1)
    rule, message = await buyer.fault(order, {"quantity": 0})
    assert (rule, message[:6]) == ("input.lines.0.quantity: received_sum", "1 unit")
    # A cancelled line owes nothing, be its price known or not.
    found = await buyer.amends(order, {}, {"quantity": 0}, {"quantity": 0})
    assert (found["value"], found["owed"], found["status"]) == (
        euros("40.00"), euros("40.00"), "PARTIALLY_DELIVERED",
    )  # fmt: skip
    amounts = [(line["quantity"], line["amount"] and line["amount"]["amount"]) for line in found["lines"]["nodes"]]
    assert amounts == [("4", "40.00"), ("0", "0.00"), ("0", None)]
    changed = found["amendments"]["nodes"][0]["lines"]["nodes"]
    assert [(each["quantityBefore"], each["quantityAfter"]) for each in changed] == [("5", "0"), ("1", "0")]
    query = "{ capabilityNeeds { nodes { orderedQuantity orderedLinesWithoutPrice } } }"
    figures = await read(buyer.market.database, query, viewer=await buyer.market.world.viewer("member"))
    assert figures["capabilityNeeds"]["nodes"] == [{"orderedQuantity": "0", "orderedLinesWithoutPrice": 0}]
    await buyer.receives(found, 3)
    closed = await buyer.moves(order, "CLOSED")
    assert (closed["status"], closed["owed"]) == ("CLOSED", euros("40.00"))
    await buyer.places(units(1, "60.00"))


async def test_an_order_whose_lines_are_all_cancelled_owes_nothing_and_is_terminated(buyer: Amender) -> None:
    order = await buyer.moves(
        await buyer.places(units(10, "10.00"), {**units(1, "0.00"), "kind": "FREIGHT"}), "CONFIRMED"
    )
    waiting = await buyer.receives(order, 1, to=None)
    asked = {"id": waiting["id"], "expectedVersion": waiting["version"], "to": "REJECTED"}
    await buyer.market.changed("member", "transitionDelivery", "delivery { id }", **asked)
    found = await buyer.amends(order, {"quantity": 0}, {"quantity": 0})
    assert (found["status"], found["owed"]) == ("CONFIRMED", euros("0.00"))
    ended = await buyer.moves(order, "TERMINATED", reason="Nothing is needed any more.")
    assert (ended["owed"], await buyer.market.status(buyer.bought)) == (euros("0.00"), "AWARDED")
    # It was amended, so its lines stay; what was cancelled is ordered again by another amendment.
    again = await buyer.places(units(1, "100.00"))
    assert (await buyer.amends(again, {"quantity": 0}))["owed"] == euros("0.00")
    assert (await buyer.amends(again, {"quantity": 1}))["owed"] == euros("100.00")
