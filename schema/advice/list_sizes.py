"""The sizes of nested lists that are within the limit of objects."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphql import FieldNode, InlineFragmentNode, get_named_type, is_composite_type

from schema.advice.names import joined

if TYPE_CHECKING:
    from graphql import GraphQLNamedType, GraphQLSchema, OperationDefinitionNode, SelectionSetNode


def shorter_lists(schema: GraphQLSchema, operation: OperationDefinitionNode, maximum: int) -> str:
    """Return which lists to shorten, and to which page size; an empty text if the fragments have the lists.

    Only the deepest lists count: all others are much smaller.
    """
    root = schema.get_root_type(operation.operation)
    lists = _deepest(schema, operation.selection_set, root) if root else []
    size = next((size for size in range(50, 0, -1) if lists and _objects(size, len(lists)) <= maximum), 0)
    if not size:
        return ""
    return f"Write `first: {size}` in {joined(lists, 'and')}."


def _objects(size: int, depth: int) -> int:
    return sum(size**level for level in range(1, depth + 1))


def _deepest(schema: GraphQLSchema, selection: SelectionSetNode, parent: GraphQLNamedType) -> list[str]:
    """Return the names of the lists on the path that has the most of them."""
    return max((_below(schema, node, parent) for node in selection.selections), key=len, default=[])


def _below(schema: GraphQLSchema, node: object, parent: GraphQLNamedType) -> list[str]:
    if isinstance(node, InlineFragmentNode):
        kind = schema.get_type(node.type_condition.name.value) if node.type_condition else parent
        return _deepest(schema, node.selection_set, kind) if kind else []
    field = getattr(parent, "fields", {}).get(node.name.value) if isinstance(node, FieldNode) else None
    if field is None or not isinstance(node, FieldNode) or node.selection_set is None:
        return []
    kind = get_named_type(field.type)
    if not is_composite_type(kind):
        return []
    found = _deepest(schema, node.selection_set, kind)
    return [node.name.value, *found] if "first" in field.args else found
