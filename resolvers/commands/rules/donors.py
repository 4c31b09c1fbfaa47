"""Rules of the donors of a contribution and of their shares."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.money import MAX_MINOR, Money, sums_by_currency
from resolvers.commands.errors import INPUT, Violation
from resolvers.commands.excess import excess

if TYPE_CHECKING:
    from collections.abc import Iterator

    from models import Contribution
    from resolvers.commands.unit_of_work import UnitOfWork


def donors_are_named(_unit: UnitOfWork, row: Contribution) -> Iterator[Violation]:
    """A contribution must have a donor."""
    if not row.donors:
        yield Violation((*INPUT, "donors"), "donors", "A contribution must have a donor. Add at least one.")


def donors_are_sent(unit: UnitOfWork, row: Contribution) -> Iterator[Violation]:
    """A list of donors is not empty: the donors decide who may enter and change the contribution."""
    if "donors" in unit.input:
        yield from donors_are_named(unit, row)


def shares_fit(_unit: UnitOfWork, row: Contribution) -> Iterator[Violation]:
    """The shares must have the currency of the amount, and their sum must not exceed the amount."""
    known = [Money(each.share_minor, each.share_currency or "") for each in row.donors if each.share_minor is not None]
    sums = sums_by_currency([*known, Money(0, row.amount_currency)] if row.amount_currency else known)
    most = MAX_MINOR if row.amount_minor is None else row.amount_minor
    if len(sums) > 1:
        message = "The shares and the amount have different currencies. Use the currency of the amount."
        yield Violation((*INPUT, "donors"), "shares_currency", message)
    elif sums and (more := excess(sums[0].minor, most, sums[0].currency)):
        message = f"The shares are {more}. Reduce the shares or raise the amount."
        yield Violation((*INPUT, "donors"), "shares_sum", message)
