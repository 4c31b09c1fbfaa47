"""Coerces the variables of an operation for each request."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphql import GraphQLNonNull, Undefined, type_from_ast
from graphql.execution.values import get_variable_values
from graphql.utilities import coerce_input_value

from resolvers.core.errors import BadUserInputError
from resolvers.core.limits import MAX_REPORTED_ERRORS
from resolvers.query.arguments import structural_key

if TYPE_CHECKING:
    from collections.abc import Mapping

    from graphql import GraphQLSchema, OperationDefinitionNode, VariableDefinitionNode
    from graphql.execution.values import VariableValues

#: The scalars whose string values need no coercion.
TEXTS = ("ID", "String")


class Variables:
    """The declared variables of one valid operation."""

    def __init__(self, schema: GraphQLSchema, operation: OperationDefinitionNode) -> None:
        self._schema = schema
        self._declared = operation.variable_definitions or ()
        self._kinds = [(node.variable.name.value, type_from_ast(schema, node.type)) for node in self._declared]
        #: A fast path: most repeated operations have only variables of these types.
        self._texts = {name: str(kind).removesuffix("!") in TEXTS for name, kind in self._kinds}
        self._absent = {node.variable.name.value: self._without(node) for node in self._declared}

    def check_names(self, inputs: Mapping[str, Any]) -> None:
        """Raise BadUserInputError for a variable that the operation does not declare: it would have no effect."""
        unknown = sorted(inputs.keys() - self._texts.keys())
        if unknown:
            declared = ", ".join(f"${name}" for name in self._texts) or "none"
            message = (
                f"The operation does not declare the variable ${unknown[0]}. It declares: {declared}. "
                "Declare it, or leave it out of `variables`."
            )
            raise BadUserInputError(message)

    def coerced(self, inputs: Mapping[str, Any]) -> dict[str, Any]:
        """Return the coerced variables of the request.

        Raises:
            BadUserInputError: a variable is not declared, or its value is not allowed.
        """
        if len(inputs) > len(self._texts) or not inputs.keys() <= self._texts.keys():
            self.check_names(inputs)
        found: dict[str, Any] = {}
        for name, kind in self._kinds:
            absent = self._absent[name]
            if name not in inputs and absent is not None:
                found |= absent
                continue
            value = inputs.get(name)
            if type(value) is str and self._texts[name]:
                found[name] = value
                continue
            # Nested values take the slow path, which also checks their depth first.
            coerced = Undefined if isinstance(value, dict | list) else coerce_input_value(value, kind)  # type: ignore[arg-type]
            if coerced is Undefined:
                return self.sourced(inputs).coerced
            found[name] = coerced
        return found

    def sourced(self, inputs: Mapping[str, Any]) -> VariableValues:
        """Return the coerced values with their sources. Raises like `coerced`."""
        found = get_variable_values(
            self._schema, self._declared, dict(inputs), max_errors=MAX_REPORTED_ERRORS, hide_suggestions=True
        )
        if isinstance(found, list):
            raise BadUserInputError("; ".join(error.message for error in found))
        return found

    def structural_key(self, values: Mapping[str, Any]) -> Any:
        """Return the part of the coerced values that changes the SQL of the statement, as a hashable value."""
        return tuple([(name in values, structural_key(values.get(name), kind)) for name, kind in self._kinds])  # type: ignore[arg-type]

    def _without(self, node: VariableDefinitionNode) -> dict[str, Any] | None:
        """Return the value of a variable that the request omits: its default or nothing; None if it is required."""
        if node.default_value is None and isinstance(type_from_ast(self._schema, node.type), GraphQLNonNull):
            return None
        found = get_variable_values(self._schema, (node,), {})
        return None if isinstance(found, list) else found.coerced
