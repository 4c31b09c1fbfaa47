"""Money: an integer number of minor units with an ISO 4217 code; sums never mix currencies.

An amount `x` has two columns, `x_minor` and `x_currency`; both are set or both are null.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import CheckConstraint

from models.code_lists.currencies import EXPONENTS
from models.types import Quantity, UnitPrice

if TYPE_CHECKING:
    from collections.abc import Iterable

#: The largest absolute amount: sums of millions of rows still fit into 64 bits.
MAX_MINOR = 10**15

#: The largest unit price, in minor units: it is stored in ten-thousandths.
MAX_PRICE = 10**14

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
        minor, has_more = _scaled(amount, currency, 0)
        if has_more:
            message = f"{currency} has {EXPONENTS[currency]} decimals; {amount} has more"
            raise ValueError(message)
        if abs(minor) > MAX_MINOR:
            message = f"{amount} {currency} is too large; the maximum is {cls(MAX_MINOR, currency).amount}"
            raise ValueError(message)
        return cls(minor, currency)

    def __str__(self) -> str:
        """Return the amount and the currency, as messages show them, such as `120.00 EUR`."""
        return f"{self.amount} {self.currency}"

    @property
    def amount(self) -> str:
        """The decimal amount, with exactly as many decimals as the currency has."""
        sign, digits, exponent = int(self.minor < 0), str(abs(self.minor)), -EXPONENTS[self.currency]
        return f"{Decimal((sign, tuple(map(int, digits)), exponent)):f}"


class Price(NamedTuple):
    """A price of one unit in minor units of its currency, with up to four decimals: 0.0125 EUR is 1.25 cents."""

    minor: Decimal
    currency: str

    @classmethod
    def of(cls, amount: str | Decimal, currency: str) -> Price:
        """Return the price of a decimal `amount`. Raises ValueError as `Money.of` does."""
        units, has_more = _scaled(amount, currency, UnitPrice.decimals)
        if has_more:
            most = EXPONENTS[currency] + UnitPrice.decimals
            message = f"a unit price in {currency} has at most {most} decimals; {amount} has more"
            raise ValueError(message)
        if abs(units) > UnitPrice.units(MAX_PRICE):
            message = f"{amount} {currency} is too large; the maximum is {Money(MAX_PRICE, currency).amount}"
            raise ValueError(message)
        return cls(UnitPrice.number(units), currency)

    def __str__(self) -> str:
        """Return the amount and the currency, as messages show them, such as `120.00 EUR`."""
        return f"{self.amount} {self.currency}"

    @property
    def amount(self) -> str:
        """The decimal price, with the decimals of the currency and more only where they are not zero."""
        more = Decimal(self.minor).normalize().as_tuple().exponent
        decimals = EXPONENTS[self.currency] + max(-more if isinstance(more, int) else 0, 0)
        return f"{Decimal(self.minor).scaleb(-EXPONENTS[self.currency]):.{decimals}f}"


def line_amount(quantity: Decimal | int, price: Decimal | int) -> int:
    """Return the quantity times the unit price in minor units, rounded half to even; the database computes the same.

    Args:
        quantity: The quantity, with at most three decimals.
        price: The unit price in minor units, with at most four decimals.
    """
    whole, rest = divmod(Quantity.units(quantity) * UnitPrice.units(price), _LINE_UNITS)
    return whole + int(rest * 2 > _LINE_UNITS or (rest * 2 == _LINE_UNITS and whole % 2 == 1))


#: How many units of a quantity times a unit price are one minor unit.
_LINE_UNITS: int = 10 ** (Quantity.decimals + UnitPrice.decimals)


def _scaled(amount: str | Decimal, currency: str, more: int) -> tuple[int, bool]:
    """Return an amount in units with `more` decimals than the currency's minor unit, and whether it has more still.

    Raises:
        ValueError: If the currency is unknown, or the amount is not a finite number or has too many digits.
    """
    if currency not in EXPONENTS:
        message = f"{currency!r} is not an ISO 4217 currency code, such as EUR"
        raise ValueError(message)
    units, exponent = _plain(amount)
    shift = exponent + EXPONENTS[currency] + more
    scaled, rest = (units * 10**shift, 0) if shift >= 0 else divmod(units, 10**-shift)
    return scaled, rest != 0


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


def money_checks(*names: str, most: int = MAX_MINOR, least: int = 0) -> list[CheckConstraint]:
    """Return the check constraints of the amounts `names`: both columns or none, within a range, a three-letter code.

    Args:
        names: The names of the amounts.
        most: The largest stored integer.
        least: The smallest stored integer.
    """
    return [
        CheckConstraint(
            f"({name}_minor IS NULL AND {name}_currency IS NULL) OR ({name}_minor IS NOT NULL "
            f"AND {name}_currency IS NOT NULL AND {name}_minor BETWEEN {least} AND {most} "
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
