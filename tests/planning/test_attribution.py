"""Attribution: which part of a procurement's money is for which of its needs."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from models import ContributionStatus, PurchaseOrderStatus
from tests.support.execute import read
from tests.support.factories import (
    a_capability_area,
    a_contribution,
    a_need,
    a_participant,
    a_procurement,
    an_allocation,
    an_order,
    an_order_line,
    money,
)
from tests.support.rows import keep

if TYPE_CHECKING:
    from resolvers.database.database import Database

pytestmark = pytest.mark.anyio


async def test_money_of_a_procurement_with_two_needs_follows_the_allocation_and_then_the_order_lines(
    database: Database,
) -> None:
    area, donor = a_capability_area(), a_participant()
    radios, drones = (a_need(area, name, **money(estimated_cost="1000.00 EUR")) for name in ("RADIOS", "DRONES"))
    both = a_procurement(needs=[radios, drones])
    order = an_order(both, status=PurchaseOrderStatus.PLACED, **money(value="700.00 EUR"))
    lines = [
        an_order_line(order, need=need, quantity=Decimal(10), **money(unit_price=price))
        for need, price in ((radios, "50.00 EUR"), (drones, "20.00 EUR"))
    ]
    await keep(database, order, *lines)
    given = [
        a_contribution(donor, status=ContributionStatus.COMMITTED, **money(amount=amount))
        for amount in ("300.00 EUR", "500.00 EUR")
    ]
    await keep(
        database,
        an_allocation(given[0], both, "300.00 EUR", need=radios),
        an_allocation(given[1], both, "500.00 EUR"),
    )
    # Of the 500 that name no need, 200 are for the other half of the radios, 200 for the drones, and 100 are shared.
    assert await funded(database) == {
        "RADIOS": ("500.00", "500.00", "0.5000"),
        "DRONES": ("200.00", "800.00", "0.2000"),
    }


async def test_money_that_does_not_cover_the_orders_is_attributed_to_no_need(database: Database) -> None:
    area, donor = a_capability_area(), a_participant()
    needs = [a_need(area, name, **money(estimated_cost="1000.00 EUR")) for name in ("RADIOS", "DRONES")]
    both = a_procurement(needs=needs)
    order = an_order(both, status=PurchaseOrderStatus.PLACED, **money(value="700.00 EUR"))
    await keep(database, an_order_line(order, need=needs[0], quantity=Decimal(10), **money(unit_price="70.00 EUR")))
    given = a_contribution(donor, status=ContributionStatus.COMMITTED, **money(amount="699.99 EUR"))
    await keep(database, an_allocation(given, both, "699.99 EUR"))
    assert await funded(database) == dict.fromkeys(("RADIOS", "DRONES"), ("0.00", "1000.00", "0.0000"))


async def funded(database: Database) -> dict[str, tuple[str, str, str]]:
    """Return the funded and the unmet amount of each need, and the funded share, by reference."""
    query = "{ capabilityNeeds { nodes { reference fundedAmount { amount } unmetAmount { amount } fundedShare } } }"
    nodes = (await read(database, query))["capabilityNeeds"]["nodes"]
    return {
        node["reference"]: (node["fundedAmount"]["amount"], node["unmetAmount"]["amount"], node["fundedShare"])
        for node in nodes
    }
