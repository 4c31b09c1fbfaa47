"""Coverages: what a scope requires and has, in each currency."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from models import ContributionStatus, PurchaseOrderStatus
from tests.support.execute import read
from tests.support.factories import (
    a_capability_area,
    a_contribution,
    a_need,
    a_participant,
    a_procurement,
    an_allocation,
    an_expert_group,
    an_order,
    an_order_line,
    money,
)
from tests.support.rows import keep

if TYPE_CHECKING:
    from resolvers.database.database import Database

pytestmark = pytest.mark.anyio

OBJECT = """nodes { id scope currency count orderedUnknown requirements { amount } funding { amount } pledged { amount }
    ordered { amount } unmet { amount } net { amount } }"""


def amounts(covered: Any) -> tuple[Any, ...]:
    """Return an object of the answer in short: the scope, the currency, the count and the amounts."""
    names = ("requirements", "funding", "pledged", "ordered", "unmet", "net")
    return (
        *(covered[name] for name in ("scope", "currency", "count", "orderedUnknown")),
        *(covered[name] and covered[name]["amount"] for name in names),
    )


async def test_a_scope_counts_each_procurement_once_and_its_unmet_money_is_that_of_each_need(
    database: Database,
) -> None:
    area, group, asker, lead = a_capability_area(), an_expert_group(), a_participant("LV"), a_participant("LT")
    of = {"group": group, "requested_by": asker}
    radios, drones = (a_need(area, name, **of, **money(estimated_cost="100.00 EUR")) for name in ("RADIOS", "DRONES"))
    unknown = a_need(area, "UNKNOWN", group=group)
    for_radios = a_procurement(needs=[radios])
    for_all = a_procurement(
        needs=[radios, drones, unknown], lead_participant=lead, **money(estimated_value="90.00 EUR")
    )
    order = an_order(for_all, status=PurchaseOrderStatus.PLACED, **money(value="30.00 EUR"))
    unpriced = an_order_line(order, need=unknown, quantity=Decimal(2))
    given = a_contribution(lead, status=ContributionStatus.COMMITTED, **money(amount="1000.00 EUR"))
    pledge = a_contribution(lead, **money(amount="50.00 DKK"))
    await keep(database, radios, drones, unknown, order, unpriced)
    await keep(
        database,
        an_order_line(order, need=drones, quantity=Decimal(3), ordinal=2, **money(unit_price="10.00 EUR")),
        an_allocation(given, for_radios, "250.00 EUR"),
        an_allocation(given, for_all, "20.00 EUR"),
        an_allocation(pledge, for_all, "50.00 DKK"),
    )
    query = f"""{{ coverages(where: {{scope: {{eq: COALITION}}}}) {{ {OBJECT} }}
        expertGroups {{ nodes {{ coverages {{ {OBJECT} }} }} }}
        asker: participant(code: "LV") {{ coverages {{ {OBJECT} }} requestedNeeds {{ totalCount }} }}
        lead: participant(code: "LT") {{ coverages {{ {OBJECT} }} ledger {{ aggregate {{ sums {{
            funding {{ amount }} pledge {{ amount currency }} }} }} }} }} }}"""
    answer = await read(database, query)
    # The 20 of the procurement for all needs is shared, so the drones have nothing; the radios have 150 too much.
    in_euros = (2, 0, "200.00", "270.00", "0.00", "30.00", "100.00", "-70.00")
    in_kroner = (0, 0, None, "0.00", "50.00", "0.00", None, None)
    without = (1, 1, None, None, None, None, None, None)
    for scope, found in (("COALITION", answer), ("GROUP", answer["expertGroups"]["nodes"][0])):
        assert [amounts(each) for each in found["coverages"]["nodes"]] == [
            (scope, "DKK", *in_kroner),
            (scope, "EUR", *in_euros),
            (scope, None, *without),
        ]
    assert [amounts(each)[:4] for each in answer["asker"]["coverages"]["nodes"]] == [
        ("REQUESTED", "DKK", 0, 0),
        ("REQUESTED", "EUR", 2, 0),
    ]
    assert answer["asker"]["requestedNeeds"] == {"totalCount": 2}
    assert [amounts(each) for each in answer["lead"]["coverages"]["nodes"]] == [
        ("LED", "DKK", *in_kroner),
        ("LED", "EUR", 1, 0, "90.00", "20.00", "0.00", "30.00", "70.00", "70.00"),
    ]
    assert answer["lead"]["ledger"]["aggregate"]["sums"] == {
        "funding": [{"amount": "0.00"}, {"amount": "1000.00"}],
        "pledge": [{"amount": "50.00", "currency": "DKK"}, {"amount": "0.00", "currency": "EUR"}],
    }
    for each in answer["coverages"]["nodes"]:
        node = f'{{ node(id: "{each["id"]}") {{ ... on Coverage {{ {OBJECT[len("nodes {") : -1]} }} }} }}'
        assert (await read(database, node))["node"] == each
