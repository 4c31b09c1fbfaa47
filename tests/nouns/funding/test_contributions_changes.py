"""Donors state their contributions, and cannot take them back while money of them is allocated."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from models import ContributionKind, ContributionStatus, DeliveryStatus
from tests.stories.test_money_given import committed, payment, pays, seen
from tests.support.factories import a_contribution, a_delivery, a_delivery_line
from tests.support.purchasing import Market, euros
from tests.support.small_coalition import an_id

if TYPE_CHECKING:
    from resolvers.database.database import Database

pytestmark = pytest.mark.anyio


@pytest.fixture
async def market(database: Database) -> Market:
    return await Market(database).open()


DONORS = "contribution { id donors { nodes { id } } }"


def a_pledge(market: Market, **given: Any) -> dict[str, Any]:
    """Return an input by which Denmark states a contribution."""
    return {"kind": "CASH", "amount": euros("100.00"), "donors": [{"participantId": an_id(market.world.home)}], **given}


async def test_a_donor_states_what_it_gives_and_with_whom(market: Market) -> None:
    shares = [
        {"participantId": an_id(market.world.home), "share": euros("60.00")},
        {"participantId": an_id(market.world.leads), "share": euros("40.00")},
    ]
    selected = (
        "contribution { reference status amount { amount } donors { nodes { participant { code } share { amount } } } }"
    )
    made = await market.changed("member", "createContribution", selected, **a_pledge(market, donors=shares))
    assert made.pop("reference").startswith("CON-")
    donors = [
        {"participant": {"code": "DK"}, "share": {"amount": "60.00"}},
        {"participant": {"code": "EE"}, "share": {"amount": "40.00"}},
    ]
    assert made == {"status": "PLEDGED", "amount": {"amount": "100.00"}, "donors": {"nodes": donors}}


async def test_nobody_states_what_others_give(market: Market) -> None:
    error = await market.refused("lead", "createContribution", **a_pledge(market))
    assert error["code"] == "FORBIDDEN"
    assert error["message"].endswith("Ask an account of one of its donors, or a lead if no donor has an account.")


@pytest.mark.parametrize(
    ("shares", "rule"),
    [
        ([], "donors"),
        ([euros("100.01")], "shares_sum"),
        ([{"amount": "1.00", "currency": "DKK"}], "shares_currency"),
        ([euros("60.00"), euros("40.01")], "shares_sum"),
    ],
)
async def test_donors_and_shares_must_fit_the_amount(market: Market, shares: list[Any], rule: str) -> None:
    homes = [market.world.home, market.world.leads]
    donors = [{"participantId": an_id(home), "share": share} for home, share in zip(homes, shares, strict=False)]
    # Without donors no permission can be judged, so the missing donor is named first.
    for name in ("member",) if donors else ("member", "lead"):
        found = await market.rule(name, "createContribution", **a_pledge(market, donors=donors))
        assert found == f"input.donors: {rule}"


async def test_a_pledge_is_committed_and_paid_out_by_its_donor(market: Market) -> None:
    pledged = await market.contribution(status=ContributionStatus.PLEDGED)
    await market.moved("member", pledged, "COMMITTED", "DISBURSED")
    assert (await market.move("member", pledged, "CANCELLED"))["violations"][0]["rule"] == "transition"


async def test_what_is_allocated_is_not_taken_back(market: Market) -> None:
    given = await market.contribution()
    allocation = await market.allocation(given, await market.procurement(), "1.00")
    assert await market.stays("member", given, "CANCELLED") == "allocated"
    withdrawn = {"id": an_id(allocation), "expectedVersion": 1, "reason": "Denmark needs it"}
    await market.changed("lead", "withdrawAllocation", "allocation { id }", **withdrawn)
    await market.moved("member", given, "CANCELLED")


@pytest.mark.parametrize(
    ("given", "broken"),
    [
        ({"amount": euros("59.99")}, "input.amount: allocations_sum"),
        ({"amount": {"amount": "100.00", "currency": "DKK"}}, "input.amount: contribution_currency"),
        ({"amount": None}, "input.amount: contribution_currency"),
        ({"kind": "IN_KIND"}, "input.kind: allocated"),
        ({"statementKind": "TOTAL_TO_DATE"}, "input.statementKind: allocated"),
        ({"amountQualifier": "UP_TO"}, "input.amountQualifier: allocated"),
    ],
)
async def test_what_is_allocated_stays_as_far_as_it_is(market: Market, given: dict[str, Any], broken: str) -> None:
    money = await market.contribution()
    await market.allocation(money, await market.procurement(), "60.00")
    asked = {"id": an_id(money), "expectedVersion": 1}
    assert await market.rule("member", "updateContribution", **asked, **given) == broken
    found = await market.changed(
        "member", "updateContribution", "contribution { version }", **asked, amount=euros("60.00")
    )
    assert found == {"version": 2}


async def test_a_part_is_part_of_a_whole(market: Market) -> None:
    whole = await market.contribution()
    part = await market.contribution(part_of=whole)
    asked = {"expectedVersion": 1, "partOfId": an_id(part)}
    assert await market.rule("member", "updateContribution", id=an_id(whole), **asked) == "input.partOfId: part_of"
    third = await market.contribution()
    assert await market.rule("member", "updateContribution", id=an_id(third), **asked) == "input.partOfId: part_of"


async def test_what_deliveries_hand_over_stays_in_kind(market: Market) -> None:
    gift = a_contribution(market.world.home, kind=ContributionKind.IN_KIND)
    await market.keep(gift, a_delivery(contribution=gift))
    asked = {"id": an_id(gift), "expectedVersion": 1, "kind": "CASH"}
    assert await market.rule("member", "updateContribution", **asked) == "input.kind: kind"


@pytest.mark.parametrize(
    ("arrived", "stays"),
    [("ACCEPTED", True), ("PARTIALLY_ACCEPTED", True), ("REJECTED", False), ("SCHEDULED", False)],
)
async def test_what_was_handed_over_and_accepted_is_not_taken_back(
    market: Market, arrived: str, *, stays: bool
) -> None:
    gift = a_contribution(market.world.home, kind=ContributionKind.IN_KIND, status=ContributionStatus.COMMITTED)
    await market.keep(gift, a_delivery(contribution=gift, status=DeliveryStatus[arrived]))
    if stays:
        assert await market.stays("member", gift, "CANCELLED") == "delivered"
    else:
        await market.moved("member", gift, "CANCELLED")


async def test_a_donor_of_what_is_committed_stays_and_one_of_a_pledge_goes_for_a_reason(market: Market) -> None:
    donors = [{"participantId": an_id(each)} for each in (market.world.home, market.world.leads)]
    made = await market.changed("member", "createContribution", DONORS, **a_pledge(market, donors=donors))
    kept = [{"id": made["donors"]["nodes"][0]["id"], **donors[0]}]
    asked = {"id": made["id"], "expectedVersion": 1, "donors": kept}
    assert await market.rule("member", "updateContribution", **asked) == "input.reason: reason"
    to = {"id": made["id"], "expectedVersion": 1, "to": "COMMITTED"}
    await market.changed("member", "transitionContribution", DONORS, **to)
    asked |= {"expectedVersion": 2, "reason": "It gives nothing."}
    assert await market.rule("member", "updateContribution", **asked) == "input.donors: stays"


async def test_a_gift_in_kind_is_disbursed_when_its_goods_are_accepted(market: Market) -> None:
    gift = a_contribution(market.world.home, kind=ContributionKind.IN_KIND)
    first, second, third = (a_delivery(contribution=gift, status=DeliveryStatus.RECEIVED) for _ in range(3))
    await market.keep(first, second, third, *(a_delivery_line(each, quantity=5) for each in (first, second, third)))
    await market.moved("lead", first, "REJECTED")
    await market.moved("lead", second, "ACCEPTED")
    assert await market.status(gift) == "PLEDGED"
    await market.moved("lead", third, "ACCEPTED")
    assert await market.status(gift) == "DISBURSED"
    assert await market.version(gift) == 2


async def test_what_is_refused_of_a_contribution_names_its_figures(market: Market) -> None:
    given = await committed(market, announcedOn="2024-04-03")
    update = {"id": given["id"], "expectedVersion": given["version"]}
    donors = [{"participantId": an_id(market.world.home), "share": euros("120.00")}]
    new = {"kind": "CASH", "amount": euros("100.00"), "donors": donors}
    early = "The contribution was announced in 2024, which is later. Correct paidOn or announcedOn."
    refused: list[tuple[str, dict[str, Any], str]] = [
        ("createDisbursement", payment(given, "1.00", "1990-01-01"), early),
        ("createContribution", new, "The shares are 120.00 EUR, 20.00 EUR more than 100.00 EUR. Reduce the shares"),
        (
            "updateContribution",
            {**update, "tranches": [{"year": 2026, "amount": euros("100.01")}]},
            "The tranches are 100.01 EUR, 0.01 EUR more than 100.00 EUR. Reduce the tranches or raise the amount.",
        ),
    ]
    for name, asked, message in refused:
        [broken] = (await market.refused("member", name, **asked))["violations"]
        assert broken["message"].startswith(message)
    await pays(market, given, "40.00")
    update["expectedVersion"] = (await seen(market, given))["version"]
    [broken] = (await market.refused("member", "updateContribution", **update, amount=euros("39.99")))["violations"]
    assert broken["message"] == "40.00 EUR are paid. The amount must have its currency and not be less."


async def test_a_contribution_that_is_paid_is_raised_before_more_is_paid(market: Market) -> None:
    given = await committed(market)
    await pays(market, given, "100.00")
    [broken] = (await market.refused("member", "createDisbursement", **payment(given, "1.00")))["violations"]
    assert broken["message"] == (
        "101.00 EUR would be paid of 100.00 EUR. All of it is paid: raise the contribution first."
    )
