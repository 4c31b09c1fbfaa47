"""Amendments of orders: found by their order and their lines, and held by the database."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from models import PurchaseOrder
from tests.models.test_sum_triggers import copied, loaded, refused, write
from tests.support.execute import read
from tests.support.factories import an_amended_line, an_amendment, an_order_line, money
from tests.support.purchasing import Market
from tests.support.rows import in_python
from tests.support.rows import refused as refused_row

if TYPE_CHECKING:
    from resolvers.database.database import Database

pytestmark = pytest.mark.anyio


@pytest.fixture
async def market(database: Database) -> Market:
    return await Market(database).open()


async def test_amendments_are_found_by_their_order_and_orders_by_their_amendments(market: Market) -> None:
    order = await market.funded_order(5)
    drafted = await market.order(order.procurement, 1)
    amendment = an_amendment(order, **money(value_before="40.00 EUR", value_after="50.00 EUR"))
    prices = money(unit_price_before="8.00 EUR", unit_price_after="10.00 EUR")
    await market.keep(order, amendment, an_amended_line(amendment, order.lines[0], **prices))
    query = """{ orderAmendments(where: {lines: {some: {orderLine: {quantity: {eq: "5"}}}}}) { nodes {
        number purchaseOrder { originalValue { amount } value { amount } } } }
      purchaseOrders(where: {amendmentCount: {gte: 1}}) { nodes { lines { nodes { amendments { nodes {
        unitPriceBefore { amount } unitPriceAfter { amount } } } } } } } }"""
    found = await read(market.database, query, viewer=await market.world.viewer("member"))
    values = {"originalValue": {"amount": "40.00"}, "value": {"amount": "50.00"}}
    assert found["orderAmendments"]["nodes"] == [{"number": 1, "purchaseOrder": values}]
    prices = {"unitPriceBefore": {"amount": "8.00"}, "unitPriceAfter": {"amount": "10.00"}}
    [bought] = found["purchaseOrders"]["nodes"]
    assert bought["lines"]["nodes"] == [{"amendments": {"nodes": [prices]}}]
    in_memory = await in_python(market.database, PurchaseOrder, "number", "original_value_minor")
    assert in_memory == {order.number: 4000, drafted.number: None}


async def test_an_amendment_never_changes_and_is_counted_by_its_order(market: Market) -> None:
    order = await market.funded_order(5)
    amendment = an_amendment(order)
    line = an_amended_line(amendment, order.lines[0])
    await market.keep(order, amendment, line)
    for statement in (
        "UPDATE order_amendments SET version = 2",
        "UPDATE order_amendment_lines SET version = 2",
        "DELETE FROM order_amendment_lines",
        "DELETE FROM order_amendments",
    ):
        await refused(market, "amendment_stays", statement)
    second = copied(
        "order_amendments", "id = '{row}'", purchase_order_id="purchase_order_id", number="2", amended_on="amended_on",
        reason="reason",
    )  # fmt: skip
    await refused(market, "amendment_number", second, row=amendment)


async def test_an_order_is_worth_the_sum_of_its_lines_again_when_its_amendment_is_entered(market: Market) -> None:
    order = await market.funded_order(5)
    other = await market.funded_order(5)
    await market.keep(an_amendment(other))
    begin = "UPDATE purchase_orders SET amendment_count = 1, value_minor = 6000 WHERE id = '{order}'"
    await write(market, begin, order=order)
    entry = copied(
        "order_amendments", "number = 1", purchase_order_id="'{order}'", number="1", amended_on="amended_on",
        reason="reason",
    )  # fmt: skip
    await refused(market, "order_value", entry, order=order)
    await write(market, "UPDATE order_lines SET quantity = 6000 WHERE id = '{line}'", line=order.lines[0])
    await write(market, entry, order=order)
    await loaded(market, order)
    await refused(market, "order_value", "UPDATE order_lines SET quantity = 1 WHERE id = '{row}'", row=order.lines[0])


async def test_only_a_line_of_an_amended_order_has_no_units(market: Market) -> None:
    order, amended = await market.funded_order(5), await market.funded_order(5)
    await market.keep(an_amendment(amended))
    # Of other orders that are placed, every change without an amendment is refused.
    await loaded(market, order)
    none = "UPDATE order_lines SET quantity = 0 WHERE id = '{line}'"
    await refused(market, "cancelled_line at quantity", none, line=order.lines[0])
    new = copied(
        "order_lines", "id = '{line}'", purchase_order_id="purchase_order_id", ordinal="ordinal + 1",
        description="description", quantity="0",
    )  # fmt: skip
    await refused(market, "cancelled_line at quantity", new, line=order.lines[0])
    begin = "UPDATE purchase_orders SET amendment_count = 2, value_minor = 0 WHERE id = '{order}'"
    await write(market, begin, order=amended)
    await write(market, none, line=amended.lines[0])
    assert await market.of(amended.lines[0], "amount_minor") == 0


@pytest.mark.parametrize(
    ("constraint", "fault"),
    [
        ("ck_order_amendment_lines_quantity", {"quantity_after": -1}),
        ("ck_order_amendment_lines_is_new", {"is_new": True, "quantity_before": 1}),
    ],
)
async def test_a_changed_line_is_refused_whose_particulars_cannot_be(
    market: Market, constraint: str, fault: dict[str, Any]
) -> None:
    order = await market.funded_order(5)
    await refused_row(market.database, constraint, an_amended_line(an_amendment(order), an_order_line(order), **fault))
