"""Orders whose value-added tax is stated apart: it counts in no sum, and it can be amended."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from models import OrderLine
from models.order_amounts.vat import vat_of
from tests.support.factories import a_procurement, an_order, an_order_line, money
from tests.support.purchasing import Buyer, Market, euros, units
from tests.support.rows import in_python, keep, refused
from tests.support.small_coalition import an_id

if TYPE_CHECKING:
    from resolvers.database.database import Database

pytestmark = pytest.mark.anyio

VAT = """purchaseOrder { id version value { amount currency } owed { amount currency } vat { amount currency }
  lines { nodes { id vatRate vat { amount } grossAmount { amount } } } }"""


async def test_vat_is_stated_apart_and_the_money_covers_the_value_without_it(database: Database) -> None:
    market = await Market(database).open()
    bought = await market.procurement()
    await market.allocation(await market.contribution(), bought, "100.00")
    lines = [
        {"description": "Laptops", **units(1, "95.21"), "vatRate": "24"},
        {"description": "Freight", **units(1, "5.01", kind="FREIGHT"), "vatRate": 5.5},
        {"description": "Discount", **units(1, "0.25", kind="DISCOUNT"), "vatRate": 10},
    ]
    given = {"procurementId": an_id(bought), "orderedOn": "2026-03-03", "lines": lines}
    given["supplierId"] = an_id(await market.supplier())
    made = await market.changed("member", "createPurchaseOrder", VAT, **given)
    # 22.8504, 0.27555 and -0.025 are rounded half to even.
    expected = [("24", "22.85", "118.06"), ("5.5", "0.28", "5.29"), ("10", "-0.02", "-0.27")]
    found = [(each["vatRate"], each["vat"]["amount"], each["grossAmount"]["amount"]) for each in made["lines"]["nodes"]]
    assert found == expected
    order = await Buyer(market, bought).moves(made, "PLACED")
    asked = {
        "id": order["id"],
        "expectedVersion": order["version"],
        "amendedOn": "2026-03-04",
        "reason": "The rate rose.",
    }
    changed = [{"orderLineId": order["lines"]["nodes"][0]["id"], "vatRate": "25"}]
    found = await market.changed("member", "amendPurchaseOrder", VAT, **asked, lines=changed)
    assert (found["value"], found["owed"], found["vat"]) == (euros("99.97"), euros("99.97"), euros("24.06"))
    again = {**asked, "expectedVersion": found["version"], "newLines": [{"description": "Cables", **units(1, "0.01")}]}
    changes = "amendments { nodes { lines { nodes { vatRateBefore vatRateAfter } } } }"
    selected = f"purchaseOrder {{ vat {{ amount }} {changes} }}"
    answer = await market.changed("member", "amendPurchaseOrder", selected, **again)
    assert answer["vat"] is None
    [first, _] = answer["amendments"]["nodes"]
    assert first["lines"]["nodes"] == [{"vatRateBefore": "24", "vatRateAfter": "25"}]


async def test_both_engines_and_python_compute_the_same_vat(shared_database: Database) -> None:
    order = an_order(a_procurement())
    amounts = {"1000000000000.00": "99.999", "0.01": "50", "0.03": "50", "7.77": "0", "123456789.12": "20.125"}
    rows = [
        an_order_line(order, quantity=1, description=price, vat_rate=Decimal(rate), **money(unit_price=f"{price} EUR"))
        for price, rate in amounts.items()
    ]
    await keep(shared_database, *rows)
    in_memory = await in_python(shared_database, OrderLine, "description", "vat_minor")
    expected = {price: vat_of(int(Decimal(price) * 100), Decimal(rate)) for price, rate in amounts.items()}
    assert expected == {
        "1000000000000.00": 99999000000000, "0.01": 0, "0.03": 2, "7.77": 0, "123456789.12": 2484567881,
    }  # fmt: skip
    assert {name: value for name, value in in_memory.items() if name in expected} == expected
    await refused(shared_database, "ck_order_lines_vat_rate", an_order_line(an_order(a_procurement()), vat_rate=101))
