"""Loads the euro's reference rates from the CSV file of the European Central Bank, all or none.

The file (https://www.ecb.europa.eu/stats/eurofxref/eurofxref-hist.zip) has a line for each day and a column for each
currency, with the units of the currency for one euro, or `N/A`.
"""

from __future__ import annotations

import csv
import datetime as dt
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from models import ExchangeRate
from models.code_lists.currencies import EXPONENTS
from models.order_amounts.exchange import MAX_RATE, MIN_RATE
from models.types import ExchangeRate as Rate

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from resolvers.database.database import Database

#: The source of each rate, as answers show it.
SOURCE = "European Central Bank, euro foreign exchange reference rates"

_UNKNOWN = frozenset({"N/A", ""})


class RatesError(ValueError):
    """The file cannot be loaded; the message is one line that names the place."""


class LoadedRates(NamedTuple):
    """The loaded rates: how many, of which days, and the currencies that the register does not know."""

    rates: int
    first: dt.date
    last: dt.date
    skipped: tuple[str, ...]


async def load_rates(database: Database, file: Path) -> LoadedRates:
    """Store the rates of a file. A rate of the same currency and day is replaced.

    Raises:
        RatesError: the file has another form, or a rate that is not allowed.
    """
    with file.open(encoding="utf-8-sig", newline="") as lines:
        try:
            currencies, rows = _read(csv.reader(lines))
        except (UnicodeDecodeError, csv.Error) as error:
            message = f"the file is not a CSV file in UTF-8: {error}"
            raise RatesError(message) from None
    if not rows:
        message = "the file has no rates"
        raise RatesError(message)
    new = insert(ExchangeRate)
    values = {name: new.excluded[name] for name in ("units_per_euro", "source")}
    upsert = new.on_conflict_do_update(index_elements=["currency", "day"], set_=values)
    async with database.bypass_policies("an operator loads exchange rates").begin() as connection:
        await connection.execute(upsert, rows)
    days = [row["day"] for row in rows]
    return LoadedRates(len(rows), min(days), max(days), tuple(code for code in currencies if code not in EXPONENTS))


def _read(lines: Iterable[list[str]]) -> tuple[list[str], list[dict[str, Any]]]:
    """Return the currencies of the header, and the rates of those that the register knows."""
    [head, *rest] = [*lines] or [[]]
    currencies = [code.strip() for code in head[1:]]
    # Each line of the file ends with a comma.
    while currencies and not currencies[-1]:
        currencies.pop()
    if not head or head[0].strip() != "Date" or not all(_is_code(code) for code in currencies):
        message = "line 1 must have `Date` and then the codes of currencies: download the file of the ECB again"
        raise RatesError(message)
    days: set[dt.date] = set()
    rows: list[dict[str, Any]] = []
    for number, line in enumerate(rest, 2):
        if line:
            rows += _rates_of(number, line, currencies, days)
    return currencies, rows


async def newest_rates(database: Database) -> dt.date | None:
    """Return the day of the newest rates; None without any. Raises DatabaseUnavailableError."""
    engine = database.bypass_policies("exchange rates are public", read_only=True)
    async with engine.connect() as connection:
        day: dt.date | None = await connection.scalar(select(func.max(ExchangeRate.day)))
        return day


def _is_code(code: str) -> bool:
    return len(code) == 3 and code.isascii() and code.isupper()  # noqa: PLR2004 - ISO 4217


def _rates_of(number: int, line: list[str], currencies: list[str], days: set[dt.date]) -> Iterator[dict[str, Any]]:
    try:
        day = dt.date.fromisoformat(line[0].strip())
    except ValueError:
        message = f"line {number} does not begin with a day such as 2024-03-01"
        raise RatesError(message) from None
    if day in days:
        message = f"line {number} repeats {day}"
        raise RatesError(message)
    days.add(day)
    if len(line) <= len(currencies):
        message = f"line {number} has fewer columns than line 1"
        raise RatesError(message)
    for code, text in zip(currencies, line[1:], strict=False):
        if code in EXPONENTS and text.strip() not in _UNKNOWN:
            rate = _rate(text.strip(), f"line {number}, {code}")
            yield {"currency": code, "day": day, "units_per_euro": rate, "source": SOURCE}


def _rate(text: str, place: str) -> Decimal:
    try:
        rate = Decimal(text)
        if MIN_RATE <= rate <= MAX_RATE:
            Rate.units(rate)
            return rate
    except (InvalidOperation, ValueError):
        pass
    message = f"{place}: {text} is not a rate from {MIN_RATE:f} to {MAX_RATE} with at most {Rate.decimals} decimals"
    raise RatesError(message)
