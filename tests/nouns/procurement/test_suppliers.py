"""Suppliers: rows that orders refer to, with the identifier of a public register."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from models import Marking, PurchaseOrderStatus
from tests.support.execute import read
from tests.support.factories import a_supplier, an_order
from tests.support.purchasing import Market
from tests.support.small_coalition import an_id

if TYPE_CHECKING:
    from resolvers.database.database import Database

pytestmark = pytest.mark.anyio

SUPPLIER = "supplier { id version reference name identifierScheme identifier countryCode marking group { code } }"
REGISTERED = {"name": "Cybernetica AS", "identifierScheme": "EE-RIK", "identifier": "10140133", "countryCode": "EE"}


@pytest.fixture
async def market(database: Database) -> Market:
    return await Market(database).open()


async def entered(market: Market, name: str = "member", **given: Any) -> Any:
    fields = {**REGISTERED, "groupId": an_id(market.world.group), **given}
    return await market.changed(name, "createSupplier", SUPPLIER, **fields)


async def test_a_member_enters_a_supplier_and_orders_from_it(market: Market) -> None:
    made = await entered(market)
    assert {name: made[name] for name in REGISTERED} == REGISTERED
    assert made["reference"].startswith("SUP-")
    bought = await market.procurement()
    order = {"procurementId": an_id(bought), "supplierId": made["id"]}
    await market.changed("member", "createPurchaseOrder", "purchaseOrder { id }", **order)
    query = """{ suppliers(where: {purchaseOrders: {some: {}}}) { nodes { name purchaseOrders { totalCount } } } }"""
    found = await read(market.database, query, viewer=await market.world.viewer("member"))
    assert found["suppliers"]["nodes"] == [{"name": "Cybernetica AS", "purchaseOrders": {"totalCount": 1}}]


async def test_an_identifier_and_its_register_come_together(market: Market) -> None:
    given = {"groupId": an_id(market.world.group), "name": "A maker"}
    refusals = {"identifier": "10140133", "identifierScheme": "EE-RIK"}
    for name, value in refusals.items():
        rule = await market.rule("member", "createSupplier", **given, **{name: value})
        assert rule == f"input.{name}: identifier"


async def test_an_identifier_is_unique_in_its_register_among_what_the_caller_sees(market: Market) -> None:
    await entered(market)
    again = {**REGISTERED, "groupId": an_id(market.world.group), "name": "Another name"}
    assert await market.rule("member", "createSupplier", **again) == "input.identifier: unique"
    await entered(market, identifierScheme="LV-RE")
    hidden = a_supplier(identifier="1", identifier_scheme="EE-RIK", marking=Marking.RED)
    await market.keep(hidden)
    assert (await entered(market, identifier="1"))["identifier"] == "1"


async def test_only_writers_of_its_group_change_a_supplier(market: Market) -> None:
    made = await entered(market)
    given = {"id": made["id"], "expectedVersion": 1, "name": "A new name"}
    assert (await market.refused("reader", "updateSupplier", **given))["code"] == "FORBIDDEN"
    changed = await market.changed("member", "updateSupplier", SUPPLIER, **given)
    assert changed["name"] == "A new name"


async def test_an_order_hides_a_supplier_that_the_viewer_does_not_see(market: Market) -> None:
    hidden = a_supplier(marking=Marking.RED)
    order = an_order(await market.procurement(), supplier=hidden, status=PurchaseOrderStatus.PLACED)
    await market.keep(order)
    found = await read(
        market.database,
        "{ purchaseOrders { nodes { supplier { name } } } suppliers { totalCount } }",
        viewer=await market.world.viewer("member"),
    )
    assert found == {"purchaseOrders": {"nodes": [{"supplier": None}]}, "suppliers": {"totalCount": 0}}
