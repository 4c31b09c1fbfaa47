"""The validation rules of documents: GraphQL's rules, with the contract's messages for invalid values."""

from __future__ import annotations

import contextlib
from itertools import count
from typing import TYPE_CHECKING, Any

from graphql import SKIP, specified_rules
from graphql.utilities.validate_input_value import validate_input_literal
from graphql.validation import MaxIntrospectionDepthRule, ValuesOfCorrectTypeRule

from resolvers.core.errors import BadUserInputError
from schema.advice import advised

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graphql import ArgumentNode, GraphQLError, GraphQLInputType, ValueNode, VisitorAction


#: How many faults of one value are reported. Each fault repeats the value, so a search for all of them is slow.
MAX_FAULTS = 5


class _EnoughFaults(Exception):  # noqa: N818 - it is not an error
    """Ends the search for faults in a value."""


class AllowedValues(ValuesOfCorrectTypeRule):
    """Reports an invalid value in the document in the same words as one in the variables: with the argument's name."""

    argument = ""

    def enter_argument(self, node: ArgumentNode, *_: Any) -> None:
        """Remember the argument of the values that follow."""
        self.argument = node.name.value

    def is_valid_value_node(self, node: ValueNode, input_type: GraphQLInputType | None) -> VisitorAction:
        """Report the parts of a value that do not fit its type."""
        if input_type is None:
            return SKIP
        kind, faults = input_type, count(1)

        def refuse(error: GraphQLError, path: list[str | int]) -> None:
            place = ".".join(str(step) for step in (self.argument, *path) if step != "")
            # Python's message for a number of thousands of digits does not help the client.
            too_long = "set_int_max_str_digits" in error.message
            message = "The number has too many digits." if too_long else error.message
            refusal = BadUserInputError(advised(f"{place}: {message}", self.advice(kind, node, path)))
            refusal.nodes, refusal.source = error.nodes, error.source
            refusal.positions, refusal.locations = error.positions, error.locations
            self.report_error(refusal)
            if next(faults) == MAX_FAULTS:
                raise _EnoughFaults

        with contextlib.suppress(_EnoughFaults):
            validate_input_literal(node, kind, refuse, None, None, hide_suggestions=True)
        return SKIP

    def advice(self, _kind: GraphQLInputType, _node: ValueNode, _path: Sequence[str | int]) -> str:
        """Return what to write instead of the part of a value that the path names; nothing for the public."""
        return ""


RULES = tuple(
    AllowedValues if rule is ValuesOfCorrectTypeRule else rule
    for rule in specified_rules
    # `schema/limits` limits the depth of introspection.
    if rule is not MaxIntrospectionDepthRule
)
