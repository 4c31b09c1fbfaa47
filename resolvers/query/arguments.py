"""Reads the arguments of a field into a tree whose values stay bind parameters.

A compiled statement serves all requests whose arguments have the same shape: the same filters, the same order, the same
page arguments. The values are read from the variables of each request, so each leaf stores the path of its value in
the variables.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLScalarType,
    ListValueNode,
    NullValueNode,
    ObjectValueNode,
    Undefined,
    VariableNode,
)
from graphql.utilities import coerce_input_literal

from resolvers.core.errors import BadUserInputError
from resolvers.sql.parameters import ArgumentTree, ArgumentValue

if TYPE_CHECKING:
    from collections.abc import Mapping

    from graphql import FieldNode, GraphQLField, GraphQLInputType, ValueNode


#: Enums whose values change the SQL of a statement; the values of other enums are bind parameters.
STRUCTURAL_SUFFIXES = ("OrderField", "OrderDirection", "GroupField", "Figure")


def read_arguments(definition: GraphQLField, node: FieldNode, variables: Mapping[str, Any]) -> dict[str, ArgumentTree]:
    """Return the arguments of one field, without absent and null ones.

    `variables` are the coerced variables of the request. The document must be valid.
    """
    given = {argument.name.value: argument.value for argument in node.arguments or ()}
    arguments: dict[str, ArgumentTree] = {}
    for name, argument in definition.args.items():
        tree: ArgumentTree = None
        if name in given:
            tree = _from_literal(given[name], argument.type, variables, name)
        if tree is None and argument.default_value is not Undefined:
            tree = ArgumentValue(name, argument.default_value)
        if tree is not None:
            arguments[name] = tree
    return arguments


def _from_literal(node: ValueNode, kind: GraphQLInputType, variables: Mapping[str, Any], name: str) -> ArgumentTree:
    if isinstance(node, VariableNode):
        variable = node.name.value
        if isinstance(kind, GraphQLNonNull) and variables.get(variable) is None:
            message = f"{name} must not be null. Omit it or set a value."
            raise BadUserInputError(message)
        return from_value(variables.get(variable), kind, (variable,), name)
    kind = kind.of_type if isinstance(kind, GraphQLNonNull) else kind
    if isinstance(node, NullValueNode):
        return None
    if isinstance(kind, GraphQLList):
        items = node.values if isinstance(node, ListValueNode) else [node]
        return [_from_literal(item, kind.of_type, variables, name) for item in items]
    if isinstance(kind, GraphQLInputObjectType) and isinstance(node, ObjectValueNode):
        return {
            field.name.value: _from_literal(
                field.value, kind.fields[field.name.value].type, variables, f"{name}.{field.name.value}"
            )
            for field in node.fields
            if not (isinstance(field.value, VariableNode) and field.value.name.value not in variables)
        }
    return ArgumentValue(name, coerce_input_literal(node, kind))


def from_value(value: Any, kind: GraphQLInputType, path: tuple[str | int, ...], name: str) -> ArgumentTree:
    """Return the argument tree of a variable's coerced value of type `kind`, at `path` in the variables."""
    kind = kind.of_type if isinstance(kind, GraphQLNonNull) else kind
    if value is None:
        return None
    if isinstance(kind, GraphQLList) and not _is_plain(kind.of_type):
        return [from_value(item, kind.of_type, (*path, place), name) for place, item in enumerate(value)]
    if isinstance(kind, GraphQLInputObjectType):
        return {
            key: from_value(item, kind.fields[key].type, (*path, key), f"{name}.{key}") for key, item in value.items()
        }
    return ArgumentValue(name, value, path)


def structural_key(value: Any, kind: GraphQLInputType) -> Any:
    """Return the part of a variable's coerced value that changes the SQL of the statement, as a hashable value."""
    kind = kind.of_type if isinstance(kind, GraphQLNonNull) else kind
    if value is None:
        return None
    if isinstance(kind, GraphQLList):
        shapes = [structural_key(item, kind.of_type) for item in value]
        # For plain values, only the different kinds matter, not the number of values.
        return tuple(sorted(set(shapes), key=str)) if _is_plain(kind.of_type) else tuple(shapes)
    if isinstance(kind, GraphQLInputObjectType):
        return tuple((key, structural_key(item, kind.fields[key].type)) for key, item in sorted(value.items()))
    if isinstance(kind, GraphQLEnumType):
        return getattr(value, "name", value) if kind.name.endswith(STRUCTURAL_SUFFIXES) else ...
    if kind.name == "Boolean":
        return value
    return str(value).partition(":")[0] if kind.name == "ID" else ...


def _is_plain(kind: GraphQLInputType) -> bool:
    kind = kind.of_type if isinstance(kind, GraphQLNonNull) else kind
    if isinstance(kind, GraphQLEnumType):
        return not kind.name.endswith(STRUCTURAL_SUFFIXES)
    return isinstance(kind, GraphQLScalarType)
