"""Advice on values that do not fit their type, in the document or in the variables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLScalarType,
    Undefined,
    get_named_type,
    get_nullable_type,
    is_list_type,
    is_required_input_field,
)

from schema.advice.names import advise_name, joined, listed, nearest

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from graphql import GraphQLInputType

#: The operators of other APIs, and those of filters here.
OPERATORS = {"gt": "gte", "lt": "lte", "ne": "not", "neq": "not", "equals": "eq", "like": "contains", "between": "gte"}
NUMBERS = {"Int": "Send a whole number, without quotes.", "Float": "Send a number, without quotes."}
BOOLEAN = "Send true or false, without quotes."


def advise_value(kind: GraphQLInputType, value: Any, path: Sequence[str | int]) -> str:
    """Return what to write instead of a value that does not fit.

    Args:
        kind: The type of the argument or variable.
        value: Its value; an enum value of the document is a text.
        path: The path of the fault in the value. For an unknown or missing field, it is that of the object.
    """
    for step in path:
        kind, value = _inner(kind, value, step)
    named = get_named_type(kind)
    if isinstance(named, GraphQLEnumType):
        return _enum(named, value)
    if isinstance(named, GraphQLInputObjectType):
        return _object(kind, named, value)
    if isinstance(named, GraphQLScalarType):
        return BOOLEAN if named.name == "Boolean" else NUMBERS.get(named.name, "")
    return ""


def _inner(kind: GraphQLInputType, value: Any, step: str | int) -> tuple[GraphQLInputType, Any]:
    nullable = get_nullable_type(kind)
    if is_list_type(nullable):
        if not isinstance(step, int):
            # A value alone counts as a list of one, and its path has no index.
            return _inner(nullable.of_type, value, step)
        return nullable.of_type, value[step] if isinstance(value, list) and step < len(value) else value
    fields = nullable.fields if isinstance(nullable, GraphQLInputObjectType) else {}
    if step not in fields:
        return kind, value
    return fields[step].type, value.get(step, Undefined) if isinstance(value, dict) else Undefined


def _enum(kind: GraphQLEnumType, value: Any) -> str:
    if isinstance(value, str) and value in kind.values:
        return f"Write {value} without quotes."
    return advise_name(value if isinstance(value, str) else "", kind.values, "values")


def _object(kind: GraphQLInputType, named: GraphQLInputObjectType, value: Any) -> str:
    if not isinstance(value, dict):
        example = _example(named, value)
        return f"Write `{f'[{example}]' if is_list_type(get_nullable_type(kind)) else example}`."
    unknown = [name for name in value if name not in named.fields]
    if unknown:
        return _unknown_field(named, unknown[0])
    missing = [name for name, field in named.fields.items() if is_required_input_field(field) and name not in value]
    return f"Add {listed(missing)}." if missing else ""


def _unknown_field(named: GraphQLInputObjectType, name: str) -> str:
    fields = named.fields
    if "some" in fields and name in _fields(fields["some"].type):
        return f"The relation is a list: write `some: {{ {name}: … }}` or `none: {{ {name}: … }}`."
    if name in {"some", "none", "every"}:
        return f"The relation has one object: write its conditions without `{name}`."
    if "eq" in fields:
        return f"The operators are {listed(list(fields))}. {_operator(fields, name)}".rstrip()
    return advise_name(name, fields, "fields")


def _operator(fields: Mapping[str, Any], name: str) -> str:
    meant = OPERATORS.get(name, name)
    if meant == "not":
        return "Write `not: { … }` around the condition."
    near = [meant] if meant in fields else nearest(name, fields)
    return f"Do you mean {joined(near, 'or')}?" if near else ""


def _example(named: GraphQLInputObjectType, value: Any) -> str:
    """Return an object of the type as an example, with the value that was sent where it belongs."""
    fields = named.fields
    shown = value if isinstance(value, str | int | float) and not isinstance(value, bool) else "…"
    if "eq" in fields:
        return f"{{ eq: {_literal(fields['eq'].type, shown)} }}"
    if "some" in fields:
        return "{ some: { … } }"
    if fields.keys() == {"amount", "currency"}:
        return f'{{ amount: "{shown if isinstance(shown, int | float) else "5000.00"}", currency: "EUR" }}'
    if fields.keys() == {"field", "direction"}:
        known = get_named_type(fields["field"].type)
        near = nearest(str(shown), known.values) if isinstance(known, GraphQLEnumType) else []
        return f"{{ field: {near[0] if near else 'FIELD'}, direction: ASC }}"
    required = [name for name, field in fields.items() if is_required_input_field(field)]
    return f"{{ {' '.join(f'{name}: …' for name in required or list(fields)[:1])} }}"


def _literal(kind: GraphQLInputType, value: Any) -> str:
    return str(value) if isinstance(get_named_type(kind), GraphQLEnumType) or value == "…" else f'"{value}"'


def _fields(kind: GraphQLInputType) -> Mapping[str, Any]:
    named = get_named_type(kind)
    return named.fields if isinstance(named, GraphQLInputObjectType) else {}
