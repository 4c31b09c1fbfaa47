"""Contributions: which of them are added up, how much is left of each, and who its donors are."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest

from models import Contribution, ContributionDonor, ContributionKind, ContributionStatus, Qualifier, StatementKind
from models.funding.contribution_status import CONTRIBUTION_TRANSITIONS
from tests.support.execute import read
from tests.support.factories import a_contribution, a_participant, a_procurement, an_allocation, money
from tests.support.rows import changes, in_python, keep, keep_loaded, refused, refused_sql

if TYPE_CHECKING:
    from resolvers.database.database import Database

pytestmark = pytest.mark.anyio

LATE, EARLY = dt.date(2024, 12, 31), dt.date(2025, 1, 1)

#: Each contribution by its reference: what may be added up, what of it is allocated and what is left.
FIGURES: dict[str, tuple[str | None, str | None, str | None]] = {
    "BOUND": (None, "0.00 EUR", None),
    "CANCELLED": (None, "0.00 EUR", None),
    "JOINT": ("100.00 EUR", "30.75 EUR", "67.25 EUR"),
    "KRONER": ("91000000.00 DKK", "90999999.99 DKK", "0.01 DKK"),
    "PART": (None, "2.00 EUR", None),
    "TO-DATE": (None, "0.00 EUR", None),
    "UNKNOWN": (None, None, None),
    "YEN": ("500 JPY", "500 JPY", None),
}

#: Why sums leave a contribution out.
LEFT_OUT = {
    "BOUND": "UPPER_BOUND",
    "CANCELLED": "CANCELLED",
    "PART": "PART",
    "TO-DATE": "TOTAL_TO_DATE",
    "UNKNOWN": "AMOUNT_UNKNOWN",
}


@pytest.fixture(scope="module")
async def record(shared_database: Database) -> Database:
    states = {code: a_participant(code) for code in ("LU", "EE", "BE", "IS", "DK")}
    four = [states[code] for code in ("LU", "EE", "IS", "BE")]
    denmark, estonia = states["DK"], states["EE"]
    joint = a_contribution(*four, reference="JOINT", announced_on=LATE, **money(amount="100.00 EUR"))
    kroner = a_contribution(denmark, reference="KRONER", announced_on=EARLY, **money(amount="91000000.00 DKK"))
    yen = a_contribution(estonia, reference="YEN", kind=ContributionKind.IN_KIND, **money(amount="500 JPY"))
    first, second = a_procurement("PROC-1"), a_procurement("PROC-2")
    left_out: dict[str, dict[str, Any]] = {
        "PART": {"part_of": joint, **money(amount="40.00 EUR")},
        "TO-DATE": {"statement_kind": StatementKind.TOTAL_TO_DATE, **money(amount="9000.00 EUR")},
        "BOUND": {"amount_qualifier": Qualifier.UP_TO, **money(amount="5000.00 EUR")},
        "CANCELLED": {"status": ContributionStatus.CANCELLED, **money(amount="7000.00 EUR")},
        "UNKNOWN": {},
    }
    part = a_contribution(estonia, reference="PART", **left_out.pop("PART"))
    await keep(
        shared_database,
        *(joint, kroner, yen, part),
        *(a_contribution(estonia, reference=reference, **fields) for reference, fields in left_out.items()),
        an_allocation(joint, first, "10.50 EUR"),
        an_allocation(joint, second, "20.25 EUR"),
        an_allocation(kroner, first, "90999999.99 DKK"),
    )
    # Loaded before goods and a part could no longer be allocated: the joint contribution has less.
    await keep_loaded(shared_database, an_allocation(yen, first, "500 JPY"), an_allocation(part, first, "2.00 EUR"))
    return shared_database


def spoken(amount: dict[str, str] | None) -> str | None:
    return None if amount is None else f"{amount['amount']} {amount['currency']}"


async def test_a_contribution_says_what_is_left_of_it_in_its_own_currency(record: Database) -> None:
    query = """{ contributions(first: 100) { nodes {
        reference allocated { amount currency } unallocated { amount currency }
    } } }"""
    nodes = (await read(record, query))["contributions"]["nodes"]
    found = {node["reference"]: (spoken(node["allocated"]), spoken(node["unallocated"])) for node in nodes}
    assert found == {reference: figures[1:] for reference, figures in FIGURES.items()}


async def test_python_reckons_a_contribution_as_the_database_does(record: Database) -> None:
    found = {
        name: await in_python(record, Contribution, "reference", f"{name}_minor", f"{name}_currency")
        for name in ("countable", "allocated", "unallocated")
    }
    for place, name in enumerate(found):
        for reference, figures in FIGURES.items():
            wanted = money(x=figures[place] or "") if figures[place] else {"x_minor": None}
            assert found[name][reference][0] == wanted["x_minor"], (name, reference)
            if wanted["x_minor"] is not None:
                assert found[name][reference][1] == wanted["x_currency"], (name, reference)


async def test_a_contribution_says_whether_sums_include_it_and_why_not(record: Database) -> None:
    query = """query ($where: ContributionWhere) { contributions(first: 100, where: $where) {
        nodes { reference countsInSums leftOutOfSums }
        aggregate { groupBy(by: [LEFT_OUT_OF_SUMS]) { keys { value } count } }
    } }"""
    answer = (await read(record, query))["contributions"]
    found = {node["reference"]: node["leftOutOfSums"] for node in answer["nodes"]}
    assert found == {reference: LEFT_OUT.get(reference) for reference in FIGURES}
    assert all(node["countsInSums"] == (node["leftOutOfSums"] is None) for node in answer["nodes"])
    groups = {group["keys"][0]["value"]: group["count"] for group in answer["aggregate"]["groupBy"]}
    counted = len(FIGURES) - len(LEFT_OUT)
    assert groups.pop(None) == counted
    assert groups == dict.fromkeys(LEFT_OUT.values(), 1)
    for where, expected in (
        ({"countsInSums": {"eq": True}}, FIGURES.keys() - LEFT_OUT.keys()),
        ({"countsInSums": {"eq": False}}, LEFT_OUT.keys()),
        ({"leftOutOfSums": {"in": ["PART", "CANCELLED"]}}, {"PART", "CANCELLED"}),
        ({"leftOutOfSums": {"isNull": True}}, FIGURES.keys() - LEFT_OUT.keys()),
    ):
        nodes = (await read(record, query, where=where))["contributions"]["nodes"]
        assert {node["reference"] for node in nodes} == set(expected)


async def test_an_explanation_says_why_nothing_is_unallocated(record: Database) -> None:
    query = """{ contributions(first: 100) { nodes { reference
        explain(figure: UNALLOCATED) { consideredRows { nodes { reason message } } } } } }"""
    nodes = (await read(record, query))["contributions"]["nodes"]
    rows = {node["reference"]: node["explain"]["consideredRows"]["nodes"] for node in nodes}
    reasons = {name: {row["reason"] for row in found} for name, found in rows.items()}
    wanted = LEFT_OUT | {"UNKNOWN": "FIGURE_UNKNOWN", "YEN": "IN_KIND", "JOINT": None, "KRONER": None}
    assert reasons == {name: {reason} for name, reason in wanted.items()}
    assert rows["BOUND"][0]["message"] == "The figure is null: the amount is an upper bound."


async def test_only_what_counts_is_added_up_and_never_across_currencies(record: Database) -> None:
    answer = await read(record, "{ contributions { aggregate { count sums { amount { amount currency } } } } }")
    sums = ["91000000.00 DKK", "100.00 EUR", "500 JPY"]
    aggregate = answer["contributions"]["aggregate"]
    assert (aggregate["count"], [spoken(amount) for amount in aggregate["sums"]["amount"]]) == (len(FIGURES), sums)


async def test_a_joint_contribution_stands_once_under_its_donors_together(record: Database) -> None:
    query = """{ contributions(where: {reference: {in: ["JOINT", "KRONER", "YEN", "PART"]}}) { aggregate {
        groupBy(by: [DONOR_CODES]) { keys { field value } count sums { amount { amount currency } } }
    } } }"""
    groups = (await read(record, query))["contributions"]["aggregate"]["groupBy"]
    found = {
        group["keys"][0]["value"]: (group["count"], [spoken(amount) for amount in group["sums"]["amount"]])
        for group in groups
    }
    assert found == {
        "BE+EE+IS+LU": (1, ["100.00 EUR"]),
        "DK": (1, ["91000000.00 DKK"]),
        "EE": (2, ["500 JPY"]),
    }
    assert {group["keys"][0]["field"] for group in groups} == {"DONOR_CODES"}


async def test_the_donors_of_a_contribution_are_named_in_one_word(record: Database) -> None:
    answer = await read(record, "{ contributions { nodes { reference donorCodes } } }")
    found = {node["reference"]: node["donorCodes"] for node in answer["contributions"]["nodes"]}
    assert found == {**dict.fromkeys(FIGURES, "EE"), "JOINT": "BE+EE+IS+LU", "KRONER": "DK"}
    assert await in_python(record, Contribution, "reference", "donor_codes") == found


async def test_a_donor_is_found_in_what_it_gives_alone_and_with_others(record: Database) -> None:
    query = """{ contributions(where: {donors: {some: {participant: {code: {eq: "BE"}}}}}) {
        nodes { reference donors { nodes { participant { code } share { amount } } } }
    } }"""
    [joint] = (await read(record, query))["contributions"]["nodes"]
    donors = sorted((node["participant"]["code"], node["share"]) for node in joint["donors"]["nodes"])
    assert (joint["reference"], donors) == ("JOINT", [(code, None) for code in ("BE", "EE", "IS", "LU")])


async def test_a_part_leads_to_the_joint_contribution_and_back(record: Database) -> None:
    query = """{ contributions(where: {partOf: {}}) { nodes {
        reference partOf { reference parts { nodes { reference } } }
    } } }"""
    whole = {"reference": "JOINT", "parts": {"nodes": [{"reference": "PART"}]}}
    assert await read(record, query) == {"contributions": {"nodes": [{"reference": "PART", "partOf": whole}]}}


async def test_contributions_are_counted_by_the_year_they_were_announced_in(record: Database) -> None:
    query = "{ contributions { aggregate { groupBy(by: [ANNOUNCED_YEAR, KIND]) { keys { value } count } } } }"
    groups = (await read(record, query))["contributions"]["aggregate"]["groupBy"]
    found = [([key["value"] for key in group["keys"]], group["count"]) for group in groups]
    expected = [(["2024", "CASH"], 1), (["2025", "CASH"], 1), ([None, "CASH"], 5), ([None, "IN_KIND"], 1)]
    assert found == expected
    years = await in_python(record, Contribution, "reference", "announced_year")
    assert years == {**dict.fromkeys(FIGURES), "JOINT": 2024, "KRONER": 2025}


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ({"announcedYear": {"eq": 2024}}, ["JOINT"]),
        ({"announcedYear": {"isNull": True}, "kind": {"eq": "IN_KIND"}}, ["YEN"]),
        ({"unallocated": {"lte": "0.01", "currency": "DKK"}}, ["KRONER"]),
        ({"amount": {"gte": "9000", "currency": "EUR"}}, ["TO-DATE"]),
        ({"amount": {"isNull": True}}, ["UNKNOWN"]),
        ({"statementKind": {"eq": "TOTAL_TO_DATE"}}, ["TO-DATE"]),
        ({"allocations": {"some": {"procurement": {"reference": {"eq": "PROC-2"}}}}}, ["JOINT"]),
    ],
)
async def test_contributions_are_found_by_their_figures(
    record: Database, where: dict[str, Any], expected: list[str]
) -> None:
    query = "query ($where: ContributionWhere) { contributions(where: $where) { nodes { reference } } }"
    answer = await read(record, query, where=where)
    assert [node["reference"] for node in answer["contributions"]["nodes"]] == expected


def test_a_contribution_changes_its_status_as_the_rules_say() -> None:
    assert (
        changes(
            ContributionStatus,
            "PLEDGED → COMMITTED → DISBURSED → COMMITTED",
            "PLEDGED·COMMITTED → CANCELLED → PLEDGED",
        )
        == CONTRIBUTION_TRANSITIONS
    )
    assert Contribution.reopens == {
        (ContributionStatus.DISBURSED, ContributionStatus.COMMITTED),
        (ContributionStatus.CANCELLED, ContributionStatus.PLEDGED),
    }


async def test_a_reference_belongs_to_one_contribution(shared_database: Database) -> None:
    twins = [a_contribution(reference="CON-9") for _ in range(2)]
    await refused(shared_database, "uq_contributions_reference", *twins)


async def test_a_contribution_is_no_part_of_itself(record: Database) -> None:
    await refused_sql(record, "ck_contributions_part_of", "UPDATE contributions SET part_of_id = id")


async def test_a_donor_stands_once_in_a_contribution(shared_database: Database) -> None:
    donor = a_participant()
    twice = a_contribution(donor, donor)
    await refused(shared_database, "uq_contribution_donors_contribution_id_participant_id", twice)


async def test_an_amount_without_its_currency_is_refused(shared_database: Database) -> None:
    await refused(shared_database, "ck_contributions_amount", a_contribution(amount_minor=100))


async def test_a_currency_without_its_amount_is_refused(shared_database: Database) -> None:
    await refused(shared_database, "ck_contributions_amount", a_contribution(amount_currency="EUR"))


async def test_a_share_without_its_currency_is_refused(shared_database: Database) -> None:
    made = a_contribution()
    made.donors = [ContributionDonor(participant=a_participant(), share_minor=1)]
    await refused(shared_database, "ck_contribution_donors_share", made)


async def test_an_allocation_has_the_currency_of_its_contribution(shared_database: Database) -> None:
    given = a_contribution(**money(amount="100.00 EUR"))
    other = an_allocation(given, a_procurement(), "10.00 DKK")
    await refused(shared_database, "fk_allocations_contribution_id_amount_currency", other)


async def test_nothing_is_allocated_of_an_unknown_amount(shared_database: Database) -> None:
    allocated = an_allocation(a_contribution(), a_procurement(), "10.00 EUR")
    await refused(shared_database, "fk_allocations_contribution_id_amount_currency", allocated)


async def test_an_allocation_keeps_to_the_currency_of_its_contribution(record: Database) -> None:
    statement = "UPDATE allocations SET amount_currency = 'EUR' WHERE amount_currency = 'DKK'"
    await refused_sql(record, "fk_allocations_contribution_id_amount_currency", statement)


async def test_a_contribution_is_allocated_to_a_procurement_once(shared_database: Database) -> None:
    given, bought = a_contribution(**money(amount="100.00 EUR")), a_procurement()
    twins = [an_allocation(given, bought, "10.00 EUR") for _ in range(2)]
    await refused(shared_database, "ix_allocations_contribution_id_procurement_id", *twins)
