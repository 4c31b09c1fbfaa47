"""Races: forty requests at once exceed the remaining amount or quantity, and the sum is exact every time."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from models import ContributionStatus, ProcurementStatus, PurchaseOrderStatus
from tests.support.factories import (
    a_contribution,
    a_delivery_line,
    a_procurement,
    a_tranche,
    an_allocation,
    an_order,
    an_order_line,
)
from tests.support.factories import money as columns
from tests.support.mutations import change
from tests.support.purchasing import Market, euros
from tests.support.small_coalition import an_id

if TYPE_CHECKING:
    from resolvers.database.database import Database

pytestmark = pytest.mark.anyio

#: So many ask at once, each for seven of a hundred: fourteen get it.
RACERS, SHARE, WHOLE = 40, 7, 100
WINNERS = WHOLE // SHARE


@pytest.fixture
async def market(database: Database) -> Market:
    return await Market(database).open()


async def race(market: Market, name: str, mutation: str, selected: str, asked: list[dict[str, Any]]) -> Counter[str]:
    """Send all requests at once; return how many were done, and how many each rule refused."""
    viewer = await market.world.viewer(name)
    answers = await asyncio.gather(*(change(market.database, viewer, mutation, selected, **given) for given in asked))
    return Counter("done" if selected.split(maxsplit=1)[0] in answer else _rule_of(answer) for answer in answers)


def _rule_of(answer: dict[str, Any]) -> str:
    rules: list[str] = [each["rule"] for each in answer.get("violations", [])]
    return rules[0] if len(rules) == 1 else str(answer)


async def test_forty_allocations_never_take_more_than_their_contribution(market: Market, races: int) -> None:
    bought = [a_procurement() for _ in range(RACERS)]
    await market.keep(*bought)
    for _ in range(races):
        given = await market.contribution("100.00")
        asked = [
            {"contributionId": an_id(given), "procurementId": an_id(each), "amount": euros("7.00")} for each in bought
        ]
        found = await race(market, "lead", "createAllocation", "allocation { id }", asked)
        assert found == {"done": WINNERS, "allocations_sum": RACERS - WINNERS}


async def test_forty_payments_never_exceed_their_contribution(market: Market, races: int) -> None:
    for _ in range(races):
        given = await market.contribution("100.00")
        asked = [{"contributionId": an_id(given), "amount": euros("7.00"), "paidOn": "2025-05-06"}] * RACERS
        found = await race(market, "member", "createDisbursement", "disbursement { id }", asked)
        assert found == {"done": WINNERS, "disbursements_sum": RACERS - WINNERS}
        assert await market.status(given) == "COMMITTED"


async def test_forty_payments_never_exceed_their_tranche(market: Market, races: int) -> None:
    for _ in range(races):
        given = await market.contribution("1000.00")
        await market.keep(a_tranche(given, 2025, f"{WHOLE}.00 EUR"))
        paid = {"contributionId": an_id(given), "amount": euros("7.00"), "paidOn": "2025-05-06", "trancheYear": 2025}
        found = await race(market, "member", "createDisbursement", "disbursement { id }", [paid] * RACERS)
        assert found == {"done": WINNERS, "tranche_sum": RACERS - WINNERS}


async def test_forty_refunds_never_exceed_what_was_paid(market: Market, races: int) -> None:
    for _ in range(races):
        given = await market.contribution("100.00")
        paid = {"contributionId": an_id(given), "amount": euros("100.00"), "paidOn": "2025-05-06"}
        await market.changed("member", "createDisbursement", "disbursement { id }", **paid)
        asked = [{**paid, "amount": euros("-7.00"), "reason": "Returned."}] * RACERS
        found = await race(market, "member", "createDisbursement", "disbursement { id }", asked)
        assert found == {"done": WINNERS, "refund_sum": RACERS - WINNERS}
        assert await market.status(given) == "COMMITTED"


async def test_forty_orders_never_need_more_than_is_set_aside(market: Market, races: int) -> None:
    supplier = await market.supplier()
    for _ in range(races):
        bought = a_procurement(group=market.world.group, status=ProcurementStatus.AWARDED)
        given = a_contribution(
            market.world.home, status=ContributionStatus.COMMITTED, **columns(amount=f"{WHOLE}.00 EUR")
        )
        orders = [an_order(bought, supplier=supplier, **columns(value=f"{SHARE}.00 EUR")) for _ in range(RACERS)]
        lines = [an_order_line(order, quantity=SHARE, **columns(unit_price="1.00 EUR")) for order in orders]
        await market.keep(an_allocation(given, bought, f"{WHOLE}.00 EUR"), *lines)
        asked = [{"id": an_id(order), "to": "PLACED", "expectedVersion": 1} for order in orders]
        found = await race(market, "member", "transitionPurchaseOrder", "purchaseOrder { id }", asked)
        assert found == {"done": WINNERS, "orders_sum": RACERS - WINNERS}
        assert await market.status(bought) == "ORDERED"


async def test_forty_orders_never_need_more_while_others_are_cancelled(market: Market, races: int) -> None:
    supplier = await market.supplier()
    for _ in range(races):
        bought = a_procurement(group=market.world.group, status=ProcurementStatus.AWARDED)
        given = a_contribution(
            market.world.home, status=ContributionStatus.COMMITTED, **columns(amount=f"{WHOLE}.00 EUR")
        )
        orders = [an_order(bought, supplier=supplier, **columns(value=f"{SHARE}.00 EUR")) for _ in range(RACERS)]
        for order in orders[:WINNERS]:
            order.status = PurchaseOrderStatus.PLACED
        lines = [an_order_line(order, quantity=SHARE, **columns(unit_price="1.00 EUR")) for order in orders]
        await market.keep(an_allocation(given, bought, f"{WHOLE}.00 EUR"), *lines)
        asked = [
            {
                "id": an_id(order),
                "to": "CANCELLED" if place < WINNERS else "PLACED",
                "expectedVersion": 1,
                "reason": "x",
            }
            for place, order in enumerate(orders)
        ]
        found = await race(market, "member", "transitionPurchaseOrder", "purchaseOrder { id }", asked)
        assert found["done"] + found["orders_sum"] == RACERS
        owed = [await market.of(order, "owed_minor") for order in orders]
        assert sum(owed) == SHARE * 100 * (found["done"] - WINNERS)
        assert sum(owed) <= WHOLE * 100


async def test_orders_never_need_money_that_is_reallocated_at_the_same_time(market: Market, races: int) -> None:
    supplier = await market.supplier()
    for _ in range(races):
        bought, other = (a_procurement(group=market.world.group, status=ProcurementStatus.AWARDED) for _ in range(2))
        gifts = [
            a_contribution(market.world.home, status=ContributionStatus.COMMITTED, **columns(amount="5.00 EUR"))
            for _ in range(RACERS // 2)
        ]
        rows = [an_allocation(gift, bought, "5.00 EUR") for gift in gifts]
        orders = [an_order(bought, supplier=supplier, **columns(value=f"{SHARE}.00 EUR")) for _ in range(RACERS // 2)]
        lines = [an_order_line(order, quantity=SHARE, **columns(unit_price="1.00 EUR")) for order in orders]
        await market.keep(*rows, *lines, other)
        placed = [{"id": an_id(order), "to": "PLACED", "expectedVersion": 1} for order in orders]
        target = {"procurementId": an_id(other), "amount": euros("5.00"), "reason": "x", "expectedVersion": 1}
        moved = [{"id": an_id(row), **target} for row in rows]
        ordered, left = await asyncio.gather(
            race(market, "member", "transitionPurchaseOrder", "purchaseOrder { id }", placed),
            race(market, "lead", "reallocateAllocation", "allocation { id }", moved),
        )
        for found in (ordered, left):
            assert found["done"] + found["orders_sum"] == RACERS // 2
        assert SHARE * ordered["done"] <= WHOLE - 5 * left["done"]
        assert sum([await market.of(order, "owed_minor") for order in orders]) == SHARE * 100 * ordered["done"]
        assert sum([await market.of(row, "amount_minor") for row in rows]) == (WHOLE - 5 * left["done"]) * 100


async def test_forty_deliveries_never_bring_more_than_was_ordered(market: Market, races: int) -> None:
    supplier = await market.supplier()
    for _ in range(races):
        bought = a_procurement(group=market.world.group, status=ProcurementStatus.ORDERED)
        order = an_order(bought, supplier=supplier, status=PurchaseOrderStatus.CONFIRMED)
        ordered = an_order_line(order, quantity=WHOLE)
        await market.keep(ordered)
        line = {"description": "Laptops", "quantity": SHARE, "orderLineId": an_id(ordered)}
        asked = [{"title": "A share", "purchaseOrderId": an_id(order), "lines": [line]} for _ in range(RACERS)]
        found = await race(market, "member", "createDelivery", "delivery { id }", asked)
        assert found == {"done": WINNERS, "received_sum": RACERS - WINNERS}


async def test_forty_returns_never_exceed_the_accepted_units(market: Market, races: int) -> None:
    for _ in range(races):
        order = await market.funded_order(WHOLE)
        delivery = await market.delivery(order, "ACCEPTED")
        line = a_delivery_line(delivery, order_line=order.lines[0], quantity=WHOLE, accepted=WHOLE, rejected=0)
        await market.keep(line)
        entry = {"deliveryLineId": an_id(line), "quantity": SHARE, "returnedOn": "2026-02-03", "reason": "Broken."}
        found = await race(market, "member", "createDeliveryReturn", "deliveryReturn { id }", [entry] * RACERS)
        assert found == {"done": WINNERS, "returns_sum": RACERS - WINNERS}
        assert await market.of(line, "returned") == SHARE * WINNERS


async def test_forty_amendments_never_need_more_than_is_set_aside(market: Market, races: int) -> None:
    supplier = await market.supplier()
    for _ in range(races):
        bought = a_procurement(group=market.world.group, status=ProcurementStatus.ORDERED)
        given = a_contribution(market.world.home, status=ContributionStatus.COMMITTED, **columns(amount="140.00 EUR"))
        orders = [
            an_order(
                bought,
                supplier=supplier,
                status=PurchaseOrderStatus.CONFIRMED,
                **columns(value="1.00 EUR"),
            )
            for _ in range(RACERS)
        ]
        lines = [an_order_line(order, quantity=1, **columns(unit_price="1.00 EUR")) for order in orders]
        await market.keep(an_allocation(given, bought, "140.00 EUR"), *lines)
        same: dict[str, Any] = {"expectedVersion": 1, "amendedOn": "2026-03-04", "reason": "More."}
        asked = [
            {"id": an_id(order), "lines": [{"orderLineId": an_id(line), "quantity": 1 + SHARE}], **same}
            for order, line in zip(orders, lines, strict=True)
        ]
        found = await race(market, "member", "amendPurchaseOrder", "purchaseOrder { id }", asked)
        assert found == {"done": WINNERS, "orders_sum": RACERS - WINNERS}
        owed = [await market.of(order, "owed_minor") for order in orders]
        assert sum(owed) == 100 * (RACERS + SHARE * WINNERS)
        first = orders[0]
        again = {"id": an_id(first), "newLines": [{"description": "Free", "quantity": 1, "unitPrice": euros("0.00")}]}
        version = await market.version(first)
        race_for_one = [{**again, **same, "expectedVersion": version}] * RACERS
        viewer = await market.world.viewer("member")
        answers = await asyncio.gather(
            *(
                change(market.database, viewer, "amendPurchaseOrder", "purchaseOrder { id }", **one)
                for one in race_for_one
            )
        )
        assert Counter(answer["__typename"] for answer in answers) == {
            "AmendPurchaseOrderSuccess": 1,
            "ConflictError": RACERS - 1,
        }
