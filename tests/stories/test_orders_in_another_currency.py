"""Orders in another currency than their money: a stated rate, with its day and source, says how much money is bound."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.execute import read
from tests.support.mutations import change
from tests.support.purchasing import Buyer, Market, euros
from tests.support.rows import refused_sql
from tests.support.small_coalition import an_id

if TYPE_CHECKING:
    from resolvers.database.database import Database

pytestmark = pytest.mark.anyio

FIELDS = """id version status value { amount currency } owed { amount currency } bound { amount currency }
  fundedIn exchangeRate exchangeRateOn exchangeRateSource
  procurement { boundFunds { amount currency } owedValue { amount currency } allocatedFunds { amount currency } }
  lines { nodes { id } }"""
ORDER = f"purchaseOrder {{ {FIELDS} }}"
DAY = "2026-03-02"
RATE = {"fundedIn": "EUR", "exchangeRate": "1.0823", "exchangeRateOn": DAY, "exchangeRateSource": "ECB"}
AMENDED = """purchaseOrder { id version bound { amount } amendments(orderBy: [{field: NUMBER}]) { nodes {
  exchangeRateBefore exchangeRateAfter exchangeRateOnBefore exchangeRateOnAfter
  exchangeRateSourceBefore exchangeRateSourceAfter reason } } }"""


def dollars(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "USD"}


def of_dollars(quantity: int = 1, price: str = "1082.30") -> dict[str, Any]:
    return {"description": "Radios", "quantity": quantity, "unitPrice": dollars(price)}


@pytest.fixture
async def buyer(database: Database) -> Buyer:
    """A member who buys with 1,000 euros."""
    market = await Market(database).open()
    bought = await market.procurement()
    await market.allocation(await market.contribution("1000.00"), bought, "1000.00")
    return Buyer(market, bought)


async def ordered(buyer: Buyer, *lines: dict[str, Any], **given: Any) -> dict[str, Any]:
    """Enter an order as a draft."""
    asked = {"procurementId": an_id(buyer.bought), "orderedOn": "2026-03-05", "lines": [*lines], **given}
    asked["supplierId"] = an_id(await buyer.market.supplier())
    return dict(await buyer.market.changed("member", "createPurchaseOrder", ORDER, **asked))


async def now_is(buyer: Buyer, order: dict[str, Any]) -> Any:
    query = f"query ($id: ID!) {{ node(id: $id) {{ ... on PurchaseOrder {{ {FIELDS} }} }} }}"
    return (await read(buyer.market.database, query, viewer=await buyer.market.world.viewer("member"), id=order["id"]))[
        "node"
    ]


async def said(buyer: Buyer, mutation: str, **given: Any) -> tuple[str, str]:
    """Return the path and the rule of the one violation of a refused change, and its message."""
    [broken] = (await buyer.market.refused("member", mutation, **given))["violations"]
    return f"{'.'.join(broken['path'])}: {broken['rule']}", broken["message"]


async def test_an_order_in_usd_from_eur_money(buyer: Buyer) -> None:
    need = await buyer.need()
    order = await ordered(buyer, {**of_dollars(10, "108.23"), "needId": an_id(need)}, orderedOn="2026-03-03")
    placing = {"id": order["id"], "expectedVersion": order["version"], "to": "PLACED"}
    rule, message = await said(buyer, "transitionPurchaseOrder", **placing)
    assert rule == "input.to: orders_sum"
    assert message == (
        "The orders would owe 1082.30 USD, 1082.30 USD more than 0.00 USD of committed money that you see allocated to "
        "the procurement. Allocate more, pay from its money in EUR with fundedIn and an exchange rate, or reduce the "
        "order."
    )
    dear = {"id": order["id"], "expectedVersion": 1, **RATE, "exchangeRate": "1.08"}
    order = await buyer.market.changed("member", "updatePurchaseOrder", ORDER, **dear)
    assert (order["exchangeRate"], order["bound"]) == ("1.08", euros("0.00"))
    rule, message = await said(buyer, "transitionPurchaseOrder", **{**placing, "expectedVersion": 2})
    assert rule == "input.to: orders_sum"
    assert message.startswith("The orders would bind 1002.13 EUR, 2.13 EUR more than 1000.00 EUR of committed money")
    right = {"id": order["id"], "expectedVersion": 2, "exchangeRate": "1.0823"}
    await buyer.market.changed("member", "updatePurchaseOrder", ORDER, **right)
    await buyer.moves(await buyer.moves(order, "PLACED"), "CONFIRMED")
    found = await now_is(buyer, order)
    assert (found["owed"], found["bound"]) == (dollars("1082.30"), euros("1000.00"))
    assert {name: found[name] for name in RATE} == RATE
    funds = {"boundFunds": [euros("1000.00")], "owedValue": [dollars("1082.30")], "allocatedFunds": [euros("1000.00")]}
    assert found["procurement"] == funds
    # The need shows its order in dollars, and not that nothing is ordered.
    figures = "{ capabilityNeeds { nodes { orderedAmount { amount } orderedInOtherCurrencies { amount currency } } } }"
    figures = await read(buyer.market.database, figures, viewer=await buyer.market.world.viewer("member"))
    expected = {"orderedAmount": None, "orderedInOtherCurrencies": [dollars("1082.30")]}
    assert figures["capabilityNeeds"]["nodes"] == [expected]
    amends = "exchange_rate = 108220000, amendment_count = 1"
    by_itself = f"UPDATE purchase_orders SET {amends} WHERE id = '{order['id'].partition(':')[2]}'"  # noqa: S608 - ours
    exceeded = "Its orders would exceed the money allocated to the procurement in their currency."
    await refused_sql(buyer.market.database, "ck_purchase_orders_bound", by_itself, exceeded)
    await buyer.receives(order, 3)
    await buyer.moves(order, "TERMINATED", reason="The rest is not made any more.")
    found = await now_is(buyer, order)
    # 324.69 USD are 300.00 EUR, and 700.00 EUR are free again.
    assert (found["owed"], found["bound"]) == (dollars("324.69"), euros("300.00"))
    second = await ordered(buyer, of_dollars(7, "108.23"), **RATE)
    await buyer.moves(second, "PLACED")
    assert (await now_is(buyer, second))["procurement"]["boundFunds"] == [euros("1000.00")]


async def test_the_rate_of_a_placed_order_is_amended_with_its_reason(buyer: Buyer) -> None:
    order = await ordered(buyer, of_dollars(10, "100.00"), **RATE)
    await buyer.moves(order, "PLACED")
    later = {"exchangeRate": "1.1", "exchangeRateOn": "2026-03-05", "exchangeRateSource": "The invoice"}
    asked = {"id": order["id"], "expectedVersion": 2, "amendedOn": "2026-03-06", "reason": "The bank's rate."}
    refused = {**asked, **later, "exchangeRate": "0.9999"}
    rule, message = await said(buyer, "amendPurchaseOrder", **refused)
    assert rule == "input: orders_sum"
    assert message.startswith("The orders would bind 1000.10 EUR, 0.10 EUR more than 1000.00 EUR of committed money")
    alone = {**asked, "exchangeRate": "1.1"}
    assert (await said(buyer, "amendPurchaseOrder", **alone))[0] == "input.exchangeRate: exchange_rate"
    sealed = {"id": order["id"], "expectedVersion": 2, **later}
    broken = (await buyer.market.refused("member", "updatePurchaseOrder", **sealed))["violations"]
    assert {each["rule"] for each in broken} == {"sealed"}
    found = await buyer.market.changed("member", "amendPurchaseOrder", AMENDED, **asked, **later)
    assert found["bound"] == {"amount": "909.09"}
    assert found["amendments"]["nodes"] == [
        {
            "exchangeRateBefore": "1.0823", "exchangeRateAfter": "1.1",
            "exchangeRateOnBefore": DAY, "exchangeRateOnAfter": "2026-03-05",
            "exchangeRateSourceBefore": "ECB", "exchangeRateSourceAfter": "The invoice",
            "reason": "The bank's rate.",
        }
    ]  # fmt: skip
    plain = await ordered(buyer, {"description": "Cables", "quantity": 1, "unitPrice": euros("1.00")})
    await buyer.moves(plain, "PLACED")
    asked |= {"id": plain["id"], **later}
    assert (await said(buyer, "amendPurchaseOrder", **asked))[0] == "input.exchangeRate: funded_in"


FAULTS: dict[str, tuple[dict[str, Any], str, str]] = {
    "a rate of zero": ({"exchangeRate": "0"}, "exchangeRate: exchange_rate", "The exchange rate is 0. State how many"),
    "a negative rate": ({"exchangeRate": "-1.1"}, "exchangeRate: exchange_rate", "The exchange rate is -1.1. State"),
    "a rate beyond all": ({"exchangeRate": "1000001"}, "exchangeRate: exchange_rate", "The exchange rate is 1000001."),
    "a rate that makes too much": (
        {"exchangeRate": "0.00000001", "lines": [of_dollars(1, "1000000000.00")]}, "exchangeRate: exchange_rate",
        "At this exchange rate, the value is more than 10000000000000.00 EUR, which cannot be stored.",
    ),
    "no source": (
        {"exchangeRateSource": None}, "exchangeRateSource: exchange_rate",
        "Money in another currency has a currency, an exchange rate, its day and its source. State also exchangeRateS",
    ),
    "the currency alone": (
        {"exchangeRate": None, "exchangeRateOn": None, "exchangeRateSource": None}, "exchangeRate: exchange_rate",
        "Money in another currency has a currency, an exchange rate, its day and its source. State also exchangeRate",
    ),
    "a day to come": (
        {"exchangeRateOn": "2999-01-01"}, "exchangeRateOn: future",
        "The exchange rate is of 2999-01-01, which is in the future. State the day on which it was published.",
    ),
    "a withdrawn currency": (
        {"fundedIn": "HRK"}, "fundedIn: withdrawn_currency",
        "HRK was withdrawn after 2023-01-14. Use EUR, or enter the earlier day of the amount in orderedOn.",
    ),
    "the same currency": (
        {"fundedIn": "USD"}, "fundedIn: funded_in",
        "The order is in USD, as its money is. Omit fundedIn, exchangeRate, exchangeRateOn, exchangeRateSource.",
    ),
}  # fmt: skip


async def test_what_is_wrong_with_a_rate_is_said(buyer: Buyer) -> None:
    for name, (given, rule, message) in FAULTS.items():
        asked = {"procurementId": an_id(buyer.bought), "lines": [of_dollars()], **RATE, **given}
        found = await said(buyer, "createPurchaseOrder", **asked)
        assert found[0] == f"input.{rule}", name
        assert found[1].startswith(message), name
    # No part of a refused order is there.
    listed = "{ purchaseOrders { totalCount } }"
    found = await read(buyer.market.database, listed, viewer=await buyer.market.world.viewer("member"))
    assert found["purchaseOrders"]["totalCount"] == 0


async def test_forty_orders_at_different_rates_never_bind_more_than_is_set_aside(buyer: Buyer, races: int) -> None:
    market = buyer.market
    for _ in range(races):
        bought = await market.procurement()
        given = await market.contribution("1000.00")
        set_aside = await market.allocation(given, bought, "1000.00")
        buyer = Buyer(market, bought)
        # Each binds 70.00 EUR: fourteen fit, as long as no money leaves.
        rates = ("1", "1.1", "7.5", "0.8")
        made = [
            await ordered(buyer, of_dollars(1, f"{70 * float(rate):.2f}"), **{**RATE, "exchangeRate": rate})
            for _ in range(10)
            for rate in rates
        ]
        viewer = await market.world.viewer("member")
        placed = ({"id": each["id"], "expectedVersion": 1, "to": "PLACED"} for each in made)
        answers = await asyncio.gather(
            *(change(market.database, viewer, "transitionPurchaseOrder", ORDER, **each) for each in placed)
        )
        assert Counter("purchaseOrder" in each for each in answers) == {True: 14, False: 26}
        assert {each["violations"][0]["rule"] for each in answers if "violations" in each} == {"orders_sum"}
        less = {"id": an_id(set_aside), "expectedVersion": 1, "amount": euros("979.99")}
        assert await market.rule("lead", "updateAllocation", **less) == "input: orders_sum"
        await market.changed("lead", "updateAllocation", "allocation { id }", **{**less, "amount": euros("980.00")})
