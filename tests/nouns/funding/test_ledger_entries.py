"""The ledger: what each donor has pledged, committed and paid, and what of it is left."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest

from models import ContributionKind, ContributionStatus
from tests.support.execute import read
from tests.support.factories import (
    a_contribution,
    a_disbursement,
    a_participant,
    a_procurement,
    an_allocation,
    money,
)
from tests.support.rows import keep, keep_loaded

if TYPE_CHECKING:
    from resolvers.database.database import Database

pytestmark = pytest.mark.anyio

NAMES = (
    "pledge commitment paid funding announced inKindGiven knownPartOfJoint allocated allocatedOnPledge unallocated "
    "availableForOrders"
)
QUERY = f"""{{ ledger {{
  nodes {{ id participant {{ code }} contribution {{ reference }} }}
  aggregate {{ groupBy(by: [DONORS]) {{
    keys {{ value }} sums {{ {" ".join(f"{name} {{ amount }}" for name in NAMES.split())} }}
  }} }}
}} }}"""


async def test_a_joint_gift_is_of_its_donors_together_and_each_share_is_of_its_donor(database: Database) -> None:
    denmark, estonia = a_participant("DK"), a_participant("EE")
    told: dict[str, Any] = {"announced_on": dt.date(2025, 1, 9)}
    committed, paid = ContributionStatus.COMMITTED, ContributionStatus.DISBURSED
    joint = a_contribution(denmark, estonia, status=committed, **told, **money(amount="100.00 EUR"))
    part = a_contribution(estonia, status=committed, part_of=joint, **told, **money(amount="30.00 EUR"))
    shared = a_contribution(denmark, estonia, status=committed, **told, **money(amount="50.00 EUR"))
    shared.donors[0].share_minor, shared.donors[0].share_currency = 2_000, "EUR"
    pledge = a_contribution(denmark, **told, **money(amount="7.00 EUR"))
    goods = a_contribution(denmark, kind=ContributionKind.IN_KIND, status=paid, **money(amount="9.00 EUR"))
    partly = a_contribution(estonia, status=committed, **told, **money(amount="10.00 EUR"))
    bought = a_procurement()
    await keep(
        database,
        joint,
        part,
        shared,
        goods,
        a_disbursement(partly, 1, "4.00 EUR"),
        an_allocation(joint, bought, "60.00 EUR"),
        an_allocation(pledge, bought, "1.00 EUR"),
    )
    await keep_loaded(database, an_allocation(part, bought, "5.00 EUR"))
    found = (await read(database, QUERY))["ledger"]
    sums = {group["keys"][0]["value"]: amounts(group["sums"]) for group in found["aggregate"]["groupBy"]}
    assert sums == {
        # The share of 20, a pledge, and goods.
        "DK": {
            "pledge": "7.00",
            "commitment": "20.00",
            "paid": "0.00",
            "funding": "20.00",
            "announced": "27.00",
            "inKindGiven": "9.00",
            "allocated": "1.00",
            "allocatedOnPledge": "1.00",
            "unallocated": "6.00",
        },
        # The joint gift, and what is left of the other after the share; the part of Estonia uses 5 of the first.
        "DK+EE": {
            "pledge": "0.00",
            "commitment": "130.00",
            "paid": "0.00",
            "funding": "130.00",
            "announced": "130.00",
            "allocated": "60.00",
            "unallocated": "85.00",
            "availableForOrders": "85.00",
        },
        "EE": {
            "pledge": "0.00",
            "commitment": "6.00",
            "paid": "4.00",
            "funding": "10.00",
            "announced": "10.00",
            "knownPartOfJoint": "30.00",
            "allocated": "5.00",
            "unallocated": "10.00",
            "availableForOrders": "10.00",
        },
    }
    ids = [each["id"] for each in found["nodes"]]
    again = await read(database, "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", ids=ids)
    assert [each["id"] for each in again["nodes"]] == ids


def amounts(sums: dict[str, Any]) -> dict[str, str]:
    """Return the amounts of each sum that is not empty."""
    return {name: " ".join(each["amount"] for each in found) for name, found in sums.items() if found}
