"""Explanations: the rows behind a figure, the rule, and why the other rows are left out."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from models import ContributionStatus, DeliveryStatus
from tests.support.execute import BAD_USER_INPUT, ask, read
from tests.support.factories import (
    a_capability_area,
    a_contribution,
    a_delivery,
    a_delivery_line,
    a_need,
    a_participant,
    a_procurement,
    an_allocation,
    money,
)
from tests.support.rows import keep

if TYPE_CHECKING:
    from resolvers.database.database import Database

pytestmark = pytest.mark.anyio

QUERY = """query ($figure: CapabilityNeedFigure!, $reference: String!) {
capabilityNeeds(where: {reference: {eq: $reference}}) { nodes {
  explain(figure: $figure) { figure rule quantity amount { amount currency } consideredRows {
    totalCount
    nodes { counts reason message quantity amount { amount } deliveryLine { delivery { reference } } allocation { id }
      procurement { reference } need { reference } }
    aggregate { sums { amount { amount currency } } groupBy(by: [REASON]) { keys { value } count } }
  } }
} } }"""


async def explained(database: Database, reference: str, figure: str) -> tuple[dict[str, Any], list[tuple[Any, ...]]]:
    """Return an explanation, and of each row whether it counts, why not, and its number."""
    [need] = (await read(database, QUERY, reference=reference, figure=figure))["capabilityNeeds"]["nodes"]
    found = need["explain"]
    rows = found["consideredRows"]["nodes"]
    shown = [(row["reason"], row["quantity"] or (row["amount"] or {}).get("amount")) for row in rows]
    assert [row["counts"] for row in rows] == [reason is None for reason, _ in shown]
    return found, shown


async def test_each_figure_shows_the_rows_that_add_up_to_it_and_why_the_others_are_left_out(
    database: Database,
) -> None:
    area, donor = a_capability_area(), a_participant()
    need = a_need(area, "RADIOS", quantity=Decimal(10), unit="SET", **money(estimated_cost="100.00 EUR"))
    other = a_need(area, "DRONES", quantity=None)
    come, gone = a_delivery("D-1", status=DeliveryStatus.ACCEPTED), a_delivery("D-2", status=DeliveryStatus.LOST)
    units = {"need": need, "unit": "SET", "quantity": Decimal(4)}
    own, both = a_procurement("P-1", needs=[need]), a_procurement("P-2", needs=[need, other])
    firm, dollars, pledge = (
        a_contribution(donor, status=status, **money(amount=amount))
        for status, amount in (
            (ContributionStatus.COMMITTED, "900.00 EUR"),
            (ContributionStatus.COMMITTED, "900.00 USD"),
            (ContributionStatus.PLEDGED, "900.00 EUR"),
        )
    )
    await keep(
        database,
        a_delivery_line(come, accepted=Decimal(4), rejected=Decimal(0), **units),
        a_delivery_line(gone, **units),
        a_delivery_line(come, ordinal=2, accepted=Decimal(4), rejected=Decimal(0), **{**units, "unit": "H87"}),
        an_allocation(firm, own, "120.00 EUR"),
        an_allocation(dollars, own, "30.00 USD"),
        an_allocation(pledge, own, "7.00 EUR"),
        an_allocation(firm, both, "50.00 EUR"),
        an_allocation(firm, both, "5.00 EUR", need=other),
    )
    found, rows = await explained(database, "RADIOS", "OUTSTANDING_QUANTITY")
    assert (found["figure"], found["quantity"], found["amount"]) == ("outstandingQuantity", "6", None)
    assert found["rule"] == "Units still missing, at least 0; null while the needed quantity is unknown."
    left_out = {("NOT_ACCEPTED", "-4"), ("OTHER_UNIT", "-4")}
    assert rows[:2] == [(None, "10"), (None, "-4")]
    assert {*rows[2:]} == left_out
    assert found["consideredRows"]["nodes"][1]["message"] == "Subtracted: units that were accepted and not returned."
    assert found["consideredRows"]["nodes"][1]["deliveryLine"] == {"delivery": {"reference": "D-1"}}

    found, rows = await explained(database, "RADIOS", "UNMET_AMOUNT")
    assert found["amount"] == {"amount": "0.00", "currency": "EUR"}
    assert rows[:4] == [(None, "100.00"), (None, "-120.00"), (None, "0.00"), (None, "20.00")]
    assert {*rows[4:]} == {
        ("OTHER_CURRENCY", "-30.00"),
        ("NOT_FIRM", "-7.00"),
        ("SHARED", "-50.00"),
        ("FOR_ANOTHER_NEED", "-5.00"),
    }
    assert found["consideredRows"]["aggregate"]["sums"]["amount"] == [{"amount": "0.00", "currency": "EUR"}]
    assert found["consideredRows"]["totalCount"] == len(rows)

    found, rows = await explained(database, "DRONES", "OUTSTANDING_QUANTITY")
    assert (found["quantity"], rows) == (None, [("FIGURE_UNKNOWN", None)])


async def test_a_figure_must_be_one_of_the_object_and_rows_have_no_ids(database: Database) -> None:
    area = a_capability_area()
    await keep(database, a_need(area, "RADIOS"))
    query = "{ capabilityNeeds { nodes { explain(figure: UNALLOCATED) { rule } } } }"
    [error] = (await ask(database, query)).errors
    assert "CapabilityNeedFigure" in error.message
    row = '{ node(id: "ExplanationRow:00000000-0000-4000-8000-000000000000") { id } }'
    [error] = (await ask(database, row)).errors
    assert error.code == BAD_USER_INPUT
