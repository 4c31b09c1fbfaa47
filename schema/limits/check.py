"""Checks a document against the limits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphql import FragmentDefinitionNode, OperationDefinitionNode

from schema.advice.list_sizes import shorter_lists
from schema.limits.errors import limit_exceeded
from schema.limits.measure import CostMeasurer, OperationCost
from schema.limits.variable_sizes import values_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from graphql import DocumentNode, GraphQLSchema

    from resolvers.core.limits import Limits


def check(
    schema: GraphQLSchema, document: DocumentNode, name: str | None, variables: Mapping[str, Any], limits: Limits
) -> OperationCost:
    """Return the measures of the operation with this name, or of the only operation.

    The other operations and the fragments of the document are validated too, so they must be within the limits as
    well, except for the numbers of objects and conditions. Raises LimitError for the first limit that is exceeded.
    """
    operations = [node for node in document.definitions if isinstance(node, OperationDefinitionNode)]
    wanted = next((node for node in operations if not name or (node.name and node.name.value == name)), None)
    if wanted is None:
        return OperationCost()
    measurer = CostMeasurer(schema, document, values_of(wanted, variables))
    measured = measurer.operation(wanted)
    _hold(measured, limits, wanted)
    for limit in ("nodes", "conditions"):
        if getattr(measured, limit) > getattr(limits, limit):
            advice = shorter_lists(schema, wanted, limits.nodes) if limit == "nodes" else ""
            limit_exceeded(limit, getattr(measured, limit), getattr(limits, limit), advice)
    for node in document.definitions:
        if isinstance(node, OperationDefinitionNode) and node is not wanted:
            _hold(measurer.operation(node), limits, node)
        elif isinstance(node, FragmentDefinitionNode):
            _hold(measurer.fragment(node), limits, None)
    return measured


def _hold(found: OperationCost, limits: Limits, operation: OperationDefinitionNode | None) -> None:
    for name in (
        "depth",
        "fields",
        "aliases",
        "directives",
        "introspection_fields",
        "introspection_lists",
        "introspection_values",
    ):
        if getattr(found, name) > getattr(limits, name):
            limit_exceeded(name, getattr(found, name), getattr(limits, name))
    if operation:
        name = "root_mutations" if operation.operation.value == "mutation" else "root_fields"
        if found.roots > getattr(limits, name):
            limit_exceeded(name, found.roots, getattr(limits, name))
