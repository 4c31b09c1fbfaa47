"""Declares the queries and commands of published figures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models import PublishedFigure
from resolvers.commands.errors import INPUT, Violation
from resolvers.commands.spec import MutationSpec, register_mutation_spec
from resolvers.query.spec import QuerySpec, register_query_spec

if TYPE_CHECKING:
    from collections.abc import Iterator

    from resolvers.commands.unit_of_work import UnitOfWork

register_query_spec(
    QuerySpec(
        PublishedFigure,
        filterable=(
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
        sortable=("reference", "as_of", "value", "money", "created_at", "updated_at"),
        groupable=("measure",),
    )
)


def number_or_money(_unit: UnitOfWork, row: PublishedFigure) -> Iterator[Violation]:
    """A published figure must have either a number or an amount of money."""
    if (row.value is None) is (row.money_minor is None):
        message = "A figure must be a number or an amount of money. Set either `value` or `money`, not both."
        yield Violation((*INPUT, "value"), "value_or_money", message)


register_mutation_spec(
    MutationSpec(
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
        auto_named=("reference",),
        name_prefix="FIG",
        ranges={"value": (0, 2**53 - 1)},
        validators=(number_or_money,),
    )
)
