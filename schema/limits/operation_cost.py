"""The cost of an operation, measured before the validation of its document."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphql import OperationType

from resolvers.core.limits import CONDITION_COST, INTROSPECTION_VALUES_PER_COST, MUTATION_COST, SELECT_COST
from schema.limits.check import check

if TYPE_CHECKING:
    from collections.abc import Mapping

    from graphql import DocumentNode, GraphQLSchema, OperationDefinitionNode

    from resolvers.core.limits import Limits


def operation_cost(
    schema: GraphQLSchema,
    document: DocumentNode,
    operation: OperationDefinitionNode,
    variables: Mapping[str, Any],
    limits: Limits,
) -> int:
    """Return the cost of one operation of a document, without that of the request.

    `variables` are those of the request, not yet parsed. Raises LimitError if the operation exceeds a limit.
    """
    name = operation.name.value if operation.name else None
    measured = check(schema, document, name, variables, limits)
    changed = MUTATION_COST * measured.roots if operation.operation is OperationType.MUTATION else 0
    introspected = -(-measured.introspection_values // INTROSPECTION_VALUES_PER_COST)
    selected = CONDITION_COST * measured.conditions + SELECT_COST * measured.selects
    return measured.nodes + selected + introspected + changed
