"""A framework agreement with call-offs: its parties, its period and its ceiling bind every order."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import update

from models import Award, AwardStatus, ProcurementStatus
from tests.support.execute import read
from tests.support.factories import (
    a_procurement,
    a_supplier,
    an_allocation,
    an_award,
    an_order,
    an_order_line,
    money,
)
from tests.support.mutations import change
from tests.support.purchasing import Market, euros
from tests.support.rows import refused_sql
from tests.support.small_coalition import an_id

if TYPE_CHECKING:
    from models import Procurement, Supplier
    from resolvers.database.database import Database

pytestmark = pytest.mark.anyio

SUMS = (
    "procurements(where: {hasFrameworkAgreement: {eq: true}}) { nodes { calledOff { amount } remaining { amount } } }"
)
PLACE, ORDER = "transitionPurchaseOrder", "purchaseOrder { id version status }"


@pytest.fixture
async def market(database: Database) -> Market:
    return await Market(database).open()


async def agreement(market: Market, ceiling: str = "100.00") -> tuple[Procurement, Supplier]:
    """Enter a framework agreement for 2025 and 2026 with one supplier."""
    party = a_supplier(group=market.world.group)
    period = {"framework_starts_on": dt.date(2025, 1, 1), "framework_ends_on": dt.date(2026, 12, 31)}
    row = await market.procurement("AWARDED", has_framework_agreement=True, **period, **money(ceiling=f"{ceiling} EUR"))
    await market.keep(an_award(row, status=AwardStatus.ACTIVE, suppliers=[party]))
    return row, party


async def call_off(market: Market, agreed: Procurement, **given: Any) -> tuple[Any, dict[str, Any]]:
    """Have a procurement planned that calls off, with 100 euros; return it and a draft order of it."""
    bought = await market.procurement("AWARDED", framework_id=agreed.id)
    await market.allocation(await market.contribution(), bought, "100.00")
    line = {"description": "Radios", "quantity": 1, "unitPrice": euros("40.00")}
    asked = {"procurementId": an_id(bought), "lines": [line], "orderedOn": "2026-02-03", **given}
    return bought, await market.changed("member", "createPurchaseOrder", ORDER, **asked)


def placed(order: dict[str, Any]) -> dict[str, Any]:
    return {"id": order["id"], "expectedVersion": order["version"], "to": "PLACED"}


async def test_a_framework_with_two_call_offs_and_a_third_that_passes_its_ceiling(market: Market) -> None:
    agreed, party = await agreement(market)
    for _ in range(2):
        _, order = await call_off(market, agreed, supplierId=an_id(party))
        await market.changed("member", PLACE, ORDER, **placed(order))
    found = await read(market.database, f"{{ {SUMS} }}", viewer=await market.world.viewer("reader"))
    assert found["procurements"]["nodes"] == [{"calledOff": {"amount": "80.00"}, "remaining": {"amount": "20.00"}}]
    bought, order = await call_off(market, agreed, supplierId=an_id(party))
    [broken] = (await market.refused("member", PLACE, **placed(order)))["violations"]
    assert (broken["path"], broken["rule"]) == (["input", "to"], "framework_sum")
    figures = f"The ceiling of {agreed.reference} is 100.00 EUR; 80.00 EUR is called off, and this order is 40.00 EUR."
    assert broken["message"] == f"{figures} Order less, or raise the ceiling."
    key = order["id"].partition(":")[2]
    by_itself = f"UPDATE purchase_orders SET status = 'PLACED' WHERE id = '{key}'"  # noqa: S608 - ours
    said = "The orders would exceed the ceiling of the framework agreement."
    await refused_sql(market.database, "fk_procurements_framework_id", by_itself, said)
    lower = {"id": an_id(agreed), "reason": "Corrected.", "expectedVersion": 1, "ceiling": euros("79.99")}
    assert await market.rule("member", "updateProcurement", **lower) == "input.ceiling: framework_sum"
    # Without its ceiling, nothing would say how much of it is left.
    removed = {**lower, "ceiling": None}
    assert await market.rule("member", "updateProcurement", **removed) == "input.ceiling: framework_sum"
    for done in ("ceiling_minor = NULL, ceiling_currency = NULL", "ceiling_currency = 'USD'"):
        by_itself = f"UPDATE procurements SET {done} WHERE id = '{agreed.id}'"  # noqa: S608 - ours
        await refused_sql(
            market.database,
            "fk_procurements_framework_id",
            by_itself,
            "Orders are called off below this ceiling, so it stays.",
        )
    raised = {"id": an_id(agreed), "reason": "More is bought.", "expectedVersion": 1, "ceiling": euros("120.00")}
    await market.changed("member", "updateProcurement", "procurement { id }", **raised)
    await market.changed("member", PLACE, ORDER, **placed(order))
    assert await market.status(bought) == "ORDERED"
    ended = {"id": an_id(agreed), "expectedVersion": 2, "hasFrameworkAgreement": False, "ceiling": None}
    ended |= {"frameworkStartsOn": None, "frameworkEndsOn": None}
    assert await market.rule("member", "updateProcurement", **ended) == "input.hasFrameworkAgreement: call_offs"


async def test_a_call_off_is_in_the_period_and_the_currency_and_with_a_party(market: Market) -> None:
    agreed, party = await agreement(market)
    other = a_supplier(group=market.world.group)
    await market.keep(other)
    bought, order = await call_off(market, agreed)
    assert await market.rule("member", PLACE, **placed(order)) == "input.to: framework_supplier"
    change = {"id": order["id"], "expectedVersion": order["version"]}
    foreign = {**change, "supplierId": an_id(other)}
    assert await market.rule("member", "updatePurchaseOrder", **foreign) == "input.supplierId: framework_supplier"
    late = {**change, "supplierId": an_id(party), "orderedOn": "2024-12-31"}
    order = await market.changed("member", "updatePurchaseOrder", ORDER, **late)
    [broken] = (await market.refused("member", PLACE, **placed(order)))["violations"]
    assert broken["rule"] == "framework_period"
    assert broken["message"] == (
        "The framework agreement is in force from 2025-01-01 to 2026-12-31, and the order is of 2024-12-31. "
        "Correct one of the dates."
    )
    plain = await market.procurement("PLANNING")
    asked = {"title": "Radios", "groupId": an_id(market.world.group), "frameworkId": an_id(plain)}
    assert await market.rule("member", "createProcurement", **asked) == "input.frameworkId: framework"
    both = {**asked, "frameworkId": an_id(agreed), "hasFrameworkAgreement": True}
    assert await market.rule("member", "createProcurement", **both) == "input.frameworkId: framework"
    alone = {**asked, "frameworkId": None, "ceiling": euros("1.00")}
    found = await market.rule("member", "createProcurement", **alone)
    assert found.endswith(": framework_agreement")
    assert await market.status(bought) == "AWARDED"


async def test_a_placed_call_off_keeps_to_the_agreement(market: Market) -> None:
    agreed, party = await agreement(market)
    bought, order = await call_off(market, agreed, supplierId=an_id(party))
    order = await market.changed("member", PLACE, f"{ORDER[:-1]} lines {{ nodes {{ id }} }} }}", **placed(order))
    change = {"id": order["id"], "expectedVersion": order["version"], "reason": "Corrected."}
    for given, rule in (
        ({"orderedOn": "2024-12-31"}, "input.orderedOn: framework_period"),
        ({"supplierId": None}, "input.supplierId: supplier"),
    ):
        assert await market.rule("member", "updatePurchaseOrder", **change, **given) == rule
    [line] = order["lines"]["nodes"]
    amended = {**change, "amendedOn": "2026-02-04", "reason": "More radios."}
    amended["lines"] = [{"orderLineId": line["id"], "quantity": 3}]
    await market.allocation(await market.contribution(), bought, "100.00")
    [broken] = (await market.refused("member", "amendPurchaseOrder", **amended))["violations"]
    figures = (
        f"The ceiling of {agreed.reference} is 100.00 EUR; 40.00 EUR is called off, and this amendment adds 80.00 EUR."
    )
    assert (broken["path"], broken["rule"]) == (["input"], "framework_sum")
    assert broken["message"] == f"{figures} Order less, or raise the ceiling."
    changed = await market.changed("member", "updatePurchaseOrder", ORDER, **change, orderedOn="2026-03-01")
    assert changed["status"] == "PLACED"


async def test_an_agreement_lasts_while_orders_under_it_are_in_progress(market: Market) -> None:
    agreed, party = await agreement(market)
    _, order = await call_off(market, agreed, supplierId=an_id(party))
    order = await market.changed("member", PLACE, ORDER, **placed(order))
    ours = "query ($id: ID!) { awards(where: {procurement: {id: {eq: $id}}}) { nodes { id version } } }"
    [award] = (await read(market.database, ours, id=an_id(agreed)))["awards"]["nodes"]
    ended = {"id": award["id"], "expectedVersion": award["version"], "to": "CANCELLED", "reason": "By mistake."}
    change: dict[str, Any] = {"id": an_id(agreed), "reason": "By mistake."}
    change["expectedVersion"] = await market.version(agreed)
    assert await market.rule("chair", "transitionAward", **ended) == "input.to: ordered"
    shorter = {**change, "frameworkEndsOn": "2026-02-02"}
    assert await market.rule("chair", "updateProcurement", **shorter) == "input.frameworkEndsOn: framework_period"
    assert await market.rule("chair", "transitionProcurement", **change, to="CANCELLED") == "input.to: call_offs"
    for given in ({"ceiling": euros("90.00")}, {"frameworkEndsOn": None}):
        unsaid = {**change, "reason": None, **given}
        assert await market.rule("chair", "updateProcurement", **unsaid) == "input.reason: reason"
    await market.changed("chair", "updateProcurement", "procurement { id }", **change, ceiling=euros("90.00"))
    change["expectedVersion"] += 1
    stop = {"id": order["id"], "expectedVersion": order["version"], "to": "CANCELLED", "reason": "Refused."}
    await market.changed("member", PLACE, ORDER, **stop)
    await market.changed("chair", "transitionAward", "award { status }", **ended)
    await market.changed("chair", "transitionProcurement", "procurement { status }", **change, to="CANCELLED")


async def test_nothing_is_called_off_from_an_agreement_that_is_cancelled(market: Market) -> None:
    agreed, party = await agreement(market)
    _, order = await call_off(market, agreed, supplierId=an_id(party))
    await market.moved("chair", agreed, "CANCELLED")
    [broken] = (await market.refused("member", PLACE, **placed(order)))["violations"]
    assert (broken["path"], broken["rule"]) == (["input", "to"], "framework_status")
    assert broken["message"] == f"The framework agreement {agreed.reference} is CANCELLED. Choose another frameworkId."
    await market.changed("member", PLACE, ORDER, **placed(order) | {"to": "CANCELLED", "reason": "No agreement."})


async def test_a_placed_call_off_is_confirmed_and_ended_though_its_supplier_is_no_party_any_more(
    market: Market,
) -> None:
    agreed, party = await agreement(market)
    _, order = await call_off(market, agreed, supplierId=an_id(party))
    order = await market.changed("member", PLACE, ORDER, **placed(order))
    async with market.database.bypass_policies("a test ends an award", unaudited=True).begin() as connection:
        await connection.execute(update(Award).values(status=AwardStatus.CANCELLED))
    for to, given in (("CONFIRMED", {}), ("TERMINATED", {"reason": "Insolvent.", "settled": euros("0.00")})):
        given |= {"id": order["id"], "expectedVersion": order["version"], "to": to}
        order = await market.changed("member", PLACE, ORDER, **given)
    assert order["status"] == "TERMINATED"


async def test_forty_call_offs_never_exceed_the_ceiling(market: Market, races: int) -> None:
    for _ in range(races):
        agreed, party = await agreement(market)
        given = await market.contribution("1000.00")
        orders = []
        for _ in range(40):
            status = ProcurementStatus.AWARDED
            bought = a_procurement(group=market.world.group, status=status, framework_id=agreed.id)
            orders.append(an_order(bought, supplier_id=party.id, ordered_on=dt.date(2026, 2, 3)))
            orders[-1].value_minor, orders[-1].value_currency = 700, "EUR"
            line = an_order_line(orders[-1], quantity=1, **money(unit_price="7.00 EUR"))
            await market.keep(an_allocation(given, bought, "7.00 EUR"), line)
        viewer = await market.world.viewer("member")
        asked = [{"id": an_id(order), "to": "PLACED", "expectedVersion": 1} for order in orders]
        answers = await asyncio.gather(*(change(market.database, viewer, PLACE, ORDER, **each) for each in asked))
        rules = (answer["violations"][0]["rule"] if "violations" in answer else "done" for answer in answers)
        assert Counter(rules) == {"done": 14, "framework_sum": 26}
