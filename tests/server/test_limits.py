"""Limits as a client sees them: the server refuses every document beyond them at once; the operator sets them."""

from __future__ import annotations

import time
from dataclasses import fields
from typing import TYPE_CHECKING, Any

import pytest
from graphql import get_introspection_query

from resolvers.core.limits import MAX_STATEMENT_DEPTH, Limits
from schema import schema
from server.config.settings import SettingsError, load_settings
from tests.support.clients import ask, opened, the_error

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from httpx2 import Response
    from starlette.testclient import TestClient

USUAL = Limits()
#: How long the dearest document may take. It takes a fifth of a second; machines that are busy take longer.
PATIENCE_SECONDS = 2
INF = 10**9


@pytest.fixture(scope="module")
def client(sqlite_databases: Any) -> Iterator[TestClient]:
    with (
        sqlite_databases.migrated() as url,
        opened(url, anonymous_reads=True, max_cost=INF, cost_per_second=INF) as found,
    ):
        yield found


def timed(client: TestClient, document: str) -> tuple[Response, float]:
    started = time.perf_counter()
    response = ask(client, document)
    return response, time.perf_counter() - started


def test_a_nest_of_fragments_that_spread_each_other_twice_is_refused_within_50_ms(client: TestClient) -> None:
    nest = " ".join(f"fragment F{n} on Query {{ ...F{n + 1} ...F{n + 1} }}" for n in range(20))
    document = f"{{ ...F0 }} {nest} fragment F20 on Query {{ __typename }}"
    # The fastest of several is what the server needs; the others are what else the machine does.
    attempts = [timed(client, document) for _ in range(5)]
    for response, _ in attempts:
        assert response.status_code == 400
        assert the_error(response)[1].startswith("Limit fields: the operation has more than 1,000,000 fields")
    assert min(seconds for _, seconds in attempts) < 0.05


NESTS: dict[str, Callable[[int], str]] = {
    "fields": lambda n: "{ a " * n + "}" * n,
    "pages": lambda n: (
        "{ participants(first: 1) { nodes "
        + "{ memberships(first: 1) { nodes { participant " * n
        + "{ code }"
        + " } } }" * n
        + " } }"
    ),
    "inline fragments": lambda n: "{ ... on Query " * n + "{ __typename }" + " }" * n,
    "fragments": lambda n: "{ ...F0 } " + " ".join(f"fragment F{i} on Query {{ ...F{i + 1} }}" for i in range(n)),
    "fragments in circles": lambda n: (
        "{ ...F0 } " + " ".join(f"fragment F{i} on Query {{ ...F{(i + 1) % n} }}" for i in range(n))
    ),
    "lists": lambda n: "{ nodes(ids: " + "[" * n + "]" * n + ") { id } }",
    "objects": lambda n: "{ participants(where: " + "{not: " * n + "{}" + "}" * n + ") { totalCount } }",
    "objects in lists": lambda n: "{ participants(where: " + "{or: [" * n + "{}" + "]}" * n + ") { totalCount } }",
    "types": lambda n: "query ($a: " + "[" * n + "Int" + "]" * n + ") { nodes(ids: $a) { id } }",
    "defaults": lambda n: "query ($a: [ID] = " + "[" * n + "]" * n + ") { nodes(ids: $a) { id } }",
    "directives": lambda n: "{ __typename @skip(if: " + "[" * n + "]" * n + ") }",
    "introspection": lambda n: '{ __type(name: "Query") { ' + "ofType { " * n + "name" + " }" * n + " } }",
}


@pytest.mark.parametrize("shape", NESTS)
def test_a_nest_of_any_depth_is_no_fault_of_the_server(client: TestClient, shape: str) -> None:
    for depth in (1, 3, 5, 16, 17, 20, 21, 50, 70, 99, 100, 101, 150, 190, 199, 200, 201, 250, 331, 1_000, 3_000):
        response, seconds = timed(client, NESTS[shape](depth))
        assert response.status_code in {200, 400}, (depth, response.text)
        assert seconds < PATIENCE_SECONDS, depth


def repeated(part: str, times: int, around: str = "…") -> str:
    """Return `around` with `part` so many times in the place of `…`; each `#` becomes the number of the repetition."""
    return around.replace("…", " ".join(part.replace("#", str(number)) for number in range(times)))


LONG = {
    "the same field": repeated("code", 298, "{ participants { nodes { … } } }"),
    "the same object": repeated("meeting { host { code } }", 98, "{ publishedFigures { nodes { … } } }"),
    "the same list": repeated("memberships(first: 1) { nodes { id } }", 90, "{ participants { nodes { … } } }"),
    "the same unknown field": repeated("nothing", 298, "{ participants { nodes { … } } }"),
    "inline fragments": repeated("... { code }", 298, "{ participants { nodes { … } } }"),
    "one fragment spread again and again": repeated("...F", 20, "{ … } ")
    + "fragment F on Query { participants { totalCount } }",
    "many fragments": repeated("...F#", 200, "{ participants { nodes { … } } } ")
    + repeated("fragment F# on Participant { code }", 200),
    "fragments of fields that merge": repeated("...F#", 90, "{ publishedFigures { nodes { … } } } ")
    + repeated("fragment F# on PublishedFigure { money { amount } asOf }", 90),
    "fragments nobody spreads": "{ __typename } " + repeated("fragment F# on Query { __typename }", 280),
    "variables": repeated("$a#: Int", 490, "query (…) { __typename }"),
    "operations": repeated("query Q# { __typename }", 390),
    "operations of one fragment": repeated("query Q# { ...F }", 280) + " fragment F on Query { __typename }",
    "arguments": repeated("first: 1", 600, "{ participants(…) { totalCount } }"),
    "fields of an input": repeated('code: {eq: "a"}', 100, "{ participants(where: {…}) { totalCount } }"),
    "unknown fields of an input": repeated("a#: 1", 600, "{ participants(where: {…}) { totalCount } }"),
    "bad ids": repeated("1.5", 1_900, "{ nodes(ids: […]) { id } }"),
    "directives": repeated("@a#", 50, "{ __typename … }"),
    "types": repeated("type A# { a: Int }", 240),
    "lines of a text": '{ participant(code: """' + "a\n" * 9_900 + '""") { code } }',
    "signs of a name": "{ " + "a" * 19_900 + " }",
    "comments": "#\n" * 1_900 + "{ __typename }",
}


@pytest.mark.parametrize("shape", LONG)
def test_a_document_as_long_as_allowed_is_dealt_with_in_time(client: TestClient, shape: str) -> None:
    response, seconds = timed(client, LONG[shape])
    assert response.status_code in {200, 400}
    assert not [error for error in response.json().get("errors", ()) if error["message"].startswith("Limit")]
    assert seconds < PATIENCE_SECONDS


@pytest.mark.parametrize(
    ("document", "message"),
    [
        (
            "{ __typename }" + " " * 19_987,
            "Limit characters: the operation has 20,001 characters; at most 20,000 are allowed.",
        ),
        ("{" + " a" * 2_000 + "}", "Limit tokens: the document has more than 2,000 tokens;"),
        ("#\n" * 2_000 + "{ __typename }", "Limit tokens: the document has more than 2,000 tokens;"),
    ],
)
def test_a_document_that_is_too_long_is_read_no_further(client: TestClient, document: str, message: str) -> None:
    response = ask(client, document)
    code, told = the_error(response)
    assert (response.status_code, code) == (400, "GRAPHQL_VALIDATION_FAILED")
    assert told.startswith(message)


def test_a_document_as_long_as_allowed_is_read(client: TestClient) -> None:
    assert ask(client, "{ __typename }" + " " * 19_986).json()["data"] == {"__typename": "Query"}
    assert ask(client, "{" + " __typename" * 20 + " }" + " # " * 400).status_code == 200


def test_a_document_is_held_to_the_limits_before_it_is_validated(client: TestClient) -> None:
    _, message = the_error(ask(client, "{ " + " ".join(f"nothing{number}" for number in range(21)) + " }"))
    assert message.startswith("Limit root_fields: the operation has 21 ")


def test_the_usual_introspection_query_is_answered(client: TestClient) -> None:
    response = ask(client, get_introspection_query(specified_by_url=True, schema_description=True, one_of=True))
    assert response.json().keys() == {"data", "extensions"}


@pytest.mark.parametrize("name", [field.name for field in fields(Limits)])
def test_each_limit_is_a_setting(sqlite_databases: Any, name: str) -> None:
    tight = {
        "characters": ("{ __typename }" + " " * 90, 100),
        "tokens": ("#\n" * 100 + "{ __typename }", 100),
        "depth": ("{ participants { nodes { participants { code } } } }", 3),
        "fields": ("{ participants { nodes { code code code code code code code code code } } }", 10),
        "aliases": ("{ a: __typename }", 0),
        "directives": ("{ __typename @skip(if: false) }", 0),
        "root_fields": ("{ __typename __typename }", 1),
        "root_mutations": ("mutation { __typename __typename }", 1),
        "nodes": ("{ participants(first: 100) { nodes { code } } }", 100),
        "conditions": ("{ participants(where: {code: {eq: 1}, or: [" + "{}" * 10 + "]}) { totalCount } }", 10),
        "introspection_fields": ("{ __schema { description } }", 0),
        "introspection_values": ("{ __schema { description } }", 1),
        "introspection_lists": ('{ __type(name: "Query") { fields { type { fields { name } } } } }', 1),
    }
    document, most = tight[name]
    with sqlite_databases.migrated() as url, opened(url, anonymous_reads=True, **{f"max_{name}": most}) as client:
        _, message = the_error(ask(client, document))
    assert message.startswith(f"Limit {name}: ")


def test_the_usual_settings_are_the_usual_limits() -> None:
    assert load_settings().limits() == USUAL


def test_no_operation_may_be_set_to_be_deeper_than_the_plan_can_read() -> None:
    assert load_settings(max_depth=MAX_STATEMENT_DEPTH).max_depth == MAX_STATEMENT_DEPTH
    with pytest.raises(
        SettingsError, match="COALITION_MAX_DEPTH must be a number of levels of fields from 3 to 20; 21"
    ):
        load_settings(max_depth=MAX_STATEMENT_DEPTH + 1)


def test_the_contract_states_the_limits(client: TestClient) -> None:
    description = ask(client, "{ __schema { description } }").json()["data"]["__schema"]["description"]
    assert schema.as_str().startswith(f'"""\n{description}\n"""\nschema {{')
    for field in fields(Limits):
        if field.name != "introspection_lists":
            assert f"{getattr(USUAL, field.name):,}" in description, field.name
