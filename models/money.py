"""Money: an integer number of minor units with an ISO 4217 code; sums never mix currencies.

An amount `x` has two columns, `x_minor` and `x_currency`; both are set or both are null.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from iso4217 import Currency
from sqlalchemy import CheckConstraint

if TYPE_CHECKING:
    from collections.abc import Iterable

#: The number of decimals of each ISO 4217 currency. Codes without a minor unit (gold, test codes) are left out.
EXPONENTS: dict[str, int] = {currency.code: currency.exponent for currency in Currency if currency.exponent is not None}

#: The largest absolute amount: sums of millions of rows still fit into 64 bits.
MAX_MINOR = 10**15

#: Longer numbers are rejected before any computation.
MAX_DIGITS = 20


class Money(NamedTuple):
    """An amount of one currency in its minor units (cents for EUR, whole yen for JPY)."""

    minor: int
    currency: str

    @classmethod
    def of(cls, amount: str | Decimal, currency: str) -> Money:
        """Return the money of a decimal `amount`.

        Raises:
            ValueError: If the currency is unknown, or the amount is not a finite number, has more
                decimals than the currency or is too large.
        """
        if currency not in EXPONENTS:
            message = f"{currency!r} is not an ISO 4217 currency code, such as EUR"
            raise ValueError(message)
        units, exponent = _plain(amount)
        shift = exponent + EXPONENTS[currency]
        minor, rest = (units * 10**shift, 0) if shift >= 0 else divmod(units, 10**-shift)
        if rest:
            message = f"{currency} has {EXPONENTS[currency]} decimals; {amount} has more"
            raise ValueError(message)
        if abs(minor) > MAX_MINOR:
            message = f"{amount} {currency} is too large; the maximum is {cls(MAX_MINOR, currency).amount}"
            raise ValueError(message)
        return cls(minor, currency)

    @property
    def amount(self) -> str:
        """The decimal amount, with exactly as many decimals as the currency has."""
        sign, digits, exponent = int(self.minor < 0), str(abs(self.minor)), -EXPONENTS[self.currency]
        return f"{Decimal((sign, tuple(map(int, digits)), exponent)):f}"


def _plain(amount: str | Decimal) -> tuple[int, int]:
    """Return a decimal number as an integer and a power of ten, which no decimal context rounds.

    Raises:
        ValueError: If the amount is not a finite number or has too many digits.
    """
    try:
        found = Decimal(amount)
    except ArithmeticError as error:
        message = f"{amount!r} is not a decimal number, such as 12.50"
        raise ValueError(message) from error
    sign, digits, exponent = found.as_tuple()
    if not isinstance(exponent, int) or len(digits) > MAX_DIGITS or abs(exponent) > MAX_DIGITS:
        message = f"{amount} is not a finite number of at most {MAX_DIGITS} digits"
        raise ValueError(message)
    units = int("".join(map(str, digits)))
    return (-units if sign else units), exponent


def sums_by_currency(amounts: Iterable[Money]) -> list[Money]:
    """Return the sum of `amounts` for each currency, in the order of the currency codes."""
    sums: dict[str, int] = {}
    for minor, currency in amounts:
        sums[currency] = sums.get(currency, 0) + minor
    return [Money(minor, currency) for currency, minor in sorted(sums.items())]


def money_checks(*names: str) -> list[CheckConstraint]:
    """Return the check constraints of the amounts `names`: both columns or none, not negative, a three-letter code."""
    return [
        CheckConstraint(
            f"({name}_minor IS NULL AND {name}_currency IS NULL) OR ({name}_minor IS NOT NULL "
            f"AND {name}_currency IS NOT NULL AND {name}_minor BETWEEN 0 AND {MAX_MINOR} "
            f"AND length({name}_currency) = 3)",
            name=name,
        )
        for name in names
    ]


def signed_money_checks(*names: str) -> list[CheckConstraint]:
    """Return the check constraints of required amounts that can be negative."""
    return [
        CheckConstraint(
            f"{name}_minor BETWEEN -{MAX_MINOR} AND {MAX_MINOR} AND length({name}_currency) = 3",
            name=name,
        )
        for name in names
    ]
