"""Sizes: with any variables, a query that was sent before costs as much as it costs the first time."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, Any

import pytest
from graphql import GraphQLError, parse

from resolvers.core.limits import Limits
from schema import schema
from schema.execution.query_cache import CachedOperation
from schema.strawberry_internals import core_schema

if TYPE_CHECKING:
    from collections.abc import Mapping

CORE = core_schema(schema)
PAGES = "participants(first: $n) { nodes { memberships(first: $n) { nodes { role } } } }"
DOCUMENTS = {
    "sizes": f"query ($n: Int) {{ {PAGES} }}",
    "sizes by default": f"query ($n: Int = 1) {{ {PAGES} }}",
    "sizes that must be there": f"query ($n: Int!) {{ {PAGES} }}",
    "sizes from either end": "query ($n: Int, $m: Int) { participants(last: $m, first: $n) { nodes { code } } }",
    "ids": "query ($i: [ID!]!) { nodes(ids: $i) { id ... on Participant { memberships { nodes { role } } } } }",
    "ids by default": 'query ($i: [ID!]! = ["a", "b"], $id: ID!) { nodes(ids: $i) { id } node(id: $id) { id } }',
    "conditions": "query ($w: ProcurementWhere) { procurements(where: $w) { totalCount nodes { title } } }",
    "conditions by default": "query ($w: ProcurementWhere = {or: [{}, {}]}) { procurements(where: $w) { totalCount } }",
    "conditions inside others": """
        query ($w: [ProcurementWhere!], $i: DecimalFilter) {
          procurements(where: {or: $w, not: {purchaseOrders: {some: {procurement: {and: $w}}}}}) { totalCount }
          capabilityNeeds(where: {fulfilment: $i}) { totalCount }
        }""",
    "values of a list": """
        query ($v: [String!], $n: Int) {
          procurements(first: $n, where: {or: [{title: {in: $v}}, {reference: {in: $v}}]}) { nodes { title } }
        }""",
    "values by default": """
        query ($v: [ProcurementStatus!] = [ORDERED], $n: Int) {
          procurements(first: $n, where: {status: {in: $v}}) { nodes { title } }
        }""",
    "orders": "query ($o: [ProcurementOrder!], $n: Int) { procurements(orderBy: $o, first: $n) { nodes { title } } }",
}
CHANCES = 150


def charged(known: CachedOperation, variables: Mapping[str, Any]) -> int | str:
    """Return the cost of a query with these variables, or the message of the refusal if the query requests too much."""
    try:
        cost = known.cost(variables, Limits())
    except GraphQLError as refusal:
        assert known.known_cost(variables) is None
        return refusal.message
    assert known.known_cost(variables) == cost
    return cost


def something(chance: Random, depth: int = 0) -> Any:
    """Return a random JSON value, valid for the variable or not."""
    simple: list[Any] = [
        None,
        True,
        False,
        1,
        5,
        100,
        5.0,
        100.0,
        1.5,
        -3,
        0,
        10**18,
        1e300,
        "100",
        "EE",
        "Participant:x",
        {},
        [],
    ]
    if depth > 2 or chance.random() < 0.5:
        return chance.choice(simple)
    if chance.random() < 0.5:
        return [something(chance, depth + 1) for _ in range(chance.choice([0, 1, 2, 5, 100]))]
    names = ["or", "and", "not", "title", "eq", "contains", "purchaseOrders", "some", "none", "group", "nothing"]
    names += ["gte", "lte", "orderedValue", "currency", "field", "direction"]
    return {name: something(chance, depth + 1) for name in chance.sample(names, chance.randint(0, 5))}


@pytest.mark.parametrize("document", DOCUMENTS.values(), ids=DOCUMENTS)
def test_whatever_was_asked_before_a_query_costs_what_it_costs_when_it_is_asked_first(document: str) -> None:
    chance = Random(document)  # noqa: S311  # the same seed must give the same variables
    names = [name for name in "nmiwov" if f"${name}:" in document] + ["id"] * ("$id:" in document)
    warm = CachedOperation(CORE, parse(document), None)
    outcomes = set()
    for _ in range(CHANCES):
        variables = {name: something(chance) for name in names if chance.random() < 0.9}
        cold = charged(CachedOperation(CORE, parse(document), None), variables)
        assert charged(warm, variables) == cold, variables
        assert charged(warm, variables) == cold, variables
        outcomes.add(cold)
    assert len(outcomes) > 2


@pytest.mark.parametrize(
    ("document", "cheap", "dear"),
    [
        ("sizes by default", {}, {"n": 100.0}),
        ("sizes by default", {"n": None}, {"n": 100}),
        ("sizes by default", {}, {"n": None}),
        ("sizes", {"n": [1, 1, 1, 1, 1]}, {"n": 5}),
        ("ids", {"i": 100}, {"i": ["a"] * 100}),
        ("ids", {"i": "a"}, {"i": ["a"] * 2}),
        ("conditions", {"w": {}}, {"w": {"title": {"eq": "a", "in": []}}}),
        ("conditions inside others", {"i": {}}, {"i": {"gte": 1, "lte": 1}}),
        ("values of a list", {"v": ["a"]}, {"v": ["a"] * 100}),
        ("values of a list", {"v": ["a"] * 100}, {"v": ["a"] * 200}),
        ("orders", {"o": {"field": "TITLE"}}, {"o": [{"field": "TITLE"}] * 2}),
    ],
)
def test_what_is_cheap_makes_nothing_else_cheap(document: str, cheap: dict[str, Any], dear: dict[str, Any]) -> None:
    known = CachedOperation(CORE, parse(DOCUMENTS[document]), None)
    first = charged(known, cheap)
    then = charged(known, dear)
    assert then == charged(CachedOperation(CORE, parse(DOCUMENTS[document]), None), dear)
    assert first != then
