"""A withdrawn currency: old amounts stay as they were stated, and no new fact has it."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest
from iso4217 import Currency

from models import ContributionStatus
from models.code_lists.currencies import WITHDRAWN
from tests.support.execute import read
from tests.support.factories import a_contribution, money
from tests.support.purchasing import Market
from tests.support.small_coalition import an_id

if TYPE_CHECKING:
    from resolvers.database.database import Database

pytestmark = pytest.mark.anyio

GIVEN = "contribution { id version amount { amount currency } unallocated { amount currency } }"
KUNA = {"amount": "100.50", "currency": "HRK"}


@pytest.fixture
async def market(database: Database) -> Market:
    return await Market(database).open()


def pledge(market: Market, **given: Any) -> dict[str, Any]:
    return {"kind": "CASH", "donors": [{"participantId": an_id(market.world.home)}], **given}


def test_a_withdrawn_currency_is_not_a_current_one_and_its_successor_is() -> None:
    current = {currency.code for currency in Currency}
    assert not current & WITHDRAWN.keys()
    assert {each.successor for each in WITHDRAWN.values()} <= current


async def test_amounts_in_a_withdrawn_currency_keep_their_decimals_and_are_added_up(market: Market) -> None:
    amounts = ("7.05 LTL", "0.10 EEK", "3 ITL", "12.34 BGN", "1.00 BGN")
    given: dict[str, Any] = {"status": ContributionStatus.COMMITTED, "announced_on": dt.date(2001, 12, 31)}
    await market.keep(*(a_contribution(**given, **money(amount=each)) for each in amounts))
    query = "{ contributions { aggregate { sums { amount { amount currency } } } } }"
    found = (await read(market.database, query))["contributions"]["aggregate"]["sums"]["amount"]
    assert [f"{each['amount']} {each['currency']}" for each in found] == ["13.34 BGN", "0.10 EEK", "3 ITL", "7.05 LTL"]


async def test_a_fact_of_a_day_before_the_end_is_accepted_and_a_later_one_is_not(market: Market) -> None:
    made = await market.changed(
        "member", "createContribution", GIVEN, **pledge(market, amount=KUNA, announcedOn="2023-01-14")
    )
    assert made["amount"] == KUNA
    for day in ({"announcedOn": "2023-01-15"}, {}):
        error = await market.refused("member", "createContribution", **pledge(market, amount=KUNA, **day))
        [broken] = error["violations"]
        assert broken == {
            "path": ["input", "amount", "currency"],
            "rule": "withdrawn_currency",
            "message": "HRK was withdrawn after 2023-01-14. Use EUR, or enter the earlier day of the amount in "
            "announcedOn.",
        }
    asked = {"id": made["id"], "expectedVersion": made["version"]}
    assert await market.rule("member", "updateContribution", **asked, announcedOn="2024-01-01") == (
        "input.announcedOn: withdrawn_currency"
    )
    # The old amount is still corrected, committed, allocated and paid.
    corrected = await market.changed("member", "updateContribution", GIVEN, **asked, amount={**KUNA, "amount": "90.00"})
    wanted = {"id": made["id"], "expectedVersion": corrected["version"], "to": "COMMITTED"}
    await market.changed("member", "transitionContribution", GIVEN, **wanted)
    share = {"contributionId": made["id"], "amount": {**KUNA, "amount": "40.00"}}
    bought = await market.procurement()
    set_aside = f"allocation {{ {GIVEN} }}"
    allocated = await market.changed("lead", "createAllocation", set_aside, **share, procurementId=an_id(bought))
    assert allocated["contribution"]["unallocated"] == {"amount": "50.00", "currency": "HRK"}
    await market.changed("member", "createDisbursement", "disbursement { number }", **share, paidOn="2025-05-06")


async def test_estimates_and_lines_have_no_withdrawn_currency(market: Market) -> None:
    need = market.world.a_need(estimatedCost=KUNA)
    assert await market.rule("member", "createCapabilityNeed", **need) == (
        "input.estimatedCost.currency: withdrawn_currency"
    )
    line = {"description": "Laptops", "quantity": 1, "unitPrice": KUNA}
    order = {"procurementId": an_id(await market.procurement()), "lines": [line]}
    assert await market.rule("member", "createPurchaseOrder", **order) == (
        "input.lines.0.unitPrice.currency: withdrawn_currency"
    )
    old = {**order, "orderedOn": "2022-05-06"}
    await market.changed("member", "createPurchaseOrder", "purchaseOrder { number }", **old)
