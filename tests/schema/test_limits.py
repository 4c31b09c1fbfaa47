"""Limits: how much one operation may request, measured before it is validated."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from graphql import execute_sync, get_introspection_query, parse

from resolvers.core.limits import Limits
from schema import schema
from schema.limits.check import check
from schema.limits.errors import LimitError
from schema.limits.measure import OperationCost
from schema.strawberry_internals import core_schema

if TYPE_CHECKING:
    from collections.abc import Callable

CORE = core_schema(schema)
EXAMPLES = sorted((Path(__file__).parents[2] / "clients" / "graphiql" / "examples").glob("*.graphql"))
USUAL = Limits()
PAGE = "{ participants { nodes { … } } }"
#: 24,993 objects: lists of 100, 100 and 45, each of them with a list of 100.
MANY = " ".join(
    f"participants(first: {size}) {{ nodes {{ memberships(first: 100) {{ nodes {{ role }} }} }} }}"
    for size in (100, 100, 45)
)
#: A page of decisions, the long way.
DECISIONS = "decisions(first: 5) { edges { node { … } } }"


def measure(document: str, name: str | None = None, **variables: Any) -> OperationCost:
    return check(CORE, parse(document), name, variables, USUAL)


def refusal(document: str, name: str | None = None, **variables: Any) -> str:
    with pytest.raises(LimitError) as caught:
        measure(document, name, **variables)
    assert caught.value.extensions == {"code": "GRAPHQL_VALIDATION_FAILED"}
    assert len(caught.value.message) <= 200
    return caught.value.message


def repeated(part: str, times: int, around: str = "{ … }") -> str:
    """Return `part` repeated `times` times, numbered at each `#`, in the place of `…`."""
    return around.replace("…", " ".join(part.replace("#", str(number)) for number in range(times)))


@pytest.mark.parametrize(
    ("limit", "most", "document"),
    [
        ("depth", 16, lambda n: "{ participants " * (n - 1) + "{ a }" + " }" * (n - 1)),
        ("fields", 300, lambda n: repeated("code", n - 2, PAGE)),
        ("aliases", 30, lambda n: repeated("a#: code", n, PAGE)),
        ("directives", 50, lambda n: repeated("code @skip(if: true)", n, PAGE)),
        ("root_fields", 20, lambda n: repeated("__typename", n)),
        ("root_mutations", 5, lambda n: repeated("change", n, "mutation { … }")),
        ("nodes", 25_000, lambda n: f"{{ {MANY} participants(first: {n - 24_994}) {{ nodes {{ code }} }} }}"),
        (
            "conditions",
            200,
            lambda n: repeated("{code: {eq: 1}}", n - 1, "{ participants(where: {or: […]}) { nodes { code } } }"),
        ),
        ("introspection_fields", 300, lambda n: repeated("description", n - 1, "{ __schema { … } }")),
        (
            "introspection_lists",
            2,
            lambda n: '{ __type(name: "Query") ' + "{ fields { type " * n + "{ name }" + " } }" * n + " }",
        ),
    ],
)
def test_an_operation_may_ask_for_as_much_as_the_limit_and_no_more(
    limit: str, most: int, document: Callable[[int], str]
) -> None:
    measured = measure(document(most))
    found = measured.roots if limit.startswith("root") else getattr(measured, limit)
    assert (found, getattr(USUAL, limit)) == (most, most)
    message = refusal(document(most + 1))
    assert message.startswith(f"Limit {limit}: the operation has {most + 1:,} ")
    assert f"; at most {most:,} are allowed. " in message


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.stem)
def test_the_example_queries_keep_to_the_limits(example: Path) -> None:
    assert measure(example.read_text()).fields > 0


def test_a_page_of_pages_of_pages_of_pages_through_edges_fits() -> None:
    pages = "meetings(first: 5) { edges { node { … } } }"
    for inside in (DECISIONS, f"meeting {{ {DECISIONS} }}", f"meeting {{ {DECISIONS} }}", "meeting { title }"):
        pages = pages.replace("…", inside)
    assert measure(f"{{ {pages} }}").depth == 16


@pytest.mark.parametrize(
    ("field", "nodes"),
    [
        ("participants { totalCount }", 1),
        ("participants { nodes { code } }", 1 + 20),
        ("participants { edges { cursor } }", 1),
        ("participants { edges { node { code } } nodes { code } }", 1 + 20 + 20),
        ("participants(first: 3) { nodes { code } }", 1 + 3),
        ("participants(last: 3) { nodes { code } }", 1 + 3),
        ("participants(first: 101) { nodes { code } }", 1 + 100),
        ("participants(first: 99999999999999999999) { nodes { code } }", 1 + 100),
        ("participants(first: -5) { nodes { code } }", 1 + 1),
        ("participants(first: null) { nodes { code } }", 1 + 20),
        ("participants(first: 2) { all: nodes { memberships(first: 3) { nodes { role } } } }", 1 + 2 * (1 + 1 + 3)),
        ("contributions(first: 5) { nodes { amount { amount currency } } }", 1 + 5),
        ("contributions(first: 5) { aggregate { count sums { amount { amount } } } }", 1),
        ("meetings(first: 5) { nodes { host { code } } }", 1 + 5 * 2),
        ('participant(code: "EE") { code }', 1),
        ('nodes(ids: ["a", "b", "c"]) { id }', 3),
        ('nodes(ids: "a") { id }', 1),
        ('nodes(ids: ["a", "b"]) { ... on Participant { memberships(first: 4) { nodes { role } } } }', 2 * (1 + 1 + 4)),
        ("nothing { of { the kind } }", 2),
        ("__typename", 0),
    ],
)
def test_objects_and_lists_are_counted_as_if_every_page_were_full(field: str, nodes: int) -> None:
    assert measure(f"{{ {field} }}").nodes == nodes
    assert measure(f"{{ ...F }} fragment F on Query {{ {field} }}").nodes == nodes
    assert measure(f"{{ ... on Query {{ ... {{ {field} }} }} }}").nodes == nodes


@pytest.mark.parametrize(
    ("definition", "variables", "nodes"),
    [
        ("$n: Int", {"n": 7}, 1 + 7),
        ("$n: Int", {"n": 7.0}, 1 + 7),
        ("$n: Int", {"n": "7"}, 1 + 100),
        ("$n: Int", {"n": None}, 1 + 20),
        ("$n: Int", {}, 1 + 20),
        ("$n: Int = 9", {}, 1 + 9),
        ("$n: Int = 9", {"n": 7}, 1 + 7),
        ("$n: Int = 9", {"n": None}, 1 + 20),
        ("$other: Int = 9", {"n": 7}, 1 + 20),
    ],
)
def test_the_size_of_a_page_may_be_a_variable(definition: str, variables: dict[str, Any], nodes: int) -> None:
    document = (
        f"query ({definition}) {{ ...F }} fragment F on Query {{ participants(first: $n) {{ nodes {{ code }} }} }}"
    )
    assert measure(document, **variables).nodes == nodes


def test_as_many_objects_are_counted_as_there_are_ids() -> None:
    assert measure("query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", ids=["a"] * 70).nodes == 70
    assert measure('query ($ids: [ID!] = ["a", "b"]) { nodes(ids: $ids) { id } }').nodes == 2
    assert measure('query ($id: ID!) { nodes(ids: [$id, "b"]) { id } }', id="a").nodes == 2


def test_what_a_fragment_holds_counts_each_time_it_is_spread() -> None:
    fragment = "fragment F on Participant { a: code @skip(if: true) name }"
    document = f"{{ participants {{ nodes {{ ...F ...F ... on Participant {{ ...F }} }} }} }} {fragment}"
    measured = measure(document)
    assert (measured.fields, measured.aliases, measured.depth) == (2 + 3 * 2, 3, 3)
    assert measured.directives == 3


def test_directives_count_wherever_they_stand() -> None:
    document = "query ($a: Int @a) @b { code @c ...F @d ... @e { code } } fragment F on Query @f { code @g }"
    assert measure(document).directives == 7


@pytest.mark.parametrize(
    "document",
    [
        "{ code @a @b @a }",
        "query @a @a { code }",
        "query ($a: Int @a @a) { code }",
        "{ ... @a @a { code } }",
        "{ ...F @a @a } fragment F on Query { code }",
        "{ ...F } fragment F on Query @a @a { code }",
    ],
)
def test_no_directive_stands_twice_in_one_place(document: str) -> None:
    assert refusal(document) == "The directive @a is repeated in one place: write it once."


def test_whatever_else_the_document_holds_keeps_to_the_limits_too() -> None:
    other = repeated("a#: __typename", 21, "query Other { … } query Asked { __typename }")
    assert refusal(other, "Asked").startswith("Limit root_fields: the operation has 21 ")
    unused = repeated("__typename", 301, "{ __typename } fragment F on Query { … }")
    assert refusal(unused).startswith("Limit fields: the operation has 301 ")
    again = repeated("__typename", 301, "{ ...F } fragment F on Query { … } fragment F on Query { __typename }")
    assert refusal(again).startswith("Limit fields: the operation has 301 ")


def test_only_the_operation_that_runs_is_held_to_the_size_of_its_pages() -> None:
    document = f"query Small {{ __typename }} query Large {{ {MANY} {MANY} }}"
    assert measure(document, "Small").nodes == 0
    assert refusal(document, "Large").startswith("Limit nodes: ")


def test_a_document_without_the_operation_asks_for_nothing() -> None:
    assert measure("fragment F on Query { code }") == OperationCost()
    assert measure("query A { code }", "B") == OperationCost()


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"descriptions": False},
        {
            "specified_by_url": True,
            "directive_is_repeatable": True,
            "schema_description": True,
            "input_value_deprecation": True,
            "experimental_directive_deprecation": True,
            "one_of": True,
        },
    ],
)
def test_the_usual_introspection_queries_count_apart_and_fit(options: dict[str, bool]) -> None:
    measured = measure(get_introspection_query(**options))
    assert measured.introspection_fields > 200
    assert measured.introspection_lists == 1
    answer = execute_sync(CORE, parse(get_introspection_query(**options))).data
    assert values_in(answer) < measured.introspection_values < USUAL.introspection_values / 2
    assert (measured.depth, measured.fields, measured.nodes) == (0, 0, 0)


def values_in(answer: Any) -> int:
    """Count the values under a name in an answer."""
    if isinstance(answer, list):
        return sum(map(values_in, answer))
    return len(answer) + sum(map(values_in, answer.values())) if isinstance(answer, dict) else 0


INSIDE = "name description isDeprecated args { name description defaultValue type { name } }"


@pytest.mark.parametrize(
    "document",
    [
        repeated(f"a#: __schema {{ types {{ fields {{ type {{ fields {{ {INSIDE} }} }} }} }} }}", 14, "{ … }"),
        f"{{ __schema {{ types {{ fields {{ type {{ fields {{ {INSIDE} }} }} }} }} }} }}",
        "{ __schema { types { ...T } } } fragment T on __Type { "
        + repeated(f"a#: fields {{ {INSIDE} }}", 25, "…")
        + " }",
        "{ __schema { types { fields { args { type { inputFields { name type { enumValues { name } } } } } } } } }",
    ],
    ids=["again and again", "once", "many times inside", "by arguments"],
)
def test_introspection_whose_lists_multiply_is_refused(document: str) -> None:
    assert refusal(document).startswith("Limit introspection_values: the operation has ")


def test_introspection_in_circles_is_refused_through_fragments_too() -> None:
    document = """
    { __schema { types { ...Type } } }
    fragment Type on __Type { fields { type { ...Inner } } }
    fragment Inner on __Type { possibleTypes { ... on __Type { interfaces { name } } } }
    """
    message = refusal(document)
    assert message.startswith("Limit introspection_lists: the operation has 3 nested lists of members")


@pytest.mark.parametrize(
    "document",
    [
        "{ ...A } fragment A on Query { ...A }",
        "{ ...A } fragment A on Query { __typename ...B } fragment B on Query { ...A __typename }",
        "{ ...A } fragment A on Query { participants { nodes { ...B } } } fragment B on Participant { ...A }",
    ],
)
def test_fragments_that_spread_themselves_are_measured_all_the_same(document: str) -> None:
    assert measure(document).depth <= 3


def test_what_is_told_of_a_monstrous_number_is_short() -> None:
    nested = " ".join(f"fragment F{n} on Query {{ {f'...F{n + 1} ' * 9}}}" for n in range(60))
    message = refusal(f"{{ ...F0 }} {nested} fragment F60 on Query {{ code }}")
    assert message.startswith("Limit fields: the operation has more than 1,000,000 fields")


def test_selections_and_fragments_stand_only_so_far_inside_each_other() -> None:
    chain = " ".join(f"fragment F{n} on Query {{ ...F{n + 1} }}" for n in range(98))
    assert measure(f"{{ ...F0 }} {chain} fragment F98 on Query {{ code }}").levels == 100
    for document in (
        f"{{ ...F0 }} {chain} fragment F98 on Query {{ ... {{ code }} }}",
        f"{chain} fragment F98 on Query {{ ... {{ code }} }} {{ ...F0 }}",
        "{ ..." * 100 + "{ code }" + "}" * 100,
    ):
        assert refusal(document).startswith("Limit levels: the operation has 101 ")
