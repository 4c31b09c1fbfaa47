"""The sizes of variables that determine an operation's cost: page sizes, numbers of ids, conditions, lengths of lists.

`schema/limits/measure.py` and `CostKey` use the same functions: two requests with the same key have the same cost,
even if their variables differ.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphql import (
    GraphQLInputObjectType,
    IntValueNode,
    ListTypeNode,
    ListValueNode,
    NonNullTypeNode,
    NullValueNode,
    OperationDefinitionNode,
    get_named_type,
    is_input_type,
    type_from_ast,
)

from resolvers.core.limits import MAX_PAGE_SIZE
from schema.limits.condition_count import count_conditions

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping

    from graphql import GraphQLInputType, GraphQLSchema

#: The scalars of the measured arguments: `Int` for `first` and `last`, `ID` for `ids`.
MEASURED = frozenset({"Int", "ID"})


def plain(value: Any) -> Any:
    """Return the measurable value of an argument: a number or a list; None if it is absent or null."""
    if isinstance(value, IntValueNode):
        # A number of thousands of digits is slow to parse, and validation rejects it later.
        return int(value.value) if len(value.value) <= len(str(MAX_PAGE_SIZE)) else MAX_PAGE_SIZE
    if isinstance(value, ListValueNode):
        return value.values
    return None if isinstance(value, NullValueNode) else value


def page_size(value: Any) -> int | None:
    """Return the length that a page with the size `value` counts as; None without a size."""
    if value is None:
        return None
    # Validation rejects invalid sizes later.
    return int(min(max(value, 1), MAX_PAGE_SIZE)) if isinstance(value, int | float) else MAX_PAGE_SIZE


def count_of(value: Any) -> int:
    """Return the number of objects that a list of ids requests; a single id counts as a list."""
    return len(value) if isinstance(value, list | tuple) else 1


def values_of(operation: OperationDefinitionNode, variables: Mapping[str, Any]) -> dict[str, Any]:
    """Return the value of each variable of an operation, or its default from the document."""
    defaults = {node.variable.name.value: node.default_value for node in operation.variable_definitions or ()}
    return {name: variables.get(name, default) for name, default in defaults.items()}


class CostKey:
    """Makes the cache key for the cost of one valid operation, from the variables that determine the cost."""

    def __init__(self, schema: GraphQLSchema, operation: OperationDefinitionNode) -> None:
        self._defaults = values_of(operation, {})
        self._sizes: list[str] = []
        self._conditions: list[tuple[str, GraphQLInputType]] = []
        for node in operation.variable_definitions or ():
            name, kind = node.variable.name.value, type_from_ast(schema, node.type)
            named = get_named_type(kind)
            # A list of plain values, such as the value of `in`, counts by its length.
            written = node.type.type if isinstance(node.type, NonNullTypeNode) else node.type
            if is_input_type(kind) and (isinstance(written, ListTypeNode) or isinstance(named, GraphQLInputObjectType)):
                self._conditions.append((name, kind))
            if named is not None and named.name in MEASURED:
                self._sizes.append(name)

    def key(self, variables: Mapping[str, Any]) -> Hashable:
        """Return the cache key for the cost with these variables, which are not yet parsed."""
        sizes = [plain(variables.get(name, self._defaults[name])) for name in self._sizes]
        counted = [
            count_conditions(kind, variables.get(name, self._defaults[name]), {}) for name, kind in self._conditions
        ]
        return tuple((page_size(value), count_of(value)) for value in sizes), tuple(counted)
