"""Procurements are planned, approved by who decides, tendered or not, and follow their orders to the end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from models import AwardStatus, CapabilityNeed, NeedStatus, ProcurementMethod
from models.base import now
from tests.support.factories import a_need, an_award
from tests.support.purchasing import Market, euros
from tests.support.small_coalition import an_id

if TYPE_CHECKING:
    from resolvers.database.database import Database

pytestmark = pytest.mark.anyio

AVAILABLE = "procurement { availableTransitions }"


@pytest.fixture
async def market(database: Database) -> Market:
    return await Market(database).open()


def a_plan(market: Market, *needs: CapabilityNeed, **given: Any) -> dict[str, Any]:
    """Return an input that plans a procurement of the group."""
    return {
        "title": "Laptops",
        "groupId": an_id(market.world.group),
        "needIds": [an_id(need) for need in needs],
        "plannedYear": 2027,
        **given,
    }


async def test_a_member_plans_and_only_who_chairs_approves(market: Market) -> None:
    need = await market.need()
    selected = "procurement { id reference status plannedYear needs { nodes { status } } }"
    made = await market.changed("member", "createProcurement", selected, **a_plan(market, need))
    assert made.pop("reference").startswith("PROC-")
    asked = {"id": made.pop("id"), "to": "APPROVED", "expectedVersion": 1}
    assert made == {"status": "PLANNING", "plannedYear": 2027, "needs": {"nodes": [{"status": "VALIDATED"}]}}
    assert (await market.refused("member", "transitionProcurement", **asked))["code"] == "FORBIDDEN"
    await market.changed("chair", "transitionProcurement", AVAILABLE, **asked)
    assert await market.status(need) == "IN_PROCUREMENT"


async def test_a_procurement_is_planned_for_a_need_that_is_not_validated_yet(market: Market) -> None:
    need = await market.need(status="SUBMITTED")
    given = {"title": "Radios", "groupId": an_id(market.world.group), "needIds": [an_id(need)]}
    made = await market.changed("member", "createProcurement", "procurement { status }", **given)
    assert made == {"status": "PLANNING"}


async def test_nothing_is_approved_for_a_need_that_is_not_validated(market: Market) -> None:
    bought = await market.procurement("PLANNING", needs=[await market.need(status="SUBMITTED")])
    assert await market.stays("chair", bought, "APPROVED") == "needs_validated"


async def test_a_need_that_is_added_later_is_being_bought_too(market: Market) -> None:
    bought, need = await market.procurement("TENDERING"), await market.need()
    asked = {"id": an_id(bought), "expectedVersion": 1, "needIds": [an_id(need)]}
    await market.changed("member", "updateProcurement", AVAILABLE, **asked)
    assert await market.status(need) == "IN_PROCUREMENT"


@pytest.mark.parametrize("method", [None, *ProcurementMethod])
async def test_only_what_is_bought_directly_skips_the_tender(market: Market, method: ProcurementMethod | None) -> None:
    bought = await market.procurement("APPROVED", method=method)
    await market.keep(an_award(bought, status=AwardStatus.ACTIVE))
    direct = method is ProcurementMethod.DIRECT
    asked = {"id": an_id(bought), "expectedVersion": 1, "plannedYear": 2027}
    found = await market.changed("member", "updateProcurement", AVAILABLE, **asked)
    assert found == {"availableTransitions": ["AWARDED" if direct else "TENDERING"]}
    assert await market.stays("member", bought, "TENDERING" if direct else "AWARDED") == "transition"
    await market.moved("member", bought, *(["AWARDED"] if direct else ["TENDERING", "AWARDED"]))


async def test_the_method_stays_once_suppliers_are_chosen_by_it(market: Market) -> None:
    bought = await market.procurement("TENDERING", method=ProcurementMethod.OPEN)
    asked = {"id": an_id(bought), "expectedVersion": 1, "method": "DIRECT"}
    assert await market.rule("member", "updateProcurement", **asked) == "input.method: sealed"


@pytest.mark.parametrize(
    ("begun", "ended", "again"),
    [
        ("TENDERING", "UNSUCCESSFUL", "PLANNING"),
        ("TENDERING", "UNSUCCESSFUL", "TENDERING"),
        ("AWARDED", "CANCELLED", "PLANNING"),
    ],
)
async def test_what_found_no_supplier_or_was_cancelled_is_reopened_by_who_chairs_and_with_a_reason(
    market: Market, begun: str, ended: str, again: str
) -> None:
    need = await market.need()
    bought, given = await market.procurement(begun, needs=[need]), await market.contribution()
    allocation = await market.allocation(given, bought, "100.00")
    await market.moved("chair", bought, ended)
    assert await market.status(need) == "VALIDATED"
    assert (await market.move("member", bought, again, reason="By mistake."))["code"] == "FORBIDDEN"
    assert await market.stays("chair", bought, again) == "reason"
    answer = await market.move("chair", bought, again, reason="By mistake.")
    assert answer["procurement"] == {"status": again}
    assert await market.status(need) == ("IN_PROCUREMENT" if again == "TENDERING" else "VALIDATED")
    # Money that was released is not allocated again by itself, but it can be.
    assert await market.of(allocation, "amount_minor") == (0 if ended == "CANCELLED" else 10000)
    asked = {"id": an_id(allocation), "expectedVersion": await market.version(allocation), "amount": euros("99.00")}
    await market.changed("lead", "updateAllocation", "allocation { id }", **asked)


@pytest.mark.parametrize("status", ["REJECTED", "WITHDRAWN"])
async def test_nothing_is_bought_or_paid_for_a_need_that_was_given_up(market: Market, status: str) -> None:
    shown: dict[str, Any] = {"status": NeedStatus[status], "visible_since": now()}
    need = a_need(market.world.area, group=market.world.group, **shown)
    await market.keep(need)
    other = await market.need()
    error = await market.refused("member", "createProcurement", **a_plan(market, other, need))
    [broken] = error["violations"]
    assert (broken["path"], broken["rule"]) == (["input", "needIds"], "needs_open")
    assert broken["message"] == f"{need.reference} is {status}. Leave that need out, or reopen it first."
    bought = await market.procurement("PLANNING", needs=[need])
    assert await market.stays("chair", bought, "APPROVED") == "needs_open"
    given = {"contributionId": an_id(await market.contribution()), "procurementId": an_id(bought)}
    asked = {**given, "needId": an_id(need), "amount": euros("1.00")}
    assert await market.rule("lead", "createAllocation", **asked) == "input.needId: needs_open"
    awarded = await market.procurement("AWARDED")
    await market.allocation(await market.contribution(), awarded, "100.00")
    order = await market.order(awarded, 1, need=need)
    assert await market.stays("member", order, "PLACED") == "needs_open"
    # A procurement with such a need can still be cancelled, or go on without it.
    kept = {"id": an_id(bought), "expectedVersion": 1, "needIds": [an_id(other)]}
    await market.changed("member", "updateProcurement", AVAILABLE, **kept)
    await market.moved("chair", bought, "APPROVED", "CANCELLED")


@pytest.mark.parametrize("status", ["ORDERED", "DELIVERING"])
async def test_what_follows_from_orders_and_deliveries_is_never_asked_for(market: Market, status: str) -> None:
    bought = await market.procurement("AWARDED" if status == "ORDERED" else "ORDERED")
    assert await market.stays("chair", bought, status) == "transition"


async def test_who_chairs_gives_it_up_and_its_money_is_free_again(market: Market) -> None:
    bought, given = await market.procurement("AWARDED"), await market.contribution()
    allocation = await market.allocation(given, bought, "100.00")
    await market.order(bought, 1)
    assert (await market.move("member", bought, "CANCELLED"))["code"] == "FORBIDDEN"
    await market.moved("chair", bought, "CANCELLED")
    assert await market.of(allocation, "amount_minor") == 0
    assert await market.version(allocation) == 2


async def test_it_is_completed_when_all_that_was_ordered_is_delivered(market: Market) -> None:
    bought = await market.procurement("DELIVERING")
    await market.allocation(await market.contribution(), bought, "100.00")
    await market.order(bought, 1, status="DELIVERED")
    last = await market.order(bought, 1, status="PARTIALLY_DELIVERED")
    draft = await market.order(bought, 1)
    answer = await market.move("member", bought, "COMPLETED")
    assert f"{draft.number} is DRAFT" in answer["message"]
    assert f"{last.number} is PARTIALLY_DELIVERED" in answer["message"]
    found = await market.move("member", draft, "CANCELLED", reason="A mistake.")
    assert found["purchaseOrder"] == {"status": "CANCELLED"}
    assert await market.stays("member", bought, "COMPLETED") == "orders_open"
    asked = {"purchaseOrderId": an_id(last), "title": "The rest"}
    lines = [{"description": "Laptops", "quantity": 1, "orderLineId": an_id(last.lines[0])}]
    selected = "delivery { id }"
    arrived = await market.changed("member", "createDelivery", selected, **asked, lines=lines)
    for version, to in enumerate(("IN_TRANSIT", "RECEIVED", "ACCEPTED"), start=1):
        given = {"id": arrived["id"], "to": to, "expectedVersion": version}
        await market.changed("member", "transitionDelivery", selected, **given)
    await market.moved("member", bought, "COMPLETED")
    assert await market.stays("chair", draft, "DRAFT", reason="It is needed.") == "ended"
