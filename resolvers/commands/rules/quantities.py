"""Quantities: a quantity has decimals only in a unit that is measured, such as months."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from models.units import MAX_QUANTITY, fits_unit
from resolvers.commands.errors import INPUT, Violation
from resolvers.core.naming import api_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from resolvers.commands.errors import Path
    from resolvers.commands.spec import Rule
    from resolvers.commands.unit_of_work import UnitOfWork

#: The range of a quantity that is not zero.
POSITIVE = (Decimal("0.001"), MAX_QUANTITY)

#: The range of a quantity that can be zero.
NOT_NEGATIVE = (0, MAX_QUANTITY)


def shown(quantity: Decimal) -> str:
    """Return a quantity as messages show it: without needless zeros."""
    return f"{quantity.normalize():f}"


def in_units(quantity: Decimal, kind: str = "") -> str:
    """Return a quantity with the word for its units, such as `1 unit` or `2 ordered units`."""
    return f"{shown(quantity)} {kind}unit{'' if quantity == 1 else 's'}"


def quantity_fits_unit(*names: str) -> Rule:
    """Return the rule that the quantities `names` of an object fit its unit."""

    def rule(_unit: UnitOfWork, row: Any) -> Iterator[Violation]:
        yield from _violations(row, names, INPUT)

    return rule


def quantities_of_lines_fit_unit(*names: str, lines: str = "lines") -> Rule:
    """Return the rule that the quantities `names` of each of the `lines` of an object fit the unit of the line."""

    def rule(unit: UnitOfWork, row: Any) -> Iterator[Violation]:
        for place, line in enumerate(getattr(row, lines) if lines in unit.input else ()):
            yield from _violations(line, names, (*INPUT, lines, str(place)))

    return rule


def _violations(row: Any, names: Sequence[str], at: Path) -> Iterator[Violation]:
    for name in names:
        if not fits_unit(getattr(row, name), row.unit):
            unit = row.unit or "no unit"
            message = f"A quantity in {unit} is a whole number. Decimals need a measured unit, such as MON for months."
            yield Violation((*at, api_name(name)), "whole", message)
