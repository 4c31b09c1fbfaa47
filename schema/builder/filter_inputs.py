"""The inputs of `where`: the conditions on each noun, and the operators for each kind of value."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from functools import cache
from types import NoneType
from typing import TYPE_CHECKING, Any, get_args

import strawberry

from resolvers.core.attributes import Kind, attribute
from resolvers.core.limits import MAX_FILTER_DEPTH
from resolvers.core.naming import noun_with_article, nouns
from resolvers.query.filters import SEARCH
from resolvers.query.spec import query_spec_of, query_specs
from schema.builder.entity_types import declared_types
from schema.builder.enums import enum_of
from schema.builder.fields import define, input_class, list_of, make_input, optional_input
from schema.builder.scalars import BigInt, CountryCode, CpvCode, CurrencyCode, Quantity, Url

if TYPE_CHECKING:
    from resolvers.core.attributes import Attribute

IS_NULL = "Whether the value is null."
OPERATORS = {
    "eq": "Equal to this value.",
    "in": "Equal to one of these values.",
    "gte": "Greater than or equal to this value.",
    "lte": "Less than or equal to this value.",
    "contains": "Contains this text, in capital or small letters.",
    "startsWith": "Starts with this text, in capital or small letters.",
}

COMPARED = ("eq", "in", "gte", "lte")
PLAIN_KINDS: dict[Kind, tuple[str, Any, tuple[str, ...]]] = {
    Kind.KEY: ("ID", strawberry.ID, ("eq", "in")),
    Kind.TEXT: ("String", str, ("eq", "in", "contains", "startsWith")),
    Kind.INTEGER: ("Int", int, COMPARED),
    Kind.BIG_INTEGER: ("BigInt", BigInt, COMPARED),
    Kind.BOOLEAN: ("Boolean", bool, ("eq",)),
    Kind.DATE: ("Date", dt.date, COMPARED),
    Kind.MOMENT: ("DateTime", dt.datetime, ("gte", "lte")),
    Kind.SHARE: ("Decimal", Decimal, ("eq", "gte", "lte")),
    Kind.QUANTITY: ("Quantity", Quantity, COMPARED),
}
CODES = {CountryCode: "CountryCode", CpvCode: "CpvCode", CurrencyCode: "CurrencyCode", Url: "URL"}


@cache
def operators(name: str, kind: Any, names: tuple[str, ...]) -> Any:
    """Make the input with the operators of one kind of value."""
    fields = []
    for operator in names:
        value = str if operator in {"contains", "startsWith"} else kind
        value = list_of(value) if operator == "in" else value
        python_name = {"in": "in_", "startsWith": "starts_with"}.get(operator, operator)
        fields.append(optional_input(python_name, value, OPERATORS[operator], operator))
    fields.append(optional_input("is_null", bool, IS_NULL))
    return make_input(f"{name}Filter", "Conditions on one value; all of them must hold.", fields)


@cache
def money_filter() -> Any:
    """Make the input that compares amounts of money."""
    return make_input(
        "MoneyFilter",
        "Conditions on an amount of money, within one currency; all of them must hold.",
        [
            optional_input("currency", CurrencyCode, "The currency; required with `eq`, `gte` and `lte`."),
            optional_input("eq", Decimal, OPERATORS["eq"]),
            optional_input("gte", Decimal, OPERATORS["gte"]),
            optional_input("lte", Decimal, OPERATORS["lte"]),
            optional_input("is_null", bool, IS_NULL),
        ],
    )


def _operators_of(described: Attribute, hint: Any) -> Any:
    if described.kind is Kind.MONEY:
        return money_filter()
    if described.kind is Kind.ENUM and described.enum:
        return operators(described.enum.__name__, enum_of(described.enum), ("eq", "in"))
    bare = next((part for part in get_args(hint) if part is not NoneType), hint)
    if bare in CODES:
        return operators(CODES[bare], bare, ("eq", "in", "startsWith"))
    return operators(*PLAIN_KINDS[described.kind])


@cache
def where_inputs() -> dict[str, Any]:
    """Make the `where` of every noun, all together, because they refer to each other in circles."""
    names = [spec.model.__name__ for spec in query_specs()]
    wheres: dict[str, Any] = {name: input_class(f"{name}Where") for name in names}
    lists: dict[str, Any] = {name: input_class(f"{name}ListWhere") for name in names}
    for name, where in wheres.items():
        words = f"Conditions on {noun_with_article(name)}; all of them must hold."
        define(where, words, _conditions(name, wheres, lists))
        related = [
            optional_input("some", where, "At least one object meets these conditions."),
            optional_input("none", where, "No object meets these conditions."),
        ]
        define(lists[name], f"Conditions on a list of {nouns(name)}; all of them must hold.", related)
    return wheres


def _conditions(name: str, wheres: dict[str, Any], lists: dict[str, Any]) -> list[Any]:
    spec, hints = query_spec_of(name), declared_types()[name].hints
    fields = []
    for attribute_name in spec.filterable:
        described = attribute(spec.model, attribute_name)
        target = described.target.__name__ if described.target else ""
        if described.kind is Kind.REFERENCE:
            kind = wheres[target]
        elif described.kind is Kind.COLLECTION:
            kind = lists[target]
        else:
            kind = _operators_of(described, hints.get(attribute_name))
        fields.append(optional_input(attribute_name, kind, described.doc or "The id."))
    if spec.model.searched:
        fields.append(optional_input(SEARCH, str, "The root field `search` with this `query` finds the object."))
    deep = f"at most {MAX_FILTER_DEPTH} levels deep"
    where = wheres[name]
    fields.append(optional_input("and_", list_of(where), f"All of these hold; {deep}.", "and"))
    fields.append(optional_input("or_", list_of(where), f"At least one of these holds; {deep}.", "or"))
    fields.append(optional_input("not_", where, f"This does not hold; {deep}.", "not"))
    return fields
