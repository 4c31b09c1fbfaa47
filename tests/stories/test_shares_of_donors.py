"""A donor's share in a sum: it counts once, for that donor, and an unknown share is counted as unknown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from models import ContributionDonor, ContributionStatus, Marking, Qualifier, StatementKind
from tests.support.execute import read
from tests.support.factories import a_contribution, money
from tests.support.purchasing import Market

if TYPE_CHECKING:
    from models import Contribution
    from resolvers.database.database import Database

pytestmark = pytest.mark.anyio

SUMS = """{ participants(where: {code: {in: ["DK", "EE"]}}) { nodes { code donations { aggregate {
    count sums { share { amount currency } } groupBy(by: [LEFT_OUT_OF_SUMS]) { keys { value } count } } } } } }"""


@pytest.fixture
async def market(database: Database) -> Market:
    return await Market(database).open()


async def given(market: Market, amount: str | None, *shares: str | None, **changes: Any) -> Contribution:
    """Enter a contribution of Denmark, and with two shares of Estonia too."""
    donors = [market.world.home, market.world.leads][: len(shares)]
    fields = {"status": ContributionStatus.COMMITTED, "marking": Marking.CLEAR, **changes}
    row = a_contribution(**fields, **(money(amount=amount) if amount else {}))
    row.donors = [
        ContributionDonor(participant=donor, **(money(share=share) if share else {}))
        for donor, share in zip(donors, shares, strict=True)
    ]
    await market.keep(row)
    return row


async def sums(market: Market, name: str) -> dict[str, Any]:
    """Return, for each donor, its sums and how many of its contributions are left out for each reason."""
    answer = await read(market.database, SUMS, viewer=await market.world.viewer(name))
    found = {}
    for node in answer["participants"]["nodes"]:
        told = node["donations"]["aggregate"]
        reasons = {group["keys"][0]["value"]: group["count"] for group in told["groupBy"]}
        found[node["code"]] = [f"{each['amount']} {each['currency']}" for each in told["sums"]["share"]], reasons
    return found


async def test_a_share_counts_once_for_its_donor_and_an_unknown_one_is_counted_as_unknown(market: Market) -> None:
    joint = await given(market, "100.00 EUR", "70.00 EUR", "30.00 EUR")
    await given(market, "5.00 EUR", None)
    await given(market, "900 JPY", None)
    # A joint contribution without shares is that of no donor alone, and never divided equally.
    await given(market, "40.00 EUR", None, None)
    await given(market, "40.00 EUR", "10.00 EUR", None)
    # These count for no donor: what sums leave out is the same as for the contributions.
    await given(market, "50.00 EUR", "50.00 EUR", part_of=joint)
    await given(market, "7.00 EUR", None, statement_kind=StatementKind.TOTAL_TO_DATE)
    await given(market, "8.00 EUR", None, amount_qualifier=Qualifier.UP_TO)
    await given(market, "9.00 EUR", None, status=ContributionStatus.CANCELLED)
    await given(market, None, None)
    # What the viewer may not see changes nothing.
    await given(market, "1000.00 EUR", "600.00 EUR", "400.00 EUR", marking=Marking.RED)
    left_out: dict[str | None, int] = {
        "PART": 1,
        "TOTAL_TO_DATE": 1,
        "UPPER_BOUND": 1,
        "CANCELLED": 1,
        "AMOUNT_UNKNOWN": 1,
    }
    assert await sums(market, "lead") == {
        "DK": (["85.00 EUR", "900 JPY"], {**left_out, "SHARE_UNKNOWN": 1, None: 4}),
        "EE": (["30.00 EUR"], {"SHARE_UNKNOWN": 2, None: 1}),
    }
    query = """{ contributions(where: {amount: {eq: "40.00", currency: "EUR"}}, orderBy: [{field: CREATED_AT}]) {
        nodes { donors(where: {countsInSums: {eq: false}}) { nodes {
            participant { code } share { amount } countableShare { amount } leftOutOfSums } } } } }"""
    found = (await read(market.database, query))["contributions"]["nodes"]
    unknown = {"share": None, "countableShare": None, "leftOutOfSums": "SHARE_UNKNOWN"}
    assert [[each["participant"]["code"] for each in one["donors"]["nodes"]] for one in found] == [["DK", "EE"], ["EE"]]
    assert all(each | unknown == each for one in found for each in one["donors"]["nodes"])
