"""Statuses that follow from facts go back with them: of procurements, needs and contributions in kind."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from models import ContributionKind, ContributionStatus
from tests.support.factories import a_contribution, a_delivery, a_delivery_line, a_roadmap, a_roadmap_line
from tests.support.purchasing import Market, euros
from tests.support.small_coalition import an_id

if TYPE_CHECKING:
    from models import Entity
    from resolvers.database.database import Database

pytestmark = pytest.mark.anyio


@pytest.fixture
async def market(database: Database) -> Market:
    return await Market(database).open()


async def moves(market: Market, row: Entity, to: str, name: str = "member", **given: Any) -> None:
    """Change a status as an account, which must succeed."""
    answer = await market.move(name, row, to, **given)
    assert answer["__typename"].endswith("Success"), answer


async def test_a_procurement_whose_only_order_is_cancelled_can_order_again_or_be_cancelled(market: Market) -> None:
    bought = await market.procurement()
    money = await market.allocation(await market.contribution(), bought, "100.00")
    order = await market.order(bought, 10)
    await market.moved("member", order, "PLACED")
    assert await market.status(order.procurement) == "ORDERED"
    await moves(market, order, "CANCELLED", reason="The supplier refused it.")
    assert await market.status(order.procurement) == "AWARDED"
    await market.moved("chair", order.procurement, "CANCELLED")
    assert await market.of(money, "amount_minor") == 0


async def test_a_procurement_whose_order_ended_without_goods_but_owes_money_is_completed(market: Market) -> None:
    order = await market.funded_order(10)
    await moves(market, order, "TERMINATED", reason="Too late.", settled=euros("20.00"))
    assert await market.status(order.procurement) == "ORDERED"
    await market.moved("member", order.procurement, "COMPLETED")


async def test_a_procurement_with_an_open_order_is_not_completed(market: Market) -> None:
    order = await market.funded_order(10)
    assert await market.stays("member", order.procurement, "COMPLETED") == "orders_open"


async def test_a_need_whose_procurement_is_cancelled_is_planned_or_validated_again(market: Market) -> None:
    planned, other = await market.need(), await market.need()
    roadmap = a_roadmap()
    await market.keep(roadmap, a_roadmap_line(roadmap, planned))
    bought = await market.procurement("AWARDED", needs=[planned, other])
    asked = {"id": an_id(bought), "expectedVersion": 1, "title": "Laptops and radios"}
    await market.changed("member", "updateProcurement", "procurement { id }", **asked)
    assert [await market.status(need) for need in (planned, other)] == ["IN_PROCUREMENT", "IN_PROCUREMENT"]
    await market.moved("chair", bought, "CANCELLED")
    assert [await market.status(need) for need in (planned, other)] == ["PLANNED", "VALIDATED"]


async def test_a_need_that_a_procurement_leaves_out_is_validated_again(market: Market) -> None:
    kept, left = await market.need(status="IN_PROCUREMENT"), await market.need(status="IN_PROCUREMENT")
    bought = await market.procurement("AWARDED", needs=[kept, left])
    asked = {"id": an_id(bought), "expectedVersion": 1, "needIds": [an_id(kept)]}
    await market.changed("member", "updateProcurement", "procurement { id }", **asked)
    assert [await market.status(need) for need in (kept, left)] == ["IN_PROCUREMENT", "VALIDATED"]


async def test_a_need_that_a_roadmap_leaves_out_is_validated_again(market: Market) -> None:
    need, roadmap = await market.need(status="PLANNED"), a_roadmap()
    await market.keep(roadmap, a_roadmap_line(roadmap, need))
    asked = {"id": an_id(roadmap), "expectedVersion": 1, "lines": [], "reason": "It can wait."}
    await market.changed("lead", "updateRoadmap", "roadmap { id }", **asked)
    assert await market.status(need) == "VALIDATED"


async def test_a_gift_whose_goods_are_rejected_after_all_is_no_longer_handed_over(market: Market) -> None:
    gift = a_contribution(market.world.home, kind=ContributionKind.IN_KIND, status=ContributionStatus.COMMITTED)
    await market.keep(gift)
    delivery = a_delivery(contribution=gift)
    await market.keep(delivery, a_delivery_line(delivery, quantity=4))
    await market.moved("lead", delivery, "IN_TRANSIT", "RECEIVED", "ACCEPTED")
    assert await market.status(gift) == "DISBURSED"
    answer = await market.move("other", gift, "COMMITTED", reason="By mistake.")
    assert answer["__typename"] != "TransitionContributionSuccess"
    await moves(market, delivery, "RECEIVED", "lead", reason="The batteries are empty.")
    await market.moved("lead", delivery, "REJECTED")
    assert await market.status(gift) == "COMMITTED"
