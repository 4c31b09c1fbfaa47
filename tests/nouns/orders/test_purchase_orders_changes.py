"""Purchase orders: worth the sum of their lines, placed with available money, and led on by accepted deliveries."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from models import ContributionStatus, Procurement
from tests.support.purchasing import Market, euros
from tests.support.small_coalition import an_id

if TYPE_CHECKING:
    from resolvers.database.database import Database

pytestmark = pytest.mark.anyio

ORDER = "purchaseOrder { id value { amount currency } lines { nodes { id quantity } } }"


@pytest.fixture
async def market(database: Database) -> Market:
    return await Market(database).open()


def an_input(bought: Procurement, *lines: dict[str, Any], **given: Any) -> dict[str, Any]:
    """Return an input that makes an order in a procurement."""
    return {"procurementId": an_id(bought), "lines": [{"description": "Laptops", **line} for line in lines], **given}


def priced(quantity: int, amount: str, currency: str = "EUR") -> dict[str, Any]:
    """Return a line with a quantity and a price."""
    return {"quantity": quantity, "unitPrice": {"amount": amount, "currency": currency}}


async def test_an_order_is_worth_the_sum_of_its_lines(market: Market) -> None:
    bought = await market.procurement()
    given = an_input(bought, priced(3, "1250.50"), priced(1, "0.01"))
    made = await market.changed("member", "createPurchaseOrder", ORDER, **given)
    assert made["value"] == euros("3751.51")
    lines = [{"id": made["lines"]["nodes"][0]["id"], "description": "Radios", **priced(2, "1.00")}]
    asked = {"id": made["id"], "expectedVersion": 1, "lines": lines, "reason": "The second is not needed."}
    found = await market.changed("member", "updatePurchaseOrder", ORDER, **asked)
    assert found["value"] == euros("2.00")
    assert found["lines"]["nodes"] == [{"id": made["lines"]["nodes"][0]["id"], "quantity": "2"}]


async def test_a_value_is_typed_in_only_while_a_line_is_not_known(market: Market) -> None:
    bought = await market.procurement()
    unknown = an_input(bought, priced(3, "1.00"), {"quantity": 2}, value=euros("50.00"))
    assert (await market.changed("member", "createPurchaseOrder", ORDER, **unknown))["value"] == euros("50.00")
    typed = an_input(bought, priced(3, "1.00"), value=euros("50.00"))
    assert await market.rule("member", "createPurchaseOrder", **typed) == "input.value: order_value"
    same = an_input(bought, priced(3, "1.00"), value=euros("3.00"))
    assert (await market.changed("member", "createPurchaseOrder", ORDER, **same))["value"] == euros("3.00")


async def test_lines_are_never_added_up_across_currencies_nor_beyond_what_can_be_kept(market: Market) -> None:
    bought = await market.procurement()
    mixed = an_input(bought, priced(1, "1.00"), priced(1, "1.00", "DKK"))
    assert await market.rule("member", "createPurchaseOrder", **mixed) == "input.lines: lines_currency"
    much = an_input(bought, priced(2**31 - 1, "100000000000.00"))
    assert await market.rule("member", "createPurchaseOrder", **much) == "input.lines.0.unitPrice: lines_sum"


async def test_an_order_is_placed_and_its_procurement_is_ordered(market: Market) -> None:
    bought = await market.procurement()
    await market.allocation(await market.contribution(), bought, "20.00")
    order = await market.order(bought, 2)
    await market.moved("member", order, "PLACED", "CONFIRMED")
    assert await market.status(bought) == "ORDERED"
    assert await market.stays("member", order, "DELIVERED") == "transition"


@pytest.mark.parametrize("status", ["PLANNING", "APPROVED", "TENDERING", "COMPLETED", "CANCELLED"])
async def test_nothing_is_ordered_before_a_supplier_is_chosen_or_after_the_end(market: Market, status: str) -> None:
    bought = await market.procurement(status)
    await market.allocation(await market.contribution(), bought, "20.00")
    assert await market.stays("member", await market.order(bought, 2), "PLACED") == "awarded"


@pytest.mark.parametrize("status", ["CANCELLED", "COMPLETED"])
async def test_no_order_is_drafted_in_a_procurement_that_has_ended(market: Market, status: str) -> None:
    given = an_input(await market.procurement(status), priced(1, "1.00"))
    assert await market.rule("member", "createPurchaseOrder", **given) == "input.procurementId: ended"


async def test_an_order_is_placed_with_a_supplier_lines_that_can_be_counted_and_a_value(market: Market) -> None:
    bought = await market.procurement()
    await market.allocation(await market.contribution(), bought, "20.00")
    vague = await market.changed("member", "createPurchaseOrder", ORDER, **an_input(bought, {}))
    asked = {"id": vague["id"], "to": "PLACED", "expectedVersion": 1}
    error = await market.refused("member", "transitionPurchaseOrder", **asked)
    assert [each["rule"] for each in error["violations"]] == ["lines", "value", "supplier"]


async def test_orders_are_backed_by_committed_money_in_their_currency(market: Market) -> None:
    bought = await market.procurement()
    order = await market.order(bought, 2)
    # Commands are strict even where no money is set aside at all.
    assert await market.stays("member", order, "PLACED") == "orders_sum"
    pledged = await market.contribution(status=ContributionStatus.PLEDGED)
    await market.allocation(pledged, bought, "20.00")
    assert await market.stays("member", order, "PLACED") == "orders_sum"
    await market.moved("member", pledged, "COMMITTED")
    await market.moved("member", order, "PLACED")
    assert await market.stays("member", await market.order(bought, 1, price="0.01"), "PLACED") == "orders_sum"


async def test_lines_and_value_stay_once_an_order_is_placed(market: Market) -> None:
    order = await market.funded_order(2, status="PLACED")
    asked = {"id": an_id(order), "expectedVersion": 1}
    assert await market.rule("member", "updatePurchaseOrder", **asked, lines=[]) == "input.lines: sealed"
    assert await market.rule("member", "updatePurchaseOrder", **asked, value=None) == "input.value: sealed"
    later = await market.rule("member", "updatePurchaseOrder", **asked, expectedOn="2027-03-01")
    assert later == "input.expectedOn: sealed"
    await market.changed("member", "updatePurchaseOrder", ORDER, **asked, note="Ask for the packing list.")


async def test_an_order_is_confirmed_by_the_delivery_that_is_accepted(market: Market) -> None:
    order = await market.funded_order(2, status="PLACED")
    arrived = await market.delivery(order)
    lines = [{"description": "Laptops", "quantity": 2, "orderLineId": an_id(order.lines[0])}]
    asked = {"id": an_id(arrived), "expectedVersion": 1, "lines": lines}
    await market.changed("member", "updateDelivery", "delivery { id }", **asked)
    await market.moved("member", arrived, "ACCEPTED")
    assert await market.status(order) == "DELIVERED"
    await market.move("chair", arrived, "RECEIVED", reason="One is broken.")
    assert await market.status(order) == "CONFIRMED"
    await market.moved("member", arrived, "ACCEPTED")
    await market.moved("member", order, "CLOSED")
