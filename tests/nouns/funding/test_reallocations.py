"""Reallocation: an amount of an allocation goes to another procurement or need in one step, with a reason."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from models import Marking
from tests.models.test_sum_triggers import refused, write
from tests.support.execute import read
from tests.support.purchasing import Market, euros
from tests.support.small_coalition import an_id

if TYPE_CHECKING:
    from models import Allocation, Procurement
    from resolvers.database.database import Database

pytestmark = pytest.mark.anyio

MOVED = "allocation { amount { amount } contribution { unallocated { amount } allocations { nodes { id } } } }"


@pytest.fixture
async def market(database: Database) -> Market:
    return await Market(database).open()


async def allocated(market: Market, bought: Procurement, amount: str = "60.00") -> Allocation:
    """Enter money of a contribution of 100 EUR that is set aside."""
    return await market.allocation(await market.contribution(), bought, amount)


def to(row: Allocation, bought: Procurement, amount: str, **given: Any) -> dict[str, Any]:
    """Return an input that moves money to a procurement."""
    asked = {"id": an_id(row), "expectedVersion": 1, "procurementId": an_id(bought), "amount": euros(amount)}
    return {**asked, "reason": "bought for less", **given}


async def test_money_moves_to_another_procurement_in_one_step(market: Market) -> None:
    first, second = await market.procurement("PLANNING"), await market.procurement("PLANNING")
    row = await allocated(market, first)
    made = await market.changed("lead", "reallocateAllocation", MOVED, **to(row, second, "20.00"))
    assert made["amount"] == {"amount": "20.00"}
    assert made["contribution"]["unallocated"] == {"amount": "40.00"}
    assert await market.of(row, "amount_minor") == 4000
    # The second time, the money goes to the allocation that is there.
    again = to(row, second, "40.00", expectedVersion=2)
    made = await market.changed("lead", "reallocateAllocation", MOVED, **again)
    assert made["amount"] == {"amount": "60.00"}
    assert len(made["contribution"]["allocations"]["nodes"]) == 2
    assert await market.of(row, "amount_minor") == 0


async def test_money_that_orders_bind_moves_to_another_need_of_the_procurement(market: Market) -> None:
    radios, routers = await market.need(), await market.need()
    bought = await market.procurement("ORDERED", needs=[radios, routers])
    row = await market.allocation(await market.contribution(), bought, "100.00")
    await market.order(bought, 10, status="CONFIRMED")
    # Nothing is left, neither of the contribution nor beside the order.
    moved = to(row, bought, "40.00", needId=an_id(routers))
    made = await market.changed("lead", "reallocateAllocation", MOVED, **moved)
    assert (made["amount"], await market.of(row, "amount_minor")) == ({"amount": "40.00"}, 6000)
    assert (await market.of(row, "in_transit"), made["contribution"]["unallocated"]) == (0, {"amount": "0.00"})
    other = await market.procurement("PLANNING")
    gone = to(row, other, "0.01", expectedVersion=await market.version(row))
    assert await market.rule("lead", "reallocateAllocation", **gone) == "input: orders_sum"
    still = "UPDATE allocations SET amount_minor = 5999, in_transit = 1 WHERE id = '{row}'"
    await write(market, still, row=row)
    await refused(market, "orders_sum", "UPDATE allocations SET in_transit = 0 WHERE id = '{row}'", row=row)


async def test_both_allocations_have_the_reason_in_their_history(market: Market) -> None:
    first, second = await market.procurement("PLANNING"), await market.procurement("PLANNING")
    row = await allocated(market, first)
    await market.changed("lead", "reallocateAllocation", MOVED, **to(row, second, "20.00"))
    query = '{ auditEvents(where: {entityType: {eq: "Allocation"}}) { nodes { action reason before after } } }'
    found = await read(market.database, query, viewer=await market.world.viewer("lead"))
    events = found["auditEvents"]["nodes"]
    assert {each["action"] for each in events} == {"UPDATE", "CREATE"}
    assert {each["reason"] for each in events} == {"bought for less"}


async def test_money_moves_to_another_need_of_the_same_procurement(market: Market) -> None:
    one, other = await market.need(), await market.need()
    bought = await market.procurement("PLANNING", needs=[one, other])
    row = await allocated(market, bought)
    for need, amount in ((one, "25.00"), (other, "35.00")):
        version = await market.version(row)
        given = to(row, bought, amount, needId=an_id(need), expectedVersion=version)
        made = await market.changed("lead", "reallocateAllocation", "allocation { need { id } }", **given)
        assert made == {"need": {"id": an_id(need)}}
    assert await market.of(row, "amount_minor") == 0


async def test_a_reallocation_has_a_reason_a_target_and_no_more_than_there_is(market: Market) -> None:
    first, second, gone = [await market.procurement(each) for each in ("PLANNING", "PLANNING", "CANCELLED")]
    foreign, row = await market.need(), await allocated(market, first)
    refusals = {
        "input.reason: reason": to(row, second, "20.00", reason=None),
        "input.amount: reallocated_amount": to(row, second, "60.01"),
        "input.procurementId: same": to(row, first, "20.00"),
        "input.procurementId: cancelled": to(row, gone, "20.00"),
        "input.needId: need": to(row, second, "20.00", needId=an_id(foreign)),
        "input.amount: nothing": to(row, second, "0"),
    }
    for rule, given in refusals.items():
        assert await market.rule("lead", "reallocateAllocation", **given) == rule
    stale = await market.refused("lead", "reallocateAllocation", **to(row, second, "1.00", expectedVersion=9))
    assert stale["code"] == "CONFLICT"
    assert await market.of(row, "amount_minor") == 6000


async def test_only_leads_reallocate(market: Market) -> None:
    first, second = await market.procurement("PLANNING"), await market.procurement("PLANNING")
    row = await allocated(market, first)
    error = await market.refused("chair", "reallocateAllocation", **to(row, second, "20.00"))
    assert error["code"] == "FORBIDDEN"


async def test_money_that_orders_need_is_not_reallocated(market: Market) -> None:
    bought, second = await market.procurement("ORDERED"), await market.procurement("PLANNING")
    row = await allocated(market, bought)
    await market.order(bought, 4, status="PLACED")
    assert await market.rule("lead", "reallocateAllocation", **to(row, second, "20.01")) == "input: orders_sum"
    await market.changed("lead", "reallocateAllocation", MOVED, **to(row, second, "20.00"))


async def test_a_refusal_says_the_sum_the_limit_and_the_difference_of_what_the_viewer_sees(market: Market) -> None:
    first, second = await market.procurement(), await market.procurement()
    row = await allocated(market, first)
    order = await market.order(first, 7)
    refused = {"id": an_id(order), "expectedVersion": 1, "to": "PLACED"}
    error = await market.refused("member", "transitionPurchaseOrder", **refused)
    assert "owe 70.00 EUR, 10.00 EUR more than 60.00 EUR of committed money" in error["message"]
    # Money that the member does not see changes what is refused, but no figure.
    hidden = await market.contribution("5.00", marking=Marking.RED)
    await market.allocation(hidden, first, "5.00")
    again = await market.refused("member", "transitionPurchaseOrder", **refused)
    assert again["message"] == error["message"]
    error = await market.refused("lead", "reallocateAllocation", **to(row, second, "60.01"))
    assert "has 60.00 EUR. You move 60.01 EUR, 0.01 EUR more than 60.00 EUR." in error["message"]
    given = {"contributionId": an_id(row.contribution), "procurementId": an_id(second), "amount": euros("45.00")}
    error = await market.refused("lead", "createAllocation", **given)
    assert "would be 105.00 EUR, 5.00 EUR more than 100.00 EUR of the contribution" in error["message"]
