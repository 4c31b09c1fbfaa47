"""What of the variables an operation's measure depends on: page sizes, numbers of ids, conditions, lengths of lists.

`schema/limits/measure.py` measures with these functions, and `CostKey` makes the key of a measure with the same ones:
two requests with the same key have the same measure, whatever their variables are.
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

#: The scalars of the arguments that are measured: `first` and `last`, and `ids`.
MEASURED = frozenset({"Int", "ID"})


def plain(value: Any) -> Any:
    """Give what an argument holds as far as it is measured: a number, a list, None where it is absent or null."""
    if isinstance(value, IntValueNode):
        # One of thousands of digits takes long to read, and is refused later.
        return int(value.value) if len(value.value) <= len(str(MAX_PAGE_SIZE)) else MAX_PAGE_SIZE
    if isinstance(value, ListValueNode):
        return value.values
    return None if isinstance(value, NullValueNode) else value


def page_size(value: Any) -> int | None:
    """Give as how long a page counts whose size is `value`, None where none is given."""
    if value is None:
        return None
    # What is no size of a page is refused later.
    return int(min(max(value, 1), MAX_PAGE_SIZE)) if isinstance(value, int | float) else MAX_PAGE_SIZE


def count_of(value: Any) -> int:
    """Give how many objects a list of ids asks for; a single one is a list of one."""
    return len(value) if isinstance(value, list | tuple) else 1


def values_of(operation: OperationDefinitionNode, variables: Mapping[str, Any]) -> dict[str, Any]:
    """Give the value of each variable of an operation, or its default as the document has it."""
    defaults = {node.variable.name.value: node.default_value for node in operation.variable_definitions or ()}
    return {name: variables.get(name, default) for name, default in defaults.items()}


class CostKey:
    """The variables of one valid operation on which its measure depends."""

    def __init__(self, schema: GraphQLSchema, operation: OperationDefinitionNode) -> None:
        self._defaults = values_of(operation, {})
        self._sizes: list[str] = []
        self._conditions: list[tuple[str, GraphQLInputType]] = []
        for node in operation.variable_definitions or ():
            name, kind = node.variable.name.value, type_from_ast(schema, node.type)
            named = get_named_type(kind)
            # A list of plain values, such as that of `in`, counts by its length.
            written = node.type.type if isinstance(node.type, NonNullTypeNode) else node.type
            if is_input_type(kind) and (isinstance(written, ListTypeNode) or isinstance(named, GraphQLInputObjectType)):
                self._conditions.append((name, kind))
            if named is not None and named.name in MEASURED:
                self._sizes.append(name)

    def key(self, variables: Mapping[str, Any]) -> Hashable:
        """Give the key under which the measure with these variables, as they came, may be kept."""
        sizes = [plain(variables.get(name, self._defaults[name])) for name in self._sizes]
        counted = [
            count_conditions(kind, variables.get(name, self._defaults[name]), {}) for name, kind in self._conditions
        ]
        return tuple((page_size(value), count_of(value)) for value in sizes), tuple(counted)
