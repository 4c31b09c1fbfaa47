"""Money: exact, in minor units, with its currency's own decimals, and never added across currencies."""

from __future__ import annotations

import re
from decimal import Decimal, localcontext
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import BigInteger, String, column, select, text

from models import Base
from models.code_lists.currencies import EXPONENTS
from models.money import MAX_MINOR, MAX_PRICE, Money, sums_by_currency
from models.types import UnitPrice
from resolvers.query.json_values import amount_text
from tests.support.factories import one_of_each
from tests.support.rows import keep, refused_sql

if TYPE_CHECKING:
    from resolvers.database.database import Database

CURRENCIES = st.sampled_from(sorted(EXPONENTS))
MINORS = st.integers(-MAX_MINOR, MAX_MINOR)
MONEY = st.builds(Money, MINORS, CURRENCIES)

#: Amounts that the database computes.
COMPUTED = {
    (table.name, found.name.removesuffix("_minor"))
    for table in Base.metadata.sorted_tables
    for found in table.columns
    if found.computed is not None
}
#: Every amount that is kept: its table, its name, and whether it may be unknown.
AMOUNTS = [
    (table.name, found.name.removesuffix("_minor"), bool(found.nullable))
    for table in Base.metadata.sorted_tables
    for found in table.columns
    if found.name.endswith("_minor")
]
#: Those that a statement can write: the database computes the others from what is checked.
WRITTEN = [(table, name, null) for table, name, null in AMOUNTS if (table, name) not in COMPUTED]


@pytest.mark.parametrize(
    ("amount", "currency", "minor"),
    [
        ("87000000", "EUR", 8_700_000_000),
        ("0.01", "EUR", 1),
        ("-0.05", "EUR", -5),
        ("1.10", "EUR", 110),
        ("1.1", "EUR", 110),
        ("1.1000", "EUR", 110),
        ("5", "JPY", 5),
        ("5.000", "JPY", 5),
        ("1.005", "KWD", 1005),
        ("0.0001", "CLF", 1),
        ("10000000000000.00", "EUR", MAX_MINOR),
        (Decimal("12.34"), "DKK", 1234),
    ],
)
def test_an_amount_is_kept_in_minor_units(amount: str | Decimal, currency: str, minor: int) -> None:
    assert Money.of(amount, currency) == Money(minor, currency)


@pytest.mark.parametrize(
    ("money", "amount"),
    [
        (Money(8_700_000_000, "EUR"), "87000000.00"),
        (Money(5, "EUR"), "0.05"),
        (Money(-5, "EUR"), "-0.05"),
        (Money(0, "EUR"), "0.00"),
        (Money(0, "JPY"), "0"),
        (Money(MAX_MINOR, "JPY"), "1000000000000000"),
        (Money(1005, "KWD"), "1.005"),
        (Money(1, "CLF"), "0.0001"),
    ],
)
def test_an_amount_has_exactly_its_currencys_decimals(money: Money, amount: str) -> None:
    assert money.amount == amount


@given(MONEY)
def test_every_amount_comes_back_as_it_was(money: Money) -> None:
    assert Money.of(money.amount, money.currency) == money
    assert len(money.amount.partition(".")[2]) == EXPONENTS[money.currency]


@pytest.mark.parametrize("amount", ["NaN", "sNaN", "-NaN", "Infinity", "-Infinity", "ten", " ", "1,5", "1.0.0", "0x10"])
def test_what_is_no_finite_number_is_refused(amount: str) -> None:
    with pytest.raises(ValueError, match=re.escape(amount)):
        Money.of(amount, "EUR")


@pytest.mark.parametrize("currency", ["", "eur", "EURO", "ABC", "XAU", "XTS", "XXX", "€"])
def test_what_is_no_currency_is_refused(currency: str) -> None:
    with pytest.raises(ValueError, match=re.escape(repr(currency))):
        Money.of("1", currency)


@pytest.mark.parametrize(
    ("amount", "currency"),
    [
        ("0.001", "EUR"),
        ("0.5", "JPY"),
        ("1.0005", "KWD"),
        ("1000.000000000000000000000000000001", "EUR"),
        ("1e-2000000", "EUR"),
    ],
)
def test_more_decimals_than_the_currency_has_are_refused(amount: str, currency: str) -> None:
    with pytest.raises(ValueError, match=f"{currency} has {EXPONENTS[currency]} decimals|of at most"):
        Money.of(amount, currency)


@given(st.integers(0, MAX_MINOR), st.integers(3, 60), st.integers(1, 9))
def test_no_decimal_is_dropped_however_far_behind_the_point(euros: int, zeros: int, digit: int) -> None:
    with pytest.raises(ValueError, match=r"EUR has 2 decimals|of at most"):
        Money.of(f"{euros // 100}.{'0' * zeros}{digit}", "EUR")


@pytest.mark.parametrize("amount", ["10000000000000.01", "-10000000000000.01", "1e14", "1e999999", "1e999999999"])
def test_an_absurd_amount_is_refused(amount: str) -> None:
    with pytest.raises(ValueError, match=r"is too large|of at most"):
        Money.of(amount, "EUR")


def test_an_amount_does_not_depend_on_the_precision_of_the_moment() -> None:
    with localcontext(prec=3):
        assert Money.of("123456.78", "EUR").amount == "123456.78"


@given(st.lists(MONEY, max_size=20))
def test_amounts_are_added_up_in_each_currency_by_itself(amounts: list[Money]) -> None:
    codes = sorted({money.currency for money in amounts})
    assert sums_by_currency(amounts) == [
        Money(sum(money.minor for money in amounts if money.currency == code), code) for code in codes
    ]


def test_the_usual_currencies_have_the_decimals_of_the_standard() -> None:
    known = {"EUR": 2, "DKK": 2, "USD": 2, "UAH": 2, "ISK": 0, "JPY": 0, "KWD": 3, "CLF": 4}
    assert {code: EXPONENTS[code] for code in known} == known


@pytest.mark.anyio
async def test_the_database_writes_every_amount_as_python_does(shared_database: Database) -> None:
    minors = (0, 1, -1, 9, 10, 99, -100, 12_345, -8_700_000_000, MAX_MINOR, -MAX_MINOR)
    amounts = [Money(minor, code) for code in EXPONENTS for minor in minors]
    given = ", ".join(f"({minor}, '{code}')" for minor, code in amounts)
    listed = text(f"SELECT column1 AS minor, column2 AS currency FROM (VALUES {given}) AS given")  # noqa: S608 - ours
    found = listed.columns(column("minor", BigInteger), column("currency", String)).subquery()
    async with shared_database.bypass_policies("a test looks behind the policies").connect() as connection:
        rows: list[Any] = list(await connection.execute(select(*found.c, amount_text(*found.c))))
    assert {Money(minor, code): amount for minor, code, amount in rows} == {money: money.amount for money in amounts}


#: What is allocated from a contribution holds its currency before anything else is asked.
SOONER = {
    "contributions": ["coalition rule contribution_currency"],
    # The amount that an order binds is computed from the settled one; PostgreSQL checks by the names of the checks.
    "purchase_orders": ["ck_purchase_orders_bound"],
    "disbursements": ["coalition rule disbursement_stays"],
    "delivery_returns": ["coalition rule delivery_return_stays"],
    "order_amendments": ["coalition rule amendment_stays"],
    "order_amendment_lines": ["coalition rule amendment_stays"],
}


@pytest.fixture(scope="module")
async def full_house(shared_database: Database) -> Database:
    await keep(shared_database, *one_of_each())
    return shared_database


@pytest.mark.anyio
@pytest.mark.parametrize(("table", "name"), [(table, name) for table, name, _ in WRITTEN])
@pytest.mark.parametrize(
    "fault",
    [
        "{0}_minor = -1, {0}_currency = 'EUR'",
        "{0}_minor = {most} + 1, {0}_currency = 'EUR'",
        "{0}_minor = 1, {0}_currency = 'EU'",
    ],
)
async def test_an_amount_that_cannot_be_is_refused_by_the_database(
    full_house: Database, table: str, name: str, fault: str
) -> None:
    most = UnitPrice.units(MAX_PRICE) if "unit_" in name else MAX_MINOR
    statement = f"UPDATE {table} SET {fault.format(name, most=most)}"  # noqa: S608 - names of our own
    await refused_sql(full_house, f"ck_{table}_{name}", statement, *SOONER.get(table, ()))


@pytest.mark.anyio
@pytest.mark.parametrize(("table", "name"), [(table, name) for table, name, nullable in WRITTEN if nullable])
async def test_an_amount_without_its_currency_is_refused_by_the_database(
    full_house: Database, table: str, name: str
) -> None:
    statement = f"UPDATE {table} SET {name}_minor = 1, {name}_currency = NULL"  # noqa: S608 - names of our own
    await refused_sql(full_house, f"ck_{table}_{name}", statement, *SOONER.get(table, ()))


def test_no_amount_is_left_out() -> None:
    columns = [found for table in Base.metadata.sorted_tables for found in table.columns]
    # That of an exchange rate is a column of its own, without an amount.
    currencies = [found.name for found in columns if "currency" in found.name and found.name != "currency"]
    assert len(AMOUNTS) == len(currencies) > 0
