"""Advice on arguments and variables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphql import GraphQLInputObjectType, get_named_type

from schema.advice.names import advise_name

if TYPE_CHECKING:
    from graphql import GraphQLField, GraphQLInputType

#: The arguments of other APIs, and those of a list here.
SYNONYMS = {
    **dict.fromkeys(("limit", "size", "pageSize", "perPage", "take", "top", "count"), "first"),
    **dict.fromkeys(("offset", "skip", "page", "cursor"), "after"),
    **dict.fromkeys(("filter", "filters", "reference", "code", "status", "search", "id"), "where"),
    **dict.fromkeys(("sort", "sortBy", "order", "order_by"), "orderBy"),
}
EXAMPLES = {
    "first": "first: 10",
    "after": "after: CURSOR",
    "where": "where: { FIELD: { eq: VALUE } }",
    "orderBy": "orderBy: [{ field: FIELD, direction: ASC }]",
}


def unknown_argument(field: GraphQLField, name: str) -> str:
    """Return what to write instead of an argument that the field does not have."""
    known = field.args
    meant = SYNONYMS.get(name)
    if meant in known:
        return f"Write `{EXAMPLES[meant]}`."
    values = get_named_type(known["input"].type) if "input" in known else None
    if isinstance(values, GraphQLInputObjectType) and name in values.fields:
        return f"Write it into the input: `input: {{ {name}: … }}`."
    if not known:
        return "The field has no arguments."
    return advise_name(name, known, "arguments")


def missing_argument(name: str, kind: GraphQLInputType) -> str:
    """Return what to write for an argument that is required."""
    named = get_named_type(kind)
    if isinstance(named, GraphQLInputObjectType):
        first = next(iter(named.fields), "")
        return f"Write `{name}: {{ {first}: … }}`."
    return f"Write `{name}: …`, a value of the type {kind}."


def undeclared_variable(name: str, kind: GraphQLInputType | None) -> str:
    """Return the declaration of a variable that the operation uses."""
    return f"Declare it with the operation: `query (${name}: {kind or 'TYPE'}) {{ … }}`."


def declared_otherwise(name: str, kind: GraphQLInputType | str) -> str:
    """Return the declaration that fits the place where a variable is used."""
    return f"Declare it as `${name}: {kind}`."
