"""Units of quantities: only quantities of the same unit are added up, and lines have the unit of their need."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from models import CapabilityNeed, ContributionKind, DeliveryStatus, NeedStatus
from models.units import CODES, unit_code
from tests.support.execute import read
from tests.support.factories import a_contribution, a_delivery, a_delivery_line, a_need, an_order_line, money
from tests.support.purchasing import Market
from tests.support.rows import keep
from tests.support.small_coalition import an_id

if TYPE_CHECKING:
    from resolvers.database.database import Database

pytestmark = pytest.mark.anyio

FIGURES = "{ capabilityNeeds { nodes { unit acceptedQuantity outstandingQuantity fulfilment status } } }"


@pytest.fixture
async def market(database: Database) -> Market:
    return await Market(database).open()


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("set", "SET"),
        ("Sets", "SET"),
        ("PCS", "H87"),
        ("PCE", "H87"),
        ("h87", "H87"),
        ("kg", "KGM"),
        ("Square  Metre", "MTK"),
        ("Laptop ", "laptop"),
    ],
)
def test_a_unit_is_a_code_of_recommendation_20_or_a_word(written: str, code: str) -> None:
    assert unit_code(written) == code
    assert unit_code(code) == code


def test_no_word_means_two_units() -> None:
    words = [word for code, words in CODES.items() for word in {code.casefold(), *words}]
    assert len(words) == len(set(words))


async def gift(market: Market, **changes: Any) -> str:
    row = a_contribution(market.world.home, kind=ContributionKind.IN_KIND, **changes)
    await market.keep(row)
    return an_id(row)


async def a_need_of(market: Market, unit: str | None) -> CapabilityNeed:
    row = a_need(market.world.area, group=market.world.group, quantity=10, unit=unit, status=NeedStatus.VALIDATED)
    await market.keep(row)
    return row


@pytest.mark.parametrize(
    ("unit", "line", "message"),
    [
        ("laptop", "cable", "The unit cable is not the unit of the need: send laptop, or omit the unit."),
        ("set", "crate", "The unit crate is not the unit of the need: send SET, or omit the unit."),
        (None, "cable", "The unit cable is not the unit of the need: omit the unit, or give the need a unit first."),
    ],
)
async def test_a_line_of_another_unit_than_its_need_is_refused(
    market: Market, unit: str | None, line: str, message: str
) -> None:
    need = await a_need_of(market, unit)
    given = {"description": "Cable", "needId": an_id(need), "quantity": 10, "unit": line}
    asked = {"title": "Gift", "contributionId": await gift(market), "lines": [given]}
    error = await market.refused("lead", "createDelivery", **asked)
    [broken] = error["violations"]
    assert broken == {"path": ["input", "lines", "0", "unit"], "rule": "unit", "message": message}
    bought = await market.procurement(needs=[need])
    rule = await market.rule("member", "createPurchaseOrder", procurementId=an_id(bought), lines=[given])
    assert rule == "input.lines.0.unit: unit"


async def test_a_line_without_a_unit_has_that_of_its_need_and_counts(market: Market) -> None:
    need = await a_need_of(market, "set")
    lines = [{"description": "Radio", "needId": an_id(need), "quantity": each} for each in (4, 6)]
    lines[1]["unit"] = "Sets"
    asked = {"title": "Gift", "contributionId": await gift(market), "lines": lines}
    made = await market.changed("lead", "createDelivery", "delivery { id version lines { nodes { unit } } }", **asked)
    assert made["lines"]["nodes"] == [{"unit": "SET"}, {"unit": "SET"}]
    version = made["version"]
    for to in ("IN_TRANSIT", "RECEIVED", "ACCEPTED"):
        given = {"id": made["id"], "expectedVersion": version, "to": to}
        version = (await market.changed("lead", "transitionDelivery", "delivery { version }", **given))["version"]
    answer = await read(market.database, FIGURES)
    met = {"unit": "SET", "acceptedQuantity": "10", "outstandingQuantity": "0", "fulfilment": "1.0000", "status": "MET"}
    assert answer["capabilityNeeds"]["nodes"] == [met]


async def test_older_lines_of_another_unit_do_not_count(market: Market) -> None:
    need = await a_need_of(market, "set")
    for unit, units in (("crate", 10), (None, 5), ("set", 3)):
        row = a_delivery(
            contribution=a_contribution(market.world.home, kind=ContributionKind.IN_KIND),
            status=DeliveryStatus.ACCEPTED,
        )
        await keep(
            market.database, row, a_delivery_line(row, need=need, unit=unit, quantity=units, accepted=units, rejected=0)
        )
    await market.changed(
        "chair", "updateCapabilityNeed", "capabilityNeed { version }", id=an_id(need), expectedVersion=1, title="x"
    )
    answer = await read(market.database, FIGURES)
    figures = {"unit": "SET", "acceptedQuantity": "3", "outstandingQuantity": "7", "fulfilment": "0.3000"}
    assert answer["capabilityNeeds"]["nodes"] == [{**figures, "status": "PARTIALLY_MET"}]


async def test_the_share_of_an_order_counts_one_unit_and_is_unknown_where_units_differ(market: Market) -> None:
    order, mixed = await market.funded_order(4, 6, unit="set"), await market.funded_order(5, unit="set")
    delivery = await market.delivery(order, "ACCEPTED")
    [first, second] = order.lines
    counted: dict[str, Any] = {"quantity": 4, "accepted": 4, "rejected": 0}
    await market.keep(
        a_delivery_line(delivery, order_line=first, unit="set", **counted),
        a_delivery_line(delivery, order_line=second, unit="crate", **counted),
        an_order_line(mixed, quantity=1, unit="crate", **money(unit_price="0.00 EUR")),
    )
    nodes = (await read(market.database, "{ purchaseOrders { nodes { id deliveredShare } } }"))["purchaseOrders"][
        "nodes"
    ]
    assert {each["id"]: each["deliveredShare"] for each in nodes} == {an_id(order): "0.4000", an_id(mixed): None}


async def test_the_unit_of_a_need_stays_while_lines_count_towards_it(market: Market) -> None:
    need = await a_need_of(market, "set")
    update = {"id": an_id(need), "expectedVersion": 1, "reason": "It was wrong."}
    row = a_delivery(
        contribution=a_contribution(market.world.home, kind=ContributionKind.IN_KIND), status=DeliveryStatus.RECEIVED
    )
    await keep(market.database, row, a_delivery_line(row, need=need, unit="set", quantity=1))
    rule = await market.rule("chair", "updateCapabilityNeed", **update, unit="crate")
    assert rule == "input.unit: unit_in_use"
    fields = "capabilityNeed { unit version }"
    same = await market.changed("chair", "updateCapabilityNeed", fields, **update, unit="Set")
    assert same == {"unit": "SET", "version": 1}
    other = await a_need_of(market, "set")
    update["id"] = an_id(other)
    moved = await market.changed("chair", "updateCapabilityNeed", "capabilityNeed { unit }", **update, unit="kit")
    assert moved == {"unit": "KT"}
