"""Amounts of orders in the currency of their money: computed alike in Python and by both engines, in 64 bits."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from random import Random
from typing import TYPE_CHECKING, Any

import pytest

from models import PurchaseOrderStatus
from models.money import MAX_MINOR
from models.order_amounts.bound_money import EXCHANGE
from models.order_amounts.exchange import MAX_RATE, MIN_RATE, converted, converted_sql, fits_sql
from models.types import ExchangeRate
from tests.models.test_sum_triggers import loaded, refused, write
from tests.support.factories import a_procurement, an_order, money
from tests.support.purchasing import Market
from tests.support.rows import allowed
from tests.support.rows import refused as refused_row

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

    from resolvers.database.database import Database

pytestmark = pytest.mark.anyio

AMOUNTS = (0, 1, 2, 99, 100, 12_345, 10**9 + 7, 10**12, 10**15 - 1, 10**15)
RATES = ("0.00000001", "0.00613", "0.5", "1", "1.0823", "2", "7.4604", "163.29", "99999.12345678", "1000000")
CURRENCIES = ("EUR", "JPY", "KWD", "CLF", "USD")


def test_an_amount_is_divided_by_the_rate_and_rounded_once_half_to_even() -> None:
    given: tuple[tuple[int, str, str, str, int], ...] = (
        (108_230, "1.0823", "USD", "EUR", 100_000), (100_000, "1.0823", "USD", "EUR", 92_396),
        (1, "2", "USD", "EUR", 0), (3, "2", "USD", "EUR", 2), (16_329, "163.29", "JPY", "EUR", 10_000),
        (10_000, "0.00613", "EUR", "JPY", 16_313), (1_000, "0.3328", "KWD", "EUR", 300),
        (100, "1", "CLF", "JPY", 0), (MAX_MINOR, "1000000", "JPY", "KWD", 10**12),
        (MAX_MINOR, "1", "EUR", "USD", MAX_MINOR),
    )  # fmt: skip
    for amount, rate, currency, funding, expected in given:
        assert converted(amount, Decimal(rate), currency, funding) == expected, (amount, rate)


async def test_both_engines_compute_what_python_does_and_never_overflow_in_silence(database: Database) -> None:
    cases = [(each, rate, own, to) for each in AMOUNTS for rate in RATES for own in CURRENCIES for to in CURRENCIES]
    drawn = Random(7)  # noqa: S311 - the same cases every time
    some = [case for case in drawn.sample(cases, 400) if case[2] != case[3]]
    half = [(2 * each + 1, "2", "USD", "EUR") for each in range(50)]
    async with database.bypass_policies("a test computes without rows").connect() as connection:
        for amount, rate, own, to in (*some, *half):
            minor, fits = await _computed(connection, amount, ExchangeRate.units(Decimal(rate)), own, to)
            expected = converted(amount, Decimal(rate), own, to)
            assert minor == (expected if fits else None), (amount, rate, own, to)
            # The database stops a little above the largest amount, so that the next check can refuse it.
            assert fits or expected > MAX_MINOR, (amount, rate, own, to)
        assert await _computed(connection, 100, 0, "USD", "EUR") == (None, False)


async def _computed(connection: AsyncConnection, amount: int, rate: int, own: str, to: str) -> tuple[int | None, bool]:
    row = f"SELECT CAST({amount} AS BIGINT) AS amount, CAST({rate} AS BIGINT) AS rate, '{own}' AS own, '{to}' AS money"
    names = ("amount", "rate", "own", "money")
    query = f"SELECT {converted_sql(*names)}, {fits_sql(*names)} FROM ({row}) AS line"  # noqa: S608 - ours
    minor, fits = tuple[Any, ...]((await connection.exec_driver_sql(query)).one())
    return minor, bool(fits)


STATED: dict[str, Any] = {
    "funded_in": "EUR", "exchange_rate": Decimal("1.0823"), "exchange_rate_on": dt.date(2026, 3, 2),
    "exchange_rate_source": "ECB", **money(value="1082.30 USD"),
}  # fmt: skip


async def test_the_database_refuses_a_rate_that_says_not_all_or_too_much(database: Database) -> None:
    await allowed(database, an_order(a_procurement(), **STATED))
    unknown = {"value_minor": None, "value_currency": None}
    refused_by: tuple[tuple[str, dict[str, Any]], ...] = (
        *(("exchange_rate", {name: None}) for name in EXCHANGE),
        *(
            ("exchange_rate", {**unknown, "exchange_rate": rate})
            for rate in (Decimal(0), -MIN_RATE, MAX_RATE + MIN_RATE)
        ),
        ("funded_in", {"funded_in": "USD"}),
        ("exchange_fits", {"exchange_rate": MIN_RATE, **money(value="10000000000000.00 USD")}),
    )
    for name, changes in refused_by:
        await refused_row(database, f"ck_purchase_orders_{name}", an_order(a_procurement(), **STATED | changes))
    # A little more than can be stored: the amount is computed, and its own check refuses it.
    much = STATED | {"status": PurchaseOrderStatus.PLACED, "exchange_rate": Decimal("0.99999999")}
    most = an_order(a_procurement(), **much | money(value="10000000000000.00 USD"))
    await refused_row(database, "ck_purchase_orders_bound", most)


async def test_the_database_refuses_money_that_is_not_there_and_a_day_to_come(database: Database) -> None:
    market = await Market(database).open()
    bought = await market.procurement()
    row = await market.allocation(await market.contribution("1000.00"), bought, "1000.00")
    placed = an_order(bought, status=PurchaseOrderStatus.PLACED, **STATED)
    await market.keep(placed)
    await loaded(market, placed)
    order = {"order": placed}
    less, later = "108229000", "'2999-01-01'"
    for rule, change in {
        "orders_sum": f"exchange_rate = {less}",
        "orders_sum ": "value_minor = 108232",
        "future": f"exchange_rate_on = {later}",
    }.items():
        statement = f"UPDATE purchase_orders SET {change} WHERE id = '{{order}}'"  # noqa: S608 - ours
        await refused(market, rule.strip(), statement, **order)
    await refused(market, "orders_sum", "UPDATE allocations SET amount_minor = 99999 WHERE id = '{row}'", row=row)
    dear = "UPDATE purchase_orders SET exchange_rate = 200000000 WHERE id = '{order}'"
    await write(market, dear, **order)
    await write(market, "UPDATE allocations SET amount_minor = 54115 WHERE id = '{row}'", row=row)
