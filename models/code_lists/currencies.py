"""Currencies: how many decimals each has, and those that were withdrawn.

The package `iso4217` has the current currencies (ISO 4217, list one). List three, the historic ones, has neither
decimals nor the day on which they ended. Listed here are the national currencies that the euro replaced (Council
Regulation (EC) No 974/98), with the last day on which they were legal tender beside the euro.
"""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

from iso4217 import Currency


class Withdrawn(NamedTuple):
    """A currency that was withdrawn.

    Attributes:
        decimals: The number of its decimals.
        last_day: The last day on which it was legal tender.
        successor: The code of the currency that replaced it.
    """

    decimals: int
    last_day: dt.date
    successor: str


#: The last day of the first twelve national currencies.
_CHANGEOVER = dt.date(2002, 2, 28)

#: The withdrawn currencies by their codes. A code that a later version of the package no longer has is added here.
WITHDRAWN: dict[str, Withdrawn] = {
    **{code: Withdrawn(2, _CHANGEOVER, "EUR") for code in ("ATS", "DEM", "FIM", "FRF", "IEP", "NLG")},
    **{code: Withdrawn(0, _CHANGEOVER, "EUR") for code in ("BEF", "ESP", "GRD", "ITL", "LUF", "PTE")},
    "SIT": Withdrawn(2, dt.date(2007, 1, 14), "EUR"),
    "CYP": Withdrawn(2, dt.date(2008, 1, 31), "EUR"),
    "MTL": Withdrawn(2, dt.date(2008, 1, 31), "EUR"),
    "SKK": Withdrawn(2, dt.date(2009, 1, 16), "EUR"),
    "EEK": Withdrawn(2, dt.date(2011, 1, 14), "EUR"),
    "LVL": Withdrawn(2, dt.date(2014, 1, 14), "EUR"),
    "LTL": Withdrawn(2, dt.date(2015, 1, 15), "EUR"),
    "HRK": Withdrawn(2, dt.date(2023, 1, 14), "EUR"),
    "BGN": Withdrawn(2, dt.date(2026, 1, 31), "EUR"),
}

#: The number of decimals of each currency, current or withdrawn. Codes without a minor unit (gold, test codes) are left
#: out.
EXPONENTS: dict[str, int] = {code: each.decimals for code, each in WITHDRAWN.items()} | {
    currency.code: currency.exponent for currency in Currency if currency.exponent is not None
}
