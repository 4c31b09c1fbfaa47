"""The field that explains a figure of an object, and the type of explanations."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any

from models.explained.rows import figures_of, rule_of
from resolvers.core.naming import api_name, noun
from resolvers.query.fields.explanations import EXPLAIN, FIGURE
from schema.builder.enums import make_enum
from schema.builder.fields import argument, field, make_type
from schema.builder.money import Money
from schema.builder.scalars import Quantity

if TYPE_CHECKING:
    from collections.abc import Callable


def explained_field(model: type[Any], connection: Callable[[str, type, str], Any]) -> Any:
    """Make the field that explains a figure of a type's objects; `connection` makes the field of the rows."""
    words = "Why one of its figures is what it is: the rule, the rows that it adds up, and those that it leaves out."
    kind = explanation_type(connection)
    return field(EXPLAIN, kind, words, argument(FIGURE, figure_enum(model), "The figure to explain."))


def figure_enum(model: type[Any]) -> Any:
    """Make the enum of the figures of a type that can be explained."""
    figures = figures_of(model)
    names = {name: f"`{api_name(figure.name)}`: {rule_of(figure)}" for name, figure in figures.items()}
    return make_enum(f"{model.__name__}Figure", f"A figure of a {noun(model.__name__)} that can be explained.", names)


@cache
def explanation_type(connection: Callable[[str, type, str], Any]) -> Any:
    """Make the type of an explanation."""
    # Its module declares it with this package, so it can only be imported when the types are made.
    row = import_module("schema.planning.explanations").ExplanationRow
    sums = "of a figure with one amount for each currency, which are the `sums` of the rows"
    return make_type(
        "Explanation",
        "Why a figure of an object is what it is.",
        [
            field("figure", str, "The field with the figure."),
            field("rule", str, "The rule of the figure, in words."),
            field(
                "quantity",
                Quantity | None,
                "The figure: the sum of the rows that count. Null if it is unknown, and for money.",
            ),
            field(
                "amount",
                Money | None,
                f"The figure: the sum of the rows that count. Null if it is unknown, for a quantity, and {sums}.",
            ),
            connection(
                "considered_rows",
                row,
                "The rows that the figure adds up, and the rows that it leaves out with the reason.",
            ),
        ],
    )
