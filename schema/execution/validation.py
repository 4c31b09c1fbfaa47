"""The rules a document is held to: GraphQL's own, with values refused in the words of the contract."""

from __future__ import annotations

import contextlib
from itertools import count
from typing import TYPE_CHECKING, Any

from graphql import SKIP, specified_rules
from graphql.utilities.validate_input_value import validate_input_literal
from graphql.validation import MaxIntrospectionDepthRule, ValuesOfCorrectTypeRule

from resolvers.core.errors import BadUserInputError

if TYPE_CHECKING:
    from graphql import ArgumentNode, GraphQLError, GraphQLInputType, ValueNode, VisitorAction


#: How many faults of one value are reported. Each repeats the value, so that to find them all takes long.
MAX_FAULTS = 5


class _EnoughFaults(Exception):  # noqa: N818 - it is no error of anybody's
    """Ends the search for faults in a value."""


class AllowedValues(ValuesOfCorrectTypeRule):
    """Refuses a value written in the document as one among the variables is refused: by the name of its argument."""

    argument = ""

    def enter_argument(self, node: ArgumentNode, *_: Any) -> None:
        """Remember the argument a value is for."""
        self.argument = node.name.value

    def is_valid_value_node(self, node: ValueNode, input_type: GraphQLInputType | None) -> VisitorAction:
        """Report what in a value does not fit its type."""
        faults = count(1)

        def refuse(error: GraphQLError, path: list[str | int]) -> None:
            place = ".".join(str(step) for step in (self.argument, *path) if step != "")
            # Python's own words for a number of thousands of digits are no help to who wrote it.
            too_long = "set_int_max_str_digits" in error.message
            refusal = BadUserInputError(f"{place}: {'The number has too many digits.' if too_long else error.message}")
            refusal.nodes, refusal.source = error.nodes, error.source
            refusal.positions, refusal.locations = error.positions, error.locations
            self.report_error(refusal)
            if next(faults) == MAX_FAULTS:
                raise _EnoughFaults

        if input_type:
            with contextlib.suppress(_EnoughFaults):
                validate_input_literal(node, input_type, refuse, None, None, hide_suggestions=True)
        return SKIP


RULES = tuple(
    AllowedValues if rule is ValuesOfCorrectTypeRule else rule
    for rule in specified_rules
    # How far introspection may go in circles is one of our limits.
    if rule is not MaxIntrospectionDepthRule
)
