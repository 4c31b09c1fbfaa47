"""Money: an integer of minor units beside an ISO 4217 code, never a float, never across currencies.

An amount `x` is two columns, `x_minor` and `x_currency`, both null or neither.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from iso4217 import Currency
from sqlalchemy import CheckConstraint

if TYPE_CHECKING:
    from collections.abc import Iterable

#: ISO 4217: how many decimals each currency has. Codes without a minor unit (gold, test codes) are no money.
EXPONENTS: dict[str, int] = {currency.code: currency.exponent for currency in Currency if currency.exponent is not None}

#: The most an amount may be, either way: sums of millions of rows stay within 64 bits.
MAX_MINOR = 10**15

#: Longer numbers are refused before they are reckoned with.
MAX_DIGITS = 20


class Money(NamedTuple):
    """An amount of one currency in its minor units (cents for EUR, whole yen for JPY)."""

    minor: int
    currency: str

    @classmethod
    def of(cls, amount: str | Decimal, currency: str) -> Money:
        """Give the money of a decimal `amount`.

        Raises ValueError for an unknown currency, for more decimals than the currency has,
        for what is not a finite number and for one too large to keep.
        """
        if currency not in EXPONENTS:
            message = f"{currency!r} is not a currency of ISO 4217"
            raise ValueError(message)
        units, exponent = _plain(amount)
        shift = exponent + EXPONENTS[currency]
        minor, rest = (units * 10**shift, 0) if shift >= 0 else divmod(units, 10**-shift)
        if rest:
            message = f"{currency} has {EXPONENTS[currency]} decimals, not those of {amount}"
            raise ValueError(message)
        if abs(minor) > MAX_MINOR:
            message = f"{amount} {currency} is more than can be kept"
            raise ValueError(message)
        return cls(minor, currency)

    @property
    def amount(self) -> str:
        """The decimal amount with exactly the currency's decimals."""
        sign, digits, exponent = int(self.minor < 0), str(abs(self.minor)), -EXPONENTS[self.currency]
        return f"{Decimal((sign, tuple(map(int, digits)), exponent)):f}"


def _plain(amount: str | Decimal) -> tuple[int, int]:
    """Give a decimal number as whole units and a power of ten: integers, which no decimal context rounds.

    Raises ValueError for what is no finite number or is longer than an amount can be.
    """
    try:
        found = Decimal(amount)
    except ArithmeticError as error:
        message = f"{amount!r} is not an amount"
        raise ValueError(message) from error
    sign, digits, exponent = found.as_tuple()
    if not isinstance(exponent, int) or len(digits) > MAX_DIGITS or abs(exponent) > MAX_DIGITS:
        message = f"{amount} is not an amount that can be kept"
        raise ValueError(message)
    units = int("".join(map(str, digits)))
    return (-units if sign else units), exponent


def add_up(amounts: Iterable[Money]) -> list[Money]:
    """Give the sums of `amounts`, one for each currency, in the order of the codes."""
    sums: dict[str, int] = {}
    for minor, currency in amounts:
        sums[currency] = sums.get(currency, 0) + minor
    return [Money(minor, currency) for currency, minor in sorted(sums.items())]


def money_checks(*names: str) -> list[CheckConstraint]:
    """Give the checks of the amounts `names`: both columns or neither, not negative, a code of three letters."""
    return [
        CheckConstraint(
            f"({name}_minor IS NULL AND {name}_currency IS NULL) OR ({name}_minor IS NOT NULL "
            f"AND {name}_currency IS NOT NULL AND {name}_minor BETWEEN 0 AND {MAX_MINOR} "
            f"AND length({name}_currency) = 3)",
            name=name,
        )
        for name in names
    ]
