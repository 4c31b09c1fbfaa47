"""Aggregates: counts and sums over the whole list, and for each group, never across currencies."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest

from models import ContributionStatus, ProcurementStatus, Qualifier, StatementKind
from tests.support.execute import BAD_USER_INPUT, ask, read
from tests.support.factories import a_contribution, a_participant, a_procurement, an_expert_group, money
from tests.support.rows import keep

if TYPE_CHECKING:
    from resolvers.database.database import Database

pytestmark = pytest.mark.anyio

SUMS = "sums { amount { amount currency } }"


def amounts(sums: dict[str, Any], name: str = "amount") -> list[str]:
    return [f"{each['amount']} {each['currency']}" for each in sums[name]]


async def test_amounts_are_added_up_in_each_currency_in_the_order_of_the_codes(database: Database) -> None:
    each = ("1.50 EUR", "2.00 EUR", "91000000.00 DKK", "5 JPY", "0.125 KWD", "7 ISK")
    rows = [a_contribution(a_participant(), **money(amount=amount)) for amount in each]
    await keep(database, *rows, a_contribution(a_participant()))
    aggregate = (await read(database, f"{{ contributions {{ aggregate {{ count {SUMS} }} }} }}"))["contributions"]
    assert aggregate["aggregate"]["count"] == 7
    assert amounts(aggregate["aggregate"]["sums"]) == ["91000000.00 DKK", "3.50 EUR", "7 ISK", "5 JPY", "0.125 KWD"]


async def test_what_must_not_be_counted_is_left_out_of_a_sum_but_not_of_a_count(database: Database) -> None:
    one = money(amount="1.00 EUR")
    joint = a_contribution(a_participant(), **money(amount="10.00 EUR"))
    rows = [
        joint,
        a_contribution(a_participant(), part_of=joint, **one),
        a_contribution(a_participant(), statement_kind=StatementKind.TOTAL_TO_DATE, **one),
        a_contribution(a_participant(), status=ContributionStatus.CANCELLED, **one),
        a_contribution(a_participant(), amount_qualifier=Qualifier.UP_TO, **one),
    ]
    await keep(database, *rows)
    aggregate = (await read(database, f"{{ contributions {{ aggregate {{ count {SUMS} }} }} }}"))["contributions"]
    assert aggregate["aggregate"]["count"] == 5
    assert amounts(aggregate["aggregate"]["sums"]) == ["10.00 EUR"]


async def test_an_empty_list_has_no_sums_and_no_groups(database: Database) -> None:
    query = f"{{ contributions {{ aggregate {{ count {SUMS} groupBy(by: [STATUS]) {{ count }} }} }} }}"
    expected = {"count": 0, "sums": {"amount": []}, "groupBy": []}
    assert await read(database, query) == {"contributions": {"aggregate": expected}}


async def test_groups_come_in_the_order_of_their_values_with_the_unknown_last(database: Database) -> None:
    group, unnamed = an_expert_group("EG1", name="Cyber"), an_expert_group("EG2")
    await keep(
        database,
        a_procurement(group=group, planned_year=2025, **money(estimated_value="1.00 EUR")),
        a_procurement(group=group, planned_year=2025, **money(estimated_value="2.00 EUR")),
        a_procurement(group=group, planned_year=2026, status=ProcurementStatus.AWARDED),
        a_procurement(group=unnamed, **money(estimated_value="3 JPY")),
        a_procurement(),
    )
    query = """{ procurements { aggregate { groupBy(by: [GROUP, PLANNED_YEAR]) {
                 keys { field value label } count sums { estimatedValue { amount currency } } } } } }"""
    groups = (await read(database, query))["procurements"]["aggregate"]["groupBy"]
    found = [
        (
            [(key["value"], key["label"]) for key in group["keys"]],
            group["count"],
            amounts(group["sums"], "estimatedValue"),
        )
        for group in groups
    ]
    assert found == [
        ([("EG1", "Cyber"), ("2025", None)], 2, ["3.00 EUR"]),
        ([("EG1", "Cyber"), ("2026", None)], 1, []),
        ([("EG2", None), (None, None)], 1, ["3 JPY"]),
        ([(None, None), (None, None)], 1, []),
    ]
    assert {key["field"] for group in groups for key in group["keys"]} == {"GROUP", "PLANNED_YEAR"}


async def test_a_filter_holds_for_the_aggregate_and_a_page_does_not(database: Database) -> None:
    donors = [a_participant("DK"), a_participant("DE")]
    joint = a_contribution(*donors, announced_on=dt.date(2024, 4, 3), **money(amount="3.00 EUR"))
    await keep(database, joint, *(a_contribution(donors[0], **money(amount="1.00 EUR")) for _ in range(3)))
    query = f"""{{ contributions(first: 1, where: {{donors: {{some: {{participant: {{code: {{eq: "DK"}}}}}}}}}}) {{
                   totalCount nodes {{ id }}
                   aggregate {{ count {SUMS} groupBy(by: [DONOR_CODES]) {{ keys {{ value }} count {SUMS} }} }} }} }}"""
    found = (await read(database, query))["contributions"]
    assert (found["totalCount"], found["aggregate"]["count"], len(found["nodes"])) == (4, 4, 1)
    assert amounts(found["aggregate"]["sums"]) == ["6.00 EUR"]
    groups = found["aggregate"]["groupBy"]
    assert [(group["keys"][0]["value"], group["count"], amounts(group["sums"])) for group in groups] == [
        ("DE+DK", 1, ["3.00 EUR"]),
        ("DK", 3, ["3.00 EUR"]),
    ]


async def test_a_list_below_another_object_is_counted_on_its_own(database: Database) -> None:
    groups = [an_expert_group("EG1"), an_expert_group("EG2"), an_expert_group("EG3")]
    await keep(database, *groups, *(a_procurement(group=group) for group in (groups[0], groups[0], groups[1])))
    query = """{ expertGroups { nodes { code procurements {
                 totalCount aggregate { count groupBy(by: [STATUS]) { count } } } } } }"""
    nodes = (await read(database, query))["expertGroups"]["nodes"]
    found = {node["code"]: node["procurements"] for node in nodes}
    assert {code: each["totalCount"] for code, each in found.items()} == {"EG1": 2, "EG2": 1, "EG3": 0}
    assert {code: each["aggregate"]["count"] for code, each in found.items()} == {"EG1": 2, "EG2": 1, "EG3": 0}
    assert found["EG1"]["aggregate"]["groupBy"] == [{"count": 2}]


@pytest.mark.parametrize("by", [[], ["STATUS", "STATUS"], ["STATUS", "GROUP", "METHOD", "CATEGORY"]])
async def test_a_grouping_by_none_by_too_many_or_twice_the_same_is_refused(database: Database, by: list[str]) -> None:
    query = "query Asked($by: [ProcurementGroupField!]!) { procurements { aggregate { groupBy(by: $by) { count } } } }"
    for answer in (await ask(database, query, by=by), await ask(database, written(query, by))):
        assert answer.refusal.code == BAD_USER_INPUT
        assert answer.refusal.message == "by must list 1 to 3 different fields."
        assert answer.refusal.path == ("procurements", "aggregate", "groupBy")


def written(query: str, by: list[str]) -> str:
    return query.replace("query Asked($by: [ProcurementGroupField!]!) ", "").replace("$by", f"[{', '.join(by)}]")
