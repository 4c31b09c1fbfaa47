"""Awards: suppliers are selected for items of a procurement, and orders name the award under which they are placed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from models import AwardStatus, ProcurementStatus
from models.procurement.awards import AWARD_TRANSITIONS
from tests.support.factories import a_procurement, a_supplier, an_award, an_item, an_order
from tests.support.purchasing import Market, euros
from tests.support.rows import changes, refused, refused_sql
from tests.support.small_coalition import an_id

if TYPE_CHECKING:
    from resolvers.database.database import Database

pytestmark = pytest.mark.anyio

AWARD = """award { id version number status awardedOn value { amount } availableTransitions
    suppliers { nodes { id } } items { nodes { id } } }"""


@pytest.fixture
async def market(database: Database) -> Market:
    return await Market(database).open()


async def supplier(market: Market) -> Any:
    row = a_supplier(group=market.world.group)
    await market.keep(row)
    return row


def test_an_award_is_made_cancelled_or_unsuccessful_and_can_be_proposed_again() -> None:
    rules = "PENDING → ACTIVE → CANCELLED", "PENDING → CANCELLED·UNSUCCESSFUL → PENDING"
    assert changes(AwardStatus, *rules) == AWARD_TRANSITIONS


async def test_a_member_awards_items_to_a_supplier(market: Market) -> None:
    bought, chosen = await market.procurement("TENDERING"), await supplier(market)
    item = an_item(bought)
    await market.keep(item)
    given = {"procurementId": an_id(bought), "supplierIds": [an_id(chosen)], "itemIds": [an_id(item)]}
    fields = {**given, "awardedOn": "2026-04-02", "value": euros("1200.00")}
    made = await market.changed("member", "createAward", AWARD, **fields)
    assert (made["status"], made["value"], made["awardedOn"]) == ("PENDING", {"amount": "1200.00"}, "2026-04-02")
    assert (made["suppliers"]["nodes"], made["items"]["nodes"]) == ([{"id": an_id(chosen)}], [{"id": an_id(item)}])
    asked = {"id": made["id"], "expectedVersion": made["version"], "to": "ACTIVE"}
    made = await market.changed("member", "transitionAward", AWARD, **asked)
    assert (made["status"], made["availableTransitions"]) == ("ACTIVE", ["CANCELLED"])
    asked |= {"expectedVersion": made["version"], "to": "CANCELLED"}
    assert await market.rule("member", "transitionAward", **asked) == "input.reason: reason"
    made = await market.changed("member", "transitionAward", AWARD, **asked, reason="The supplier withdrew.")
    again = {"id": made["id"], "expectedVersion": made["version"], "to": "PENDING", "reason": "It did not."}
    assert (await market.refused("member", "transitionAward", **again))["code"] == "FORBIDDEN"
    assert (await market.changed("chair", "transitionAward", AWARD, **again))["status"] == "PENDING"


async def test_an_award_in_force_has_a_supplier_and_a_procurement_under_way_and_stays_as_it_is(market: Market) -> None:
    bought = await market.procurement("PLANNING")
    row = an_award(bought)
    await market.keep(row)
    answer = await market.refused("member", "transitionAward", id=an_id(row), expectedVersion=1, to="ACTIVE")
    assert [each["rule"] for each in answer["violations"]] == ["suppliers", "awarded"]
    active = an_award(await market.procurement("AWARDED"), suppliers=[await supplier(market)])
    await market.keep(active)
    await market.moved("member", active, "ACTIVE")
    given = {"id": an_id(active), "expectedVersion": 2, "value": euros("1.00")}
    assert await market.rule("member", "updateAward", **given) == "input.value: sealed"


async def test_a_procurement_is_awarded_with_an_award_in_force_whose_supplier_a_source_may_leave_open(
    market: Market,
) -> None:
    bought = await market.procurement("TENDERING")
    row = an_award(bought)
    await market.keep(row)
    assert await market.stays("member", bought, "AWARDED") == "award"
    assert await market.stays("member", row, "ACTIVE") == "suppliers"
    cited = {"sources": [{"url": "https://example.org/award"}], "id": an_id(row), "expectedVersion": 1}
    await market.changed("member", "updateAward", "award { id }", **cited)
    await market.moved("member", row, "ACTIVE")
    await market.moved("member", bought, "AWARDED")


async def test_an_award_is_for_items_of_its_procurement(market: Market) -> None:
    bought, other = await market.procurement("TENDERING"), await market.procurement("TENDERING")
    item = an_item(other)
    await market.keep(item)
    given = {"procurementId": an_id(bought), "itemIds": [an_id(item)]}
    assert await market.rule("member", "createAward", **given) == "input.itemIds: item"
    ended = await market.procurement("CANCELLED")
    assert await market.rule("member", "createAward", procurementId=an_id(ended)) == "input.procurementId: ended"


async def test_an_item_that_is_awarded_stays(market: Market) -> None:
    bought = await market.procurement("TENDERING")
    item = an_item(bought)
    await market.keep(an_award(bought, items=[item]))
    given = {"id": an_id(bought), "expectedVersion": 1, "items": [], "reason": "Not needed."}
    assert await market.rule("member", "updateProcurement", **given) == "input.items: stays"


async def test_the_database_refuses_an_item_or_an_order_of_another_procurement(market: Market) -> None:
    bought, other = a_procurement(), a_procurement()
    award, item = an_award(bought), an_item(other)
    await market.keep(award, item)
    linked = f"INSERT INTO award_items (award_id, item_id) VALUES ('{award.id}', '{item.id}')"  # noqa: S608 - ours
    said = "An award is for items of its own procurement."
    await refused_sql(market.database, "fk_award_items_item_id", linked, said)
    row = an_order(other, award_id=award.id)
    await refused(market.database, "fk_purchase_orders_award_id_procurement_id", row)


async def test_an_order_is_placed_under_an_active_award_with_one_of_its_suppliers(market: Market) -> None:
    bought, chosen, other = await market.procurement("AWARDED"), await supplier(market), await supplier(market)
    elsewhere = an_award(await market.procurement("AWARDED"))
    award = an_award(bought, suppliers=[chosen])
    await market.keep(award, elsewhere)
    await market.allocation(await market.contribution(), bought, "100.00")
    line = {"description": "Radios", "quantity": 1, "unitPrice": euros("10.00")}
    given = {"procurementId": an_id(bought), "lines": [line]}
    foreign = {**given, "awardId": an_id(elsewhere)}
    assert await market.rule("member", "createPurchaseOrder", **foreign) == "input.awardId: award"
    given["awardId"] = an_id(award)
    wrong = {**given, "supplierId": an_id(other)}
    assert await market.rule("member", "createPurchaseOrder", **wrong) == "input.supplierId: award_supplier"
    selected = "purchaseOrder { id version award { number } supplier { id } }"
    made = await market.changed("member", "createPurchaseOrder", selected, **given, supplierId=an_id(chosen))
    assert (made["award"], made["supplier"]) == ({"number": award.number}, {"id": an_id(chosen)})
    placed = {"id": made["id"], "expectedVersion": made["version"], "to": "PLACED"}
    assert await market.rule("member", "transitionPurchaseOrder", **placed) == "input.to: award_status"
    await market.moved("member", award, "ACTIVE")
    await market.changed("member", "transitionPurchaseOrder", "purchaseOrder { status }", **placed)
    assert await market.status(bought) == ProcurementStatus.ORDERED.name
