"""Quantities with decimals, unit prices below a cent, and the amounts of lines that the database computes."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from models import OrderLine
from models.money import Money, Price, line_amount
from models.order_amounts.line_amounts import AMOUNT_FITS, LINE_AMOUNT, amount_fits
from models.types import Quantity, UnitPrice
from models.units import CODES, COUNTED, counts_whole, fits_unit
from tests.support.purchasing import Market

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

    from resolvers.database.database import Database

QUANTITIES = st.decimals("0.001", 10**11, places=3)
PRICES = st.decimals(0, 10**14, places=4)


@given(QUANTITIES)
def test_a_quantity_is_stored_in_thousandths_and_read_back(quantity: Decimal) -> None:
    assert Quantity.number(Quantity.units(quantity)) == quantity


def test_a_quantity_with_four_decimals_is_refused() -> None:
    with pytest.raises(ValueError, match="more than 3 decimals"):
        Quantity.units(Decimal("0.0001"))


@pytest.mark.parametrize(
    ("price", "minor", "amount"),
    [
        ("0.0125 EUR", "1.25", "0.0125"),
        ("12.5 EUR", "1250", "12.50"),
        ("0.000001 EUR", "0.0001", "0.000001"),
        ("7.0001 JPY", "7.0001", "7.0001"),
        ("7 JPY", "7", "7"),
    ],
)
def test_a_unit_price_has_four_decimals_more_than_its_currency(price: str, minor: str, amount: str) -> None:
    found = Price.of(*price.split())
    assert (found.minor, found.amount) == (Decimal(minor), amount)


def test_a_unit_price_with_more_decimals_is_refused() -> None:
    with pytest.raises(ValueError, match=r"a unit price in EUR has at most 6 decimals; 0\.0000001 has more"):
        Price.of("0.0000001", "EUR")


def test_half_a_cent_is_rounded_to_the_even_cent() -> None:
    assert [line_amount(Decimal(1), Decimal(text)) for text in ("0.5", "1.5", "2.5", "2.5001")] == [0, 2, 2, 3]


def test_whole_units_refuse_decimals_and_measured_units_take_them() -> None:
    assert {*CODES} > COUNTED
    assert [counts_whole(unit) for unit in (None, "set", "H87", "MON", "months", "LH")] == [
        *(True, True, True),
        *(False, False, False),
    ]
    assert fits_unit(Decimal("2.5"), "MON")
    assert fits_unit(None, "set")
    assert not fits_unit(Decimal("2.5"), "set")


LINES: list[tuple[int | str, int | str]] = [
    *((1, "0.5"), ("1.5", "1"), ("0.125", "4"), (3, "1.25"), ("2.5", "100.0001"), ("0.001", "0.0001")),
    *((10**11, "0.0001"), (10**11, "10000"), ("0.001", 10**14), (10**11, "10001"), (2, 10**14), (1, 10**14)),
    *((0, "4"), (0, 10**14)),
    *(("99999999999.999", "9999.9999"), ("33333333.333", "29999999.9999")),
]


@pytest.mark.anyio
async def test_the_database_computes_the_amount_as_python_does(database: Database) -> None:
    async with database.bypass_policies("a test computes without rows").connect() as connection:
        for quantity, price in LINES:
            amount, fits = await _computed(connection, Decimal(quantity), Decimal(price))
            assert bool(fits) is amount_fits(Decimal(quantity), Decimal(price)), (quantity, price)
            assert amount == (line_amount(Decimal(quantity), Decimal(price)) if fits else None), (quantity, price)


async def _computed(connection: AsyncConnection, quantity: Decimal, price: Decimal) -> tuple[int | None, bool]:
    line = f"SELECT CAST({Quantity.units(quantity)} AS BIGINT) AS quantity, 'GOODS' AS kind, "
    line += f"CAST({UnitPrice.units(price)} AS BIGINT) AS unit_price_minor"
    found = await connection.exec_driver_sql(f"SELECT {LINE_AMOUNT}, {AMOUNT_FITS} FROM ({line}) AS line")  # noqa: S608 - ours
    amount, fits = tuple[Any, ...](found.one())
    return amount, bool(fits)


@pytest.mark.anyio
async def test_an_amount_that_does_not_fit_is_refused_by_the_database(database: Database) -> None:
    market = await Market(database).open()
    order = await market.order(await market.procurement(), 1)
    too_much = update(OrderLine).where(OrderLine.id == order.lines[0].id).values(quantity=10**11 + 1)
    async with database.bypass_policies("a test writes a row", unaudited=True).begin() as connection:
        with pytest.raises(IntegrityError, match="amount_fits"):
            await connection.execute(too_much)


def test_money_has_no_more_decimals_than_before() -> None:
    with pytest.raises(ValueError, match="EUR has 2 decimals"):
        Money.of("0.0125", "EUR")
