"""The rules a document is held to: GraphQL's own, with values refused in the words of the contract."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphql import SKIP, specified_rules
from graphql.utilities.validate_input_value import validate_input_literal
from graphql.validation import ValuesOfCorrectTypeRule

from resolvers.errors import BadUserInputError

if TYPE_CHECKING:
    from graphql import ArgumentNode, GraphQLError, GraphQLInputType, ValueNode, VisitorAction


class AllowedValues(ValuesOfCorrectTypeRule):
    """Refuses a value written in the document as one among the variables is refused: by the name of its argument."""

    argument = ""

    def enter_argument(self, node: ArgumentNode, *_: Any) -> None:
        """Remember the argument a value is for."""
        self.argument = node.name.value

    def is_valid_value_node(self, node: ValueNode, input_type: GraphQLInputType | None) -> VisitorAction:
        """Report whatever in a value does not fit its type."""

        def refuse(error: GraphQLError, path: list[str | int]) -> None:
            place = ".".join(str(step) for step in (self.argument, *path) if step != "")
            # Python's own words for a number of thousands of digits are no help to who wrote it.
            too_long = "set_int_max_str_digits" in error.message
            refusal = BadUserInputError(f"{place}: {'The number has too many digits.' if too_long else error.message}")
            refusal.nodes, refusal.source = error.nodes, error.source
            refusal.positions, refusal.locations = error.positions, error.locations
            self.report_error(refusal)

        if input_type:
            validate_input_literal(node, input_type, refuse, None, None, hide_suggestions=True)
        return SKIP


RULES = tuple(AllowedValues if rule is ValuesOfCorrectTypeRule else rule for rule in specified_rules)
