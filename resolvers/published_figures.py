"""How published figures may be read and written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models import PublishedFigure
from resolvers.commands.errors import INPUT, Violation
from resolvers.commands.spec import Writing, writable
from resolvers.query.spec import Reading, readable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from resolvers.commands.unit_of_work import Unit

readable(
    Reading(
        PublishedFigure,
        where=(
            "id",
            "reference",
            "measure",
            "value",
            "money",
            "as_of",
            "qualifier",
            "meeting",
            "contribution",
            "delivery",
            "participant",
            "created_at",
            "updated_at",
        ),
        order=("reference", "as_of", "value", "money", "created_at", "updated_at"),
        groups=("measure",),
    )
)


def number_or_money(_unit: Unit, row: PublishedFigure) -> Iterator[Violation]:
    """A figure is a number of things or an amount of money."""
    if (row.value is None) is (row.money_minor is None):
        message = "A figure is a number or an amount of money: give `value` or `money`, and not both."
        yield Violation((*INPUT, "value"), "value_or_money", message)


writable(
    Writing(
        PublishedFigure,
        fields=(
            "reference",
            "measure",
            "value",
            "money",
            "qualifier",
            "as_of",
            "as_of_precision",
            "note",
            "meeting",
            "contribution",
            "delivery",
            "participant",
        ),
        named=("reference",),
        prefix="FIG",
        ranges={"value": (0, 2**53 - 1)},
        checks=(number_or_money,),
    )
)
