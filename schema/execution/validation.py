"""The validation rules of documents: GraphQL's rules, with the contract's messages for invalid values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphql import SKIP, DirectiveNode, GraphQLError, specified_rules
from graphql.utilities.validate_input_value import validate_input_literal
from graphql.validation import KnownDirectivesRule, MaxIntrospectionDepthRule, ValuesOfCorrectTypeRule

from resolvers.core.errors import BadUserInputError
from schema.advice import advised
from schema.execution.value_faults import first_faults

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graphql import ArgumentNode, GraphQLInputType, ValueNode, VisitorAction

#: The directives of incremental delivery.
IN_PARTS = frozenset({"defer", "stream"})
ONE_RESPONSE = "a response arrives in one part. Remove the directive, or send a second request for the slow fields."


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
        kind = input_type
        for error, path in first_faults(
            lambda on_fault: validate_input_literal(node, kind, on_fault, None, None, hide_suggestions=True)
        ):
            place = ".".join(str(step) for step in (self.argument, *path) if step != "")
            # Python's message for a number of thousands of digits does not help the client.
            too_long = "set_int_max_str_digits" in error.message
            message = "The number has too many digits." if too_long else error.message
            refusal = BadUserInputError(advised(f"{place}: {message}", self.advice(kind, node, path)))
            refusal.nodes, refusal.source = error.nodes, error.source
            refusal.positions, refusal.locations = error.positions, error.locations
            self.report_error(refusal)
        return SKIP

    def advice(self, _kind: GraphQLInputType, _node: ValueNode, _path: Sequence[str | int]) -> str:
        """Return what to write instead of the part of a value that the path names; nothing for the public."""
        return ""


class OneResponse(KnownDirectivesRule):
    """Says that a response cannot arrive in parts, which the directives of some clients request."""

    def report_error(self, error: GraphQLError) -> None:
        """Report a directive that the contract does not have."""
        node = error.nodes[0] if error.nodes else None
        name = node.name.value if isinstance(node, DirectiveNode) else ""
        if name in IN_PARTS and error.message.startswith("Unknown"):
            error = GraphQLError(f"The directive @{name} is not supported: {ONE_RESPONSE}", error.nodes)
        super().report_error(error)


_OWN: dict[type[Any], type[Any]] = {ValuesOfCorrectTypeRule: AllowedValues, KnownDirectivesRule: OneResponse}

RULES = tuple(
    _OWN.get(rule, rule)
    for rule in specified_rules
    # `schema/limits` limits the depth of introspection.
    if rule is not MaxIntrospectionDepthRule
)
