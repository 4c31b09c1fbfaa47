"""Random values for columns: few enough that ties are common, odd enough that escaping and sorting matter."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from random import Random
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

from sqlalchemy import JSON, BigInteger, Boolean, Date, Integer
from sqlalchemy import Enum as EnumColumn

from models.types import Quantity, UtcDateTime

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Column

T = TypeVar("T")

TEXTS = (
    "",
    " leading",
    "Apple",
    "apple",
    "Zebra",
    "O'Brien & sons",
    'say "hi"',
    "back\\slash \\u0041",
    "100% _under_",
    "two\nlines\tand a tab",
    "a\x01control\x7f",
    "Київ",
    "київ",
    "ÅLAND",
    "åland",
    "I\u0307stanbul",
    "\u0130stanbul \u0131I",
    "stra\u00dfe STRASSE",
    "e\u0301 and \u00e9",
    "line\u2028separator",
    "ﬀ ligature",
    "\ufffd replaced",
    "\uffee below the astral",
    "😀 emoji",
    "\U0010fffd last",
    "$1 :v0 %s ? {}",
)
CURRENCIES = ("EUR", "DKK", "JPY", "ISK", "KWD")
AMOUNTS = (0, 1, 5, 99, 100, 12_345, 12_345, 8_700_000_000, 10**15)
COUNTS = (1, 2, 3, 3, 10, 250, 2**31 - 1)
SIZES = (0, 1, 2**31, 2**53 - 1)
QUANTITIES = tuple(map(Decimal, ("1", "2", "2.5", "3", "3", "10", "0.125", "250", "2147483647")))
PRICES = tuple(map(Decimal, ("0", "1", "1.25", "99", "100.0001", "12345", "12345", "870000000")))
YEARS = (2023, 2024, 2024, 2025, 2031, 2100)
CPV_CODES = ("32420000-3", "48730000-4", "48000000-8")
LANGUAGES = ("en", "et", "uk")
#: None of them is near today: what is overdue today is so in ten years.
DATES = (
    dt.date(1999, 12, 31),
    dt.date(2023, 9, 19),
    dt.date(2024, 2, 29),
    dt.date(2024, 4, 3),
    dt.date(2024, 4, 3),
    dt.date(2025, 1, 1),
    dt.date(2099, 1, 1),
    dt.date(2100, 12, 31),
)
MOMENTS = (
    dt.datetime(1999, 12, 31, 23, 59, 59, 999_999, tzinfo=dt.UTC),
    dt.datetime(2024, 4, 3, 9, 30, tzinfo=dt.UTC),
    dt.datetime(2024, 4, 3, 9, 30, 0, 1, tzinfo=dt.UTC),
    dt.datetime(2024, 4, 3, 9, 30, 0, 100_000, tzinfo=dt.UTC),
    dt.datetime(2026, 1, 1, tzinfo=dt.UTC),
)
RATES = tuple(map(Decimal, ("0", "5.5", "24", "100")))
EXCHANGE_RATES = tuple(map(Decimal, ("1", "1.0823", "163.29", "7.46")))
POOLS: dict[str, Sequence[Any]] = {
    **dict.fromkeys(("exchange_rate", "exchange_rate_before", "exchange_rate_after"), EXCHANGE_RATES),
    "exchange_rate_on": DATES[:4],
    "funded_in": CURRENCIES,
    **dict.fromkeys(("vat_rate", "vat_rate_before", "vat_rate_after"), RATES),
    "cpv_code": CPV_CODES,
    "language": LANGUAGES,
    "sha256": ("0f" * 32, "a0" * 32),
    "quarter": (1, 2, 3, 4),
    # Quantities are added only if their units are the same.
    "unit": ("SET",),
    "version": (1, 2, 7),
    "year": YEARS,
    "planned_year": YEARS,
    "first_year": YEARS,
    "last_year": YEARS,
    "number": (1, 2, 2, 3),
    "byte_size": SIZES,
}
SHARE_OF_NULLS = 0.25


class Values:
    """Draws values from a seed."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)  # noqa: S311  # it must give the same rows every time
        self._texts_given = 0

    def choice(self, values: Sequence[T]) -> T:
        """Return one of `values`."""
        return self.random.choice(values)

    def chance(self, share: float) -> bool:
        """Return True in this share of all cases."""
        return self.random.random() < share

    def key(self) -> str:
        """Return a key; keys do not grow with time, so that the order of entry shows nowhere."""
        return str(UUID(int=self.random.getrandbits(128), version=4))

    def price(self, *, nullable: bool) -> tuple[Decimal | None, str | None]:
        """Return a unit price in minor units and a currency."""
        if nullable and self.chance(SHARE_OF_NULLS):
            return None, None
        return self.choice(PRICES), self.choice(CURRENCIES)

    def money(self, *, nullable: bool) -> tuple[int | None, str | None]:
        """Return minor units and a currency."""
        if nullable and self.chance(SHARE_OF_NULLS):
            return None, None
        return self.choice(AMOUNTS), self.choice(CURRENCIES)

    def of(self, column: Column[Any], keys: Sequence[str]) -> Any:
        """Return a value for a column; `keys` are those a foreign key can have."""
        if column.primary_key:
            return self.key()
        if column.nullable and (self.chance(SHARE_OF_NULLS) or (column.foreign_keys and not keys)):
            return None
        if keys:
            return self.choice(keys)
        if column.unique or column.name == "label":
            return self._unique_text()
        if column.name in POOLS:
            return self.choice(POOLS[column.name])
        return self._plain(column.type)

    def _unique_text(self) -> str:
        self._texts_given += 1
        return f"{self.choice(TEXTS)}{self.random.randrange(100)}-{self._texts_given}"

    def _plain(self, kind: Any) -> Any:
        if isinstance(kind, EnumColumn):
            return self.choice(list(kind.enum_class or ()))
        if isinstance(kind, JSON):
            return self.random.sample(TEXTS, self.random.randrange(4))
        pools: dict[type, Sequence[Any]] = {
            Quantity: QUANTITIES,
            Boolean: (True, False),
            BigInteger: COUNTS,
            Integer: COUNTS,
            Date: DATES,
            UtcDateTime: MOMENTS,
        }
        return self.choice(next((pool for known, pool in pools.items() if isinstance(kind, known)), TEXTS))
