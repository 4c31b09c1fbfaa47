"""Disbursements: numbered entries whose sum the database holds, and which never change."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from models import Contribution, ContributionStatus, ContributionTranche
from tests.support.execute import read
from tests.support.factories import a_contribution, a_disbursement, a_participant, a_tranche, money
from tests.support.rows import in_python, keep, refused, said_by

if TYPE_CHECKING:
    import models
    from resolvers.database.database import Database

pytestmark = pytest.mark.anyio


def given(status: str = "COMMITTED") -> models.Contribution:
    """Make a contribution of 100 euros."""
    return a_contribution(a_participant(), status=ContributionStatus[status], **money(amount="100.00 EUR"))


async def broken(database: Database, statement: str, contribution: models.Contribution) -> str:
    """Return the message with which a database refuses a statement about `:key`."""
    async with database.bypass_policies("a test looks behind the policies").connect() as connection:
        with pytest.raises(IntegrityError) as caught:
            await connection.execute(text(statement), {"key": contribution.id})
    return str(caught.value.orig)


async def test_what_is_paid_is_the_sum_of_the_entries_or_the_whole(database: Database) -> None:
    parts, whole, none, unknown = given(), given("DISBURSED"), given("PLEDGED"), a_contribution()
    entries = [
        a_disbursement(parts, 1, "60.00 EUR", tranche_year=2025),
        a_disbursement(parts, 2, "-10.00 EUR", reason="Returned.", tranche_year=2025, corrects=1),
        a_disbursement(parts, 3, "5.00 EUR"),
    ]
    await keep(database, a_tranche(parts, 2025, "80.00 EUR"), a_tranche(parts, 2026, "1.00 EUR"), *entries, whole, none)
    await keep(database, unknown)
    query = "{ contributions { nodes { reference paid { amount } } } }"
    nodes = (await read(database, query))["contributions"]["nodes"]
    found = {node["reference"]: node["paid"] and node["paid"]["amount"] for node in nodes}
    amounts = {parts: "55.00", whole: "100.00", none: "0.00", unknown: None}
    assert found == {row.reference: amount for row, amount in amounts.items()}
    in_minor = await in_python(database, Contribution, "reference", "paid_minor")
    assert in_minor == {row.reference: amount and int(float(amount) * 100) for row, amount in amounts.items()}
    assert await in_python(database, ContributionTranche, "year", "paid_minor") == {2025: 5000, 2026: 0}


async def test_a_contribution_is_found_by_what_is_paid_of_it(database: Database) -> None:
    rows = [given(), given("DISBURSED")]
    await keep(database, *rows, a_disbursement(rows[0], 1, "60.00 EUR"))
    query = """{ contributions(where: {paid: {lte: "60", currency: EUR}}, orderBy: [{field: PAID, direction: ASC}]) {
        nodes { reference disbursements { nodes { paidYear number } } }
    } }"""
    expected = {"reference": rows[0].reference, "disbursements": {"nodes": [{"paidYear": 2025, "number": 1}]}}
    answer = await read(database, query.replace("EUR", '"EUR"'))
    assert answer == {"contributions": {"nodes": [expected]}}


async def test_no_more_is_paid_than_is_given(shared_database: Database) -> None:
    for amount, rule in (("40.01 EUR", "disbursements_sum"), ("-60.01 EUR", "refund_sum")):
        row = given()
        entries = a_disbursement(row, 1, "60.00 EUR"), a_disbursement(row, 2, amount, reason="Because.")
        with pytest.raises(IntegrityError) as caught:
            await keep(shared_database, *entries)
        assert f"coalition rule {rule} at amount" in str(caught.value.orig)
    row = given()
    await keep(shared_database, row, a_disbursement(row, 1, "60.00 EUR"))
    lower = "UPDATE contributions SET amount_minor = 5999 WHERE id = :key"
    assert "coalition rule disbursements_sum at amount" in await broken(shared_database, lower, row)


async def test_no_more_is_paid_of_a_tranche_than_it_is(shared_database: Database) -> None:
    row = given()
    await keep(
        shared_database, a_tranche(row, 2025, "50.00 EUR"), a_disbursement(row, 1, "50.00 EUR", tranche_year=2025)
    )
    more = a_disbursement(given(), 1, "50.01 EUR", tranche_year=2025)
    with pytest.raises(IntegrityError, match="coalition rule tranche_sum at amount"):
        await keep(shared_database, a_tranche(more.contribution, 2025, "50.00 EUR"), more)
    lower = "UPDATE contribution_tranches SET amount_minor = 4999 WHERE contribution_id = :key"
    assert "coalition rule tranche_sum at tranches" in await broken(shared_database, lower, row)


@pytest.mark.parametrize("status", ["PLEDGED", "CANCELLED", "DISBURSED"])
async def test_the_status_follows_what_is_paid(shared_database: Database, status: str) -> None:
    row = given()
    await keep(shared_database, row, a_disbursement(row, 1, "60.00 EUR"))
    changed = f"UPDATE contributions SET status = '{status}' WHERE id = :key"  # noqa: S608 - a status of ours
    assert "coalition rule paid at to" in await broken(shared_database, changed, row)


@pytest.mark.parametrize("statement", ["UPDATE disbursements SET number = 7", "DELETE FROM disbursements"])
async def test_an_entry_never_changes(shared_database: Database, statement: str) -> None:
    row = given()
    await keep(shared_database, row, a_disbursement(row, 1, "60.00 EUR"))
    said = await broken(shared_database, f"{statement} WHERE contribution_id = :key", row)
    assert "coalition rule disbursement_stays" in said


async def test_an_entry_has_a_number_of_its_own(shared_database: Database) -> None:
    row = given()
    twins = [a_disbursement(row, 1, "1.00 EUR") for _ in range(2)]
    await refused(shared_database, "uq_disbursements_contribution_id_number", *twins)


async def test_a_refund_has_a_reason(shared_database: Database) -> None:
    row = given()
    await refused(shared_database, "ck_disbursements_reason", row, a_disbursement(row, 1, "-1.00 EUR"))


async def test_an_entry_of_nothing_is_refused(shared_database: Database) -> None:
    await refused(shared_database, "ck_disbursements_reason", a_disbursement(given(), 1, "0.00 EUR", reason="None."))


async def test_an_entry_corrects_an_earlier_one(shared_database: Database) -> None:
    await refused(shared_database, "ck_disbursements_corrects", a_disbursement(given(), 1, "1.00 EUR", corrects=1))


async def test_an_entry_has_the_currency_of_its_contribution(shared_database: Database) -> None:
    other = a_disbursement(given(), 1, "1.00 DKK")
    await refused(shared_database, "fk_disbursements_contribution_id_amount_currency", other)


async def test_an_entry_belongs_to_a_tranche_that_is_there(shared_database: Database) -> None:
    other = a_disbursement(given(), 1, "1.00 EUR", tranche_year=2030)
    await refused(shared_database, "fk_disbursements_contribution_id_tranche_year", other)


async def test_a_year_has_one_tranche(shared_database: Database) -> None:
    row = given()
    twins = [a_tranche(row, 2025, "1.00 EUR") for _ in range(2)]
    await refused(shared_database, "uq_contribution_tranches_contribution_id_year", *twins)


async def test_a_tranche_that_is_paid_stays(shared_database: Database) -> None:
    row = given()
    await keep(shared_database, a_tranche(row, 2025, "1.00 EUR"), a_disbursement(row, 1, "1.00 EUR", tranche_year=2025))
    said = await broken(shared_database, "DELETE FROM contribution_tranches WHERE contribution_id = :key", row)
    assert said_by(shared_database, "fk_disbursements_contribution_id_tranche_year") in said


@pytest.mark.parametrize("wrong", [("-1.01 EUR", 1), ("1.00 EUR", 3)])
async def test_an_entry_is_corrected_by_no_more_than_it_is(shared_database: Database, wrong: tuple[str, int]) -> None:
    paid, (amount, number) = given(), wrong
    reason = "It was less."
    first = [a_disbursement(paid, 1, "60.00 EUR"), a_disbursement(paid, 2, "40.00 EUR")]
    await keep(shared_database, *first, a_disbursement(paid, 3, "-59.00 EUR", reason=reason, corrects=1))
    with pytest.raises(IntegrityError, match="coalition rule corrections_sum at amount"):
        await keep(shared_database, a_disbursement(paid, 4, amount, reason=reason, corrects=number))
    await keep(shared_database, a_disbursement(paid, 4, "-1.00 EUR", reason=reason, corrects=1))
