"""The arguments of a field as a tree whose values stay bind parameters.

A compiled statement serves every request whose arguments have the same shape: which
filters are there, how the list is sorted, whether a bound is given. The values
themselves are looked up anew for each request, so a leaf remembers where its value
stands among the variables.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any, TypeAlias

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

from resolvers.errors import BadUserInputError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from graphql import FieldNode, GraphQLField, GraphQLInputType, ValueNode

#: Enums whose values choose the form of a statement; all others are mere values in it.
STRUCTURAL_SUFFIXES = ("OrderField", "OrderDirection", "GroupField")

#: What no text of the database can contain: NUL, and half of a surrogate pair.
NO_TEXT = re.compile("[\0\ud800-\udfff]")


@dataclass(frozen=True)
class Leaf:
    """A value at the end of a branch: fixed in the document, or found among the variables along `path`.

    `name` is how the value is called in a message, such as `where.title.contains`.
    """

    name: str
    value: Any = None
    path: tuple[str | int, ...] | None = None

    def resolve(self, variables: Mapping[str, Any]) -> Any:
        """Give the value in this request. Raises BadUserInputError for text that cannot be kept."""
        value: Any = self.value
        if self.path is not None:
            value = variables
            for step in self.path:
                value = value[step]
        return [_clean(item, self.name) for item in value] if isinstance(value, list) else _clean(value, self.name)


Tree: TypeAlias = "Leaf | list[Tree] | dict[str, Tree] | None"


def resolve(tree: Tree, variables: Mapping[str, Any]) -> Any:
    """Give the plain values of a tree in this request."""
    if isinstance(tree, Leaf):
        return tree.resolve(variables)
    if isinstance(tree, list):
        return [resolve(item, variables) for item in tree]
    return tree


def _clean(value: Any, name: str) -> Any:
    if isinstance(value, Enum):
        return value.name
    if isinstance(value, str) and NO_TEXT.search(value):
        message = f"{name} holds a NUL or half of a surrogate pair, which no text here can contain: leave it out."
        raise BadUserInputError(message)
    return value


def read_arguments(definition: GraphQLField, node: FieldNode, variables: Mapping[str, Any]) -> dict[str, Tree]:
    """Read the arguments of one field; those that are absent, or null, are left out.

    `variables` are the request's variables, coerced. The document is valid.
    """
    given = {argument.name.value: argument.value for argument in node.arguments or ()}
    arguments: dict[str, Tree] = {}
    for name, argument in definition.args.items():
        tree: Tree = None
        if name in given:
            tree = _from_literal(given[name], argument.type, variables, name)
        if tree is None and argument.default_value is not Undefined:
            tree = Leaf(name, argument.default_value)
        if tree is not None:
            arguments[name] = tree
    return arguments


def _from_literal(node: ValueNode, kind: GraphQLInputType, variables: Mapping[str, Any], name: str) -> Tree:
    if isinstance(node, VariableNode):
        variable = node.name.value
        if isinstance(kind, GraphQLNonNull) and variables.get(variable) is None:
            message = f"{name} is null: leave it out, or give it a value."
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
    return Leaf(name, coerce_input_literal(node, kind))


def from_value(value: Any, kind: GraphQLInputType, path: tuple[str | int, ...], name: str) -> Tree:
    """Read a variable's coerced value of type `kind`, found along `path`."""
    kind = kind.of_type if isinstance(kind, GraphQLNonNull) else kind
    if value is None:
        return None
    if isinstance(kind, GraphQLList) and not _is_plain(kind.of_type):
        return [from_value(item, kind.of_type, (*path, place), name) for place, item in enumerate(value)]
    if isinstance(kind, GraphQLInputObjectType):
        return {
            key: from_value(item, kind.fields[key].type, (*path, key), f"{name}.{key}") for key, item in value.items()
        }
    return Leaf(name, value, path)


def shape(value: Any, kind: GraphQLInputType) -> Any:
    """Give what of a variable's coerced value chooses the form of a statement, as a hashable value."""
    kind = kind.of_type if isinstance(kind, GraphQLNonNull) else kind
    if value is None:
        return None
    if isinstance(kind, GraphQLList):
        shapes = [shape(item, kind.of_type) for item in value]
        # Of plain values only the kinds that occur matter, not how many there are.
        return tuple(sorted(set(shapes), key=str)) if _is_plain(kind.of_type) else tuple(shapes)
    if isinstance(kind, GraphQLInputObjectType):
        return tuple((key, shape(item, kind.fields[key].type)) for key, item in sorted(value.items()))
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
