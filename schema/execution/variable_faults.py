"""The faults of a request's variables, with advice: what a signed-in caller reads instead of GraphQL's own messages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphql import Undefined, is_input_type, is_non_null_type, type_from_ast
from graphql.utilities.validate_input_value import validate_input_value

from resolvers.core.errors import BadUserInputError
from resolvers.core.limits import MAX_REPORTED_ERRORS
from schema.advice import advised
from schema.advice.values import advise_value
from schema.execution.value_faults import first_faults

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from graphql import GraphQLError, GraphQLInputType, GraphQLSchema, OperationDefinitionNode


def variable_faults(
    schema: GraphQLSchema, operation: OperationDefinitionNode, inputs: Mapping[str, Any]
) -> list[GraphQLError]:
    """Return the faults of the variables `inputs`, at most five; none if all fit the types of a valid operation."""
    faults: list[GraphQLError] = []
    for node in operation.variable_definitions or ():
        name, kind = node.variable.name.value, type_from_ast(schema, node.type)
        if not is_input_type(kind):
            continue
        if name in inputs:
            faults += _faults_of(name, kind, inputs[name])
        elif is_non_null_type(kind) and node.default_value in {None, Undefined}:
            message = f"Variable '${name}' of the type {kind} is missing. Send it in `variables`."
            faults.append(BadUserInputError(message))
    return faults[:MAX_REPORTED_ERRORS]


def _faults_of(name: str, kind: GraphQLInputType, value: Any) -> Iterator[GraphQLError]:
    for error, path in first_faults(
        lambda on_fault: validate_input_value(value, kind, on_fault, hide_suggestions=True)
    ):
        place = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
        message = f"Variable '${name}' has invalid value{place and ' at '}{place}: {error.message}"
        yield BadUserInputError(advised(message, advise_value(kind, value, path)))
