"""Money that moves: a procurement costs less than was set aside, and the rest goes to another one in one step."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from models import Award, AwardStatus
from tests.support.execute import read
from tests.support.factories import named
from tests.support.purchasing import Market, euros
from tests.support.small_coalition import an_id

if TYPE_CHECKING:
    from resolvers.database.database import Database

pytestmark = pytest.mark.anyio

MONEY = """query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Procurement {
    allocatedFunds { amount } owedValue { amount }
    allocations { nodes { amount { amount } need { reference } history { nodes { action reason } } } }
} } }"""


@pytest.fixture
async def market(database: Database) -> Market:
    return await Market(database).open()


async def bought(market: Market, title: str, *needs: Any) -> Any:
    given = {"title": title, "groupId": an_id(market.world.group), "method": "DIRECT", "needIds": [*map(an_id, needs)]}
    found = await market.changed("member", "createProcurement", "procurement { id version }", **given)
    key = found["id"].partition(":")[2]
    await market.keep(Award(number=named("AWD"), procurement_id=key, status=AwardStatus.ACTIVE))
    for who, to in (("chair", "APPROVED"), ("member", "AWARDED")):
        asked = {"id": found["id"], "expectedVersion": found["version"], "to": to}
        found = await market.changed(who, "transitionProcurement", "procurement { id version }", **asked)
    return found


async def test_what_an_order_leaves_goes_to_a_need_of_another_procurement_in_one_step(market: Market) -> None:
    radios, routers = await market.need(), await market.need()
    cheap, scarce = await bought(market, "Radios", radios), await bought(market, "Routers", routers)
    given = await market.contribution("100.00")
    set_aside = {"contributionId": an_id(given), "procurementId": cheap["id"], "amount": euros("100.00")}
    row = await market.changed("lead", "createAllocation", "allocation { id version }", **set_aside)
    line = {"description": "Radio", "quantity": 6, "unitPrice": euros("10.00"), "needId": an_id(radios)}
    order = {"procurementId": cheap["id"], "lines": [line], "supplierId": an_id(await market.supplier())}
    order = await market.changed("member", "createPurchaseOrder", "purchaseOrder { id version }", **order)
    placed = {"id": order["id"], "expectedVersion": order["version"], "to": "PLACED"}
    await market.changed("member", "transitionPurchaseOrder", "purchaseOrder { id }", **placed)

    move = {"id": row["id"], "expectedVersion": row["version"], "procurementId": scarce["id"]}
    move |= {"needId": an_id(routers), "reason": "The radios cost less."}
    # The order needs 60 of the 100.
    assert await market.rule("lead", "reallocateAllocation", **move, amount=euros("40.01")) == "input: orders_sum"
    await market.changed("lead", "reallocateAllocation", "allocation { id }", **move, amount=euros("40.00"))

    viewer = await market.world.viewer("lead")
    found = await read(market.database, MONEY, viewer=viewer, ids=[cheap["id"], scarce["id"]])
    left, moved = found["nodes"]
    assert (left["allocatedFunds"], left["owedValue"]) == ([{"amount": "60.00"}], [{"amount": "60.00"}])
    (there,) = moved["allocations"]["nodes"]
    assert there["need"] == {"reference": routers.reference}
    assert there["history"]["nodes"] == [{"action": "CREATE", "reason": "The radios cost less."}]
    (rest,) = left["allocations"]["nodes"]
    assert rest["history"]["nodes"][-1] == {"action": "UPDATE", "reason": "The radios cost less."}
