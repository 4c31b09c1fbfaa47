"""Allocations: money is set aside for procurements, up to the amount that is left, and taken back with a reason."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from models import Contribution, ContributionKind, ContributionStatus, Marking, Procurement, Qualifier, StatementKind
from resolvers.commands.visible_rules import HIDDEN
from tests.support.factories import an_allocation
from tests.support.purchasing import Market, euros
from tests.support.small_coalition import an_id

if TYPE_CHECKING:
    from resolvers.database.database import Database

pytestmark = pytest.mark.anyio

ALLOCATION = "allocation { amount { amount currency } contribution { unallocated { amount } } }"


@pytest.fixture
async def market(database: Database) -> Market:
    return await Market(database).open()


def between(contribution: Contribution, bought: Procurement, amount: str, currency: str = "EUR") -> dict[str, Any]:
    """Return an input that sets money aside."""
    set_aside = {"amount": amount, "currency": currency}
    return {"contributionId": an_id(contribution), "procurementId": an_id(bought), "amount": set_aside}


async def test_a_lead_sets_money_aside_to_the_last_cent(market: Market) -> None:
    given, bought = await market.contribution(), await market.procurement("PLANNING")
    made = await market.changed("lead", "createAllocation", ALLOCATION, **between(given, bought, "100.00"))
    assert made == {"amount": euros("100.00"), "contribution": {"unallocated": {"amount": "0.00"}}}


async def test_no_more_is_set_aside_than_is_left_and_hidden_allocations_change_no_figure(market: Market) -> None:
    given = await market.contribution()
    row = await market.allocation(given, await market.procurement(marking=Marking.RED), "60.00")
    asked = between(given, await market.procurement(), "40.01")
    error = await market.refused("lead", "createAllocation", **asked)
    assert error["violations"] == [{"path": ["input"], "rule": "hidden", "message": HIDDEN.message}]
    more = await market.refused("lead", "createAllocation", **{**asked, "amount": euros("100.01")})
    message = "The allocations that you see would be 100.01 EUR, 0.01 EUR more than 100.00 EUR of the contribution."
    broken = {"path": ["input", "amount"], "rule": "allocations_sum", "message": f"{message} Reduce the amount."}
    assert more["violations"] == [broken]
    assert await market.of(row, "amount_minor") == 6000
    await market.changed("lead", "createAllocation", ALLOCATION, **between(given, await market.procurement(), "40.00"))
    # Nothing is left, so no smaller amount is possible.
    spent = await market.contribution()
    made = await market.allocation(spent, await market.procurement(), "100.00")
    least = await market.refused("lead", "createAllocation", **between(spent, await market.procurement(), "0.01"))
    assert least["message"].endswith("of the contribution. Withdraw or reduce another allocation of it first.")
    await market.changed("lead", "withdrawAllocation", ALLOCATION, id=an_id(made), expectedVersion=1, reason="No use.")
    moved = {"id": an_id(made), "expectedVersion": 2, "procurementId": an_id(await market.procurement())}
    none = await market.refused("lead", "reallocateAllocation", **moved, amount=euros("1.00"), reason="For radios.")
    assert none["message"].endswith("1.00 EUR more than 0.00 EUR. Choose another allocation.")


async def test_only_leads_set_money_aside(market: Market) -> None:
    given, bought = await market.contribution(), await market.procurement()
    error = await market.refused("chair", "createAllocation", **between(given, bought, "1.00"))
    assert error["code"] == "FORBIDDEN"
    assert error["message"].endswith("Ask a lead.")


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"kind": ContributionKind.IN_KIND}, "in kind"),
        ({"statement_kind": StatementKind.TOTAL_TO_DATE}, "total to date"),
        ({"amount_qualifier": Qualifier.UP_TO}, "upper bound"),
        ({"status": ContributionStatus.CANCELLED}, "CANCELLED"),
        ({"amount_minor": None, "amount_currency": None}, "unknown"),
    ],
)
async def test_some_contributions_cannot_be_allocated_from(
    market: Market, changes: dict[str, Any], reason: str
) -> None:
    given, bought = await market.contribution(**changes), await market.procurement()
    error = await market.refused("lead", "createAllocation", **between(given, bought, "1.00"))
    assert [each["rule"] for each in error["violations"]] == ["allocatable"]
    assert reason in error["message"]


async def test_of_a_joint_contribution_one_allocates_from_the_whole(market: Market) -> None:
    whole = await market.contribution()
    part, bought = await market.contribution(part_of=whole), await market.procurement()
    assert "joint" in (await market.refused("lead", "createAllocation", **between(part, bought, "1.00")))["message"]
    await market.changed("lead", "createAllocation", ALLOCATION, **between(whole, bought, "1.00"))


async def test_an_allocation_is_in_the_currency_of_its_contribution(market: Market) -> None:
    given, bought = await market.contribution(), await market.procurement()
    rule = await market.rule("lead", "createAllocation", **between(given, bought, "1.00", "DKK"))
    assert rule == "input.amount.currency: allocation_currency"


async def test_what_is_given_up_takes_no_money(market: Market) -> None:
    given, bought = await market.contribution(), await market.procurement("CANCELLED")
    rule = await market.rule("lead", "createAllocation", **between(given, bought, "1.00"))
    assert rule == "input.procurementId: cancelled"


async def test_an_allocation_is_raised_lowered_and_withdrawn_with_a_reason(market: Market) -> None:
    given, bought = await market.contribution(), await market.procurement()
    row = await market.allocation(given, bought, "10.00")
    asked = {"id": an_id(row), "expectedVersion": 1}
    error = await market.rule("lead", "updateAllocation", **asked, amount=euros("100.01"))
    assert error == "input.amount: allocations_sum"
    assert await market.rule("lead", "updateAllocation", **asked, amount=euros("0")) == "input.amount: nothing"
    await market.changed("lead", "updateAllocation", ALLOCATION, **asked, amount=euros("70.00"))
    asked["expectedVersion"] = 2
    assert await market.rule("lead", "withdrawAllocation", **asked) == "input.reason: reason"
    found = await market.changed("lead", "withdrawAllocation", ALLOCATION, **asked, reason="bought for less")
    assert found == {"amount": euros("0.00"), "contribution": {"unallocated": {"amount": "100.00"}}}


async def test_what_orders_need_is_neither_lowered_nor_withdrawn(market: Market) -> None:
    given, pledged = await market.contribution(), await market.contribution(status=ContributionStatus.PLEDGED)
    bought = await market.procurement("ORDERED")
    row = await market.allocation(given, bought, "50.00")
    await market.order(bought, 4, status="PLACED")
    # Money that is only pledged takes no other's place.
    await market.allocation(pledged, bought, "100.00")
    asked = {"id": an_id(row), "expectedVersion": 1}
    assert await market.rule("lead", "updateAllocation", **asked, amount=euros("39.99")) == "input: orders_sum"
    assert await market.rule("lead", "withdrawAllocation", **asked, reason="no") == "input: orders_sum"
    await market.changed("lead", "updateAllocation", ALLOCATION, **asked, amount=euros("40.00"))


async def test_an_allocation_names_one_need_of_its_procurement(market: Market) -> None:
    one, other, foreign = [await market.need() for _ in range(3)]
    given, bought = await market.contribution(), await market.procurement("PLANNING", needs=[one, other])
    asked = between(given, bought, "10.00")
    assert await market.rule("lead", "createAllocation", **asked, needId=an_id(foreign)) == "input.needId: need"
    for need in (one, other, None):
        named = {"needId": an_id(need)} if need else {}
        made = await market.changed("lead", "createAllocation", "allocation { id need { id } }", **asked, **named)
        assert made["need"] == ({"id": an_id(need)} if need else None)
        again = await market.refused("lead", "createAllocation", **asked, **named)
        assert [(each["path"][1], each["rule"]) for each in again["violations"]] == [
            ("needId" if need else "procurementId", "unique")
        ]
        assert f"The allocation {made['id']} has the same contributionId" in again["message"]
        assert "Change it with updateAllocation" in again["message"]


async def test_a_need_with_money_of_its_own_stays_a_need_of_the_procurement(market: Market) -> None:
    one, other = await market.need(), await market.need()
    given, bought = await market.contribution(), await market.procurement("PLANNING", needs=[one, other])
    asked = {**between(given, bought, "10.00"), "needId": an_id(one)}
    made = await market.changed("lead", "createAllocation", "allocation { id version }", **asked)
    left = {"id": an_id(bought), "expectedVersion": 1, "needIds": [an_id(other)]}
    assert await market.rule("member", "updateProcurement", **left) == "input.needIds: allocated"
    kept = {**left, "needIds": [an_id(one)]}
    await market.changed("member", "updateProcurement", "procurement { id }", **kept)
    withdrawn = {"id": made["id"], "expectedVersion": made["version"], "reason": "bought for less"}
    await market.changed("lead", "withdrawAllocation", ALLOCATION, **withdrawn)
    left["expectedVersion"] = await market.version(bought)
    await market.changed("member", "updateProcurement", "procurement { id }", **left, reason="not needed")
    # The need is no longer one of the procurement, so no money can be set aside for it.
    raised = {"id": made["id"], "expectedVersion": 2, "amount": euros("1.00")}
    assert (await market.rule("lead", "updateAllocation", **raised)).endswith(": need")


async def test_a_need_with_money_that_the_viewer_does_not_see_stays_too(market: Market) -> None:
    need = await market.need()
    hidden, bought = await market.contribution(marking=Marking.RED), await market.procurement("PLANNING", needs=[need])
    await market.keep(an_allocation(hidden, bought, "10.00 EUR", need=need))
    left = {"id": an_id(bought), "expectedVersion": 1, "needIds": []}
    error = await market.refused("member", "updateProcurement", **left)
    assert [(each["path"], each["rule"], each["message"]) for each in error["violations"]] == [
        (["input"], "hidden", HIDDEN.message)
    ]
