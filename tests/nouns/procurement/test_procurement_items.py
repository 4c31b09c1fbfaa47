"""Procurement items: the goods to buy, classified and for a need, before anything is ordered; and the tender."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.support.purchasing import Market, euros
from tests.support.small_coalition import an_id

if TYPE_CHECKING:
    from resolvers.database.database import Database

pytestmark = pytest.mark.anyio

ITEMS = """procurement { id version items { nodes {
    id ordinal description classificationScheme classificationCode quantity unit
    estimatedUnitValue { amount currency } need { id }
} } }"""
RADIOS = {
    "description": "Radios",
    "classificationScheme": "CPV",
    "classificationCode": "32570000-9",
    "quantity": "12",
    "unit": "SET",
    "estimatedUnitValue": {"amount": "1250.0125", "currency": "EUR"},
}


@pytest.fixture
async def market(database: Database) -> Market:
    return await Market(database).open()


async def planned(market: Market, *items: dict[str, Any], **given: Any) -> Any:
    fields = {"title": "Radios", "groupId": an_id(market.world.group), "items": list(items), **given}
    return await market.changed("member", "createProcurement", ITEMS, **fields)


async def test_a_procurement_says_what_it_is_to_buy_for_which_need(market: Market) -> None:
    need = await market.need()
    made = await planned(market, {**RADIOS, "unit": None, "needId": an_id(need)}, RADIOS, needIds=[an_id(need)])
    first, second = made["items"]["nodes"]
    # Without a unit, an item has the unit of its need.
    assert (first["need"], first["unit"]) == ({"id": an_id(need)}, need.unit)
    assert {name: second[name] for name in RADIOS} == RADIOS
    assert [first["ordinal"], second["ordinal"]] == [1, 2]
    items = [{"id": second["id"], "description": "Radios"}]
    left = {"id": made["id"], "expectedVersion": made["version"], "items": items}
    assert await market.rule("member", "updateProcurement", **left) == "input.reason: reason"
    kept = await market.changed("member", "updateProcurement", ITEMS, **left, reason="Not needed.")
    assert [each["id"] for each in kept["items"]["nodes"]] == [second["id"]]


@pytest.mark.parametrize(
    ("item", "rule"),
    [
        ({"classificationCode": "3257-0000"}, "classificationCode: cpv_check_digit"),
        ({"classificationScheme": "UNSPSC"}, "classificationCode: classification_code"),
        ({"classificationScheme": None}, "classificationCode: classification"),
        ({"quantity": "2.5"}, "quantity: whole"),
        ({"quantity": "0"}, "quantity: greater_than_equal"),
    ],
)
async def test_an_item_that_is_malformed_is_refused(market: Market, item: dict[str, Any], rule: str) -> None:
    given = {"title": "Radios", "groupId": an_id(market.world.group), "items": [RADIOS, {**RADIOS, **item}]}
    assert await market.rule("member", "createProcurement", **given) == f"input.items.1.{rule}"


async def test_an_item_is_for_a_need_of_the_procurement_in_its_unit(market: Market) -> None:
    need, other = await market.need(), await market.need()
    given = {"title": "Radios", "groupId": an_id(market.world.group), "needIds": [an_id(need)]}
    foreign = {**given, "items": [{**RADIOS, "needId": an_id(other)}]}
    assert await market.rule("member", "createProcurement", **foreign) == "input.items.0.needId: need"
    measured = {**given, "items": [{**RADIOS, "unit": "KGM", "needId": an_id(need)}]}
    assert await market.rule("member", "createProcurement", **measured) == "input.items.0.unit: unit"


async def test_the_tender_has_a_period_its_tenderers_and_a_reason_for_the_method(market: Market) -> None:
    tender = {
        "method": "LIMITED",
        "methodRationale": "Only three suppliers are cleared.",
        "tenderStartsOn": "2026-03-02",
        "tenderEndsOn": "2026-04-01",
        "numberOfTenderers": 3,
    }
    given = {"title": "Radios", "groupId": an_id(market.world.group), **tender}
    selected = f"procurement {{ {' '.join(tender)} }}"
    assert await market.changed("member", "createProcurement", selected, **given) == tender
    given["tenderEndsOn"] = "2026-03-01"
    assert await market.rule("member", "createProcurement", **given) == "input.tenderEndsOn: period"
    given |= {"tenderEndsOn": None, "numberOfTenderers": -1}
    rule = await market.rule("member", "createProcurement", **given)
    assert rule == "input.numberOfTenderers: greater_than_equal"


async def test_an_item_can_be_known_by_its_description_and_value_alone(market: Market) -> None:
    made = await planned(market, {"description": "Radios", "estimatedUnitValue": euros("10")})
    (item,) = made["items"]["nodes"]
    assert (item["quantity"], item["unit"], item["classificationScheme"]) == (None, None, None)
