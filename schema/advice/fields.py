"""Advice on selections: an unknown field, a missing selection, and a selection on a value."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphql import (
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLUnionType,
    get_named_type,
    is_leaf_type,
    is_required_argument,
)

from schema.advice.names import advise_name, nearest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from graphql import GraphQLField, GraphQLNamedType, GraphQLSchema

#: The fields that show best what an object is, where it has them.
TELLING = ("id", "code", "reference", "title", "name", "amount", "currency", "status")
MAX_SHOWN = 3


def unknown_field(schema: GraphQLSchema, parent: GraphQLNamedType, name: str) -> str:
    """Return what to write instead of a field that the type does not have."""
    if isinstance(parent, GraphQLUnionType | GraphQLInterfaceType):
        return _on_a_member(schema, parent, name)
    fields = _fields(parent)
    if parent in {schema.query_type, schema.mutation_type}:
        return _at_the_root(schema, parent, name)
    if "nodes" in fields and name in _fields(get_named_type(fields["nodes"].type)):
        return f"This is a list: write `nodes {{ {name} }}`."
    return advise_name(name, fields, f"fields of {parent.name}")


def missing_selection(schema: GraphQLSchema, name: str, kind: GraphQLNamedType) -> str:
    """Return a selection for a field of an object type."""
    return f"Write which fields you need, such as `{name} {{ {_sample(schema, kind)} }}`."


def needless_selection(name: str) -> str:
    """Return how to select a value."""
    return f"It is a value: write `{name}` alone."


def _at_the_root(schema: GraphQLSchema, parent: GraphQLNamedType, name: str) -> str:
    other = schema.mutation_type if parent is schema.query_type else schema.query_type
    if other and name in other.fields:
        kind = "mutation" if other is schema.mutation_type else "query"
        return f"It is a field of a {kind}: begin the document with `{kind} {{`."
    fields = _fields(parent)
    for plural, field in fields.items():
        nodes = _fields(get_named_type(field.type)).get("nodes")
        if nodes and _is_lookup(name, plural, get_named_type(nodes.type).name):
            return f"Query the list: `{plural}(where: {{ … }}) {{ nodes {{ … }} }}`."
    return advise_name(name, fields, "fields at the root")


def _is_lookup(name: str, plural: str, kind: str) -> bool:
    """Return whether a name is that of one object of a list, such as `procurement` or `getProcurement`."""
    names = {kind.lower(), plural.lower()}
    return name.lower().removeprefix("get").removeprefix("all").removesuffix("byid") in names


def _on_a_member(schema: GraphQLSchema, parent: GraphQLUnionType | GraphQLInterfaceType, name: str) -> str:
    members = [kind for kind in schema.get_possible_types(parent) if name in kind.fields]
    if not members:
        found = nearest(name, _fields(parent))
        return advise_name(name, _fields(parent), f"fields of {parent.name}") if found else _spread(schema, parent)
    kind = members[0]
    selected = name if is_leaf_type(get_named_type(kind.fields[name].type)) else f"{name} {{ … }}"
    more = " and `... on Error { message }`" if isinstance(parent, GraphQLUnionType) else ""
    return f"Name the type of the object: `... on {kind.name} {{ {selected} }}`{more}."


def _spread(schema: GraphQLSchema, parent: GraphQLUnionType | GraphQLInterfaceType) -> str:
    names = [kind.name for kind in schema.get_possible_types(parent)]
    return f"Name the type of the object: `... on {names[0]} {{ … }}`." if names else ""


def _sample(schema: GraphQLSchema, kind: GraphQLNamedType) -> str:
    if isinstance(kind, GraphQLUnionType):
        success = kind.types[0]
        inner = next((name for name in success.fields), "")
        return f"... on {success.name} {{ {inner} {{ id }} }} ... on Error {{ message }}"
    fields = _fields(kind)
    if "nodes" in fields:
        return f"nodes {{ {_sample(schema, get_named_type(fields['nodes'].type))} }}"
    values = [name for name, field in fields.items() if is_leaf_type(get_named_type(field.type)) and _is_free(field)]
    telling = [name for name in TELLING if name in values]
    return " ".join((telling or values or ["__typename"])[:MAX_SHOWN])


def _is_free(field: GraphQLField) -> bool:
    return not any(is_required_argument(argument) for argument in field.args.values())


def _fields(kind: Any) -> Mapping[str, GraphQLField]:
    return kind.fields if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType) else {}
