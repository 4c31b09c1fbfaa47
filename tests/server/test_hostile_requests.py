"""Hostile requests: the server refuses each with a GraphQL error that says why; none causes a fault of the server."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest
from starlette.testclient import TestClient

from schema import schema
from tests.support.transport_schema import GRAPHQL, JSON, build, content, post

if TYPE_CHECKING:
    from collections.abc import Iterator

    from httpx2 import Response

CODES = {
    "BAD_REQUEST",
    "BAD_USER_INPUT",
    "GRAPHQL_PARSE_FAILED",
    "GRAPHQL_VALIDATION_FAILED",
    "OPERATION_RESOLUTION_FAILURE",
}
QUERY = '{"query": "{ __typename }"'


@pytest.fixture(scope="module")
def client() -> Iterator[TestClient]:
    with TestClient(build(schema)) as opened:
        yield opened


def check(response: Response, status: int = 400) -> str:
    """Check that a request was refused correctly; return the message."""
    [error, *_others] = response.json()["errors"]
    assert response.status_code == status
    assert response.headers["content-type"] == f"{GRAPHQL}; charset=utf-8"
    assert content(response).keys() == {"errors"}
    assert error["extensions"]["code"] in CODES
    message: str = error["message"]
    assert 0 < len(message) <= 200
    return message


def nested(opening: str, depth: int, closing: str, inside: str = "") -> str:
    return opening * depth + inside + closing * depth


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b" \r\n\t",
        b"null",
        b"true",
        b"0",
        b'"{ __typename }"',
        b"[]",
        b"{}",
        b'[{"query": "{ __typename }"}]',
        b"{ __typename }",
        b"query=%7B__typename%7D",
        b"NaN",
        b"-Infinity",
        b'{"query": "{ __typename }", "variables": {"a": NaN}}',
        b'{"query": "{ __typename }", "variables": {"a": Infinity}}',
        b'{"query": "{ __typename }", "variables": {"a": 1e400}}',
        b'{"query": "{ __typename }", "variables": {"a": 01}}',
        b'{"query": "{ __typename }", "variables": {"a": +1}}',
        b'{"query": "{ __typename }", "variables": {"a": .5}}',
        b'{"query": "{ __typename }", "variables": {"a": 0x10}}',
        b'{"query": "{ __typename }", "variables": {"a": ' + b"9" * 5000 + b"}}",
        b'{"query": "{ __typename }", "variables": {"a": -' + b"9" * 200_000 + b"}}",
        b"\xef\xbb\xbf" * 2 + b'{"query": "{ __typename }"}',
        '{"query": "{ __typename }"}'.encode("utf-16"),
        '{"query": "{ __typename }"}'.encode("utf-32"),
        b'{"query": "{ __typename } # \xff"}',
        b'{"query": "{ __typename } # \xc0\xaf"}',
        b'{"query": "{ __typename } # \xed\xa0\x80"}',
        b'{"query": "{ __typename } # \xf5\x80\x80\x80"}',
        b'{"query": "{ __typename } # \\ud800"}',
        b'{"query": "{ __typename } # \\udc00\\ud800"}',
        b'{"query": "{ __typename } # \\x41"}',
        b'{"query": "{ __typename } # \\u12"}',
        b'{"query": "{ __typename }\n"}',
        b'{"query": "{ __typename }\x00"}',
        b'{"query": "{ __typename }"}\x00',
        b'{"query": "{ __typename }"} {}',
        b'{"query": "{ __typename }",}',
        b'{"query": "{ __typename }"',
        b'{"query": "{ __typename }',
        b'{query: "{ __typename }"}',
        b"{'query': '{ __typename }'}",
        b'{"query": "{ __typename }" /* comment */}',
        b'{"query": "{ __typename }", "query": "{ __schema { queryType { name } } }"}',
        b'{"query": "{ __typename }", "variables": {"a": 1, "a": 2}}',
        b'{"query": "{ __typename }", "variables": {"a": {"b": [{"c:": 1, "c\\u003a": 2}]}}}',
        b"[" * 100_000,
        b'{"query":' * 20_000,
        nested("[", 100_000, "]").encode(),
        nested('{"query":', 1000, "}", "1").encode(),
        f'{QUERY}, "variables": {{"a": {nested("[", 600, "]")}}}}}'.encode(),
        f'{QUERY}, "variables": {nested(chr(123) + chr(34) + "a" + chr(34) + ":", 600, "}", "1")}}}'.encode(),
    ],
)
def test_a_body_that_is_no_request_is_refused(client: TestClient, body: bytes) -> None:
    check(post(client, body))


@pytest.mark.parametrize("value", [None, True, 0, 1.5, "", [], {}, ["{ __typename }"]])
def test_a_query_that_is_no_text_is_refused(client: TestClient, value: object) -> None:
    assert check(post(client, {"query": value})).startswith("query must be the text of a GraphQL document, not ")


@pytest.mark.parametrize("value", [True, 0, [], {}])
def test_an_operation_name_that_is_no_text_is_refused(client: TestClient, value: object) -> None:
    message = check(post(client, {"query": "{ __typename }", "operationName": value}))
    assert message.startswith("operationName must be a string or null, not ")


@pytest.mark.parametrize("name", ["variables", "extensions"])
@pytest.mark.parametrize("value", [True, 0, "{}", [], [{}]])
def test_variables_and_extensions_that_are_no_objects_are_refused(client: TestClient, name: str, value: object) -> None:
    message = check(post(client, {"query": "{ __typename }", name: value}))
    assert message.startswith(f"{name} must be a JSON object or null, not ")


@pytest.mark.parametrize(
    "document",
    [
        " ",
        "#",
        "\x00",
        "\ufeff",
        "{",
        "{ __typename",
        "{ __typename }}",
        "}",
        "query",
        "subscription { a }",
        "mutation { a }",
        "query A { __typename }",
        "fragment A on Query { __typename }",
        "{ ...A } fragment A on Query { ...A }",
        "{ ...A }",
        "{ __typename @nothing }",
        "{ __typename @skip }",
        '{ __typename @skip(if: "yes") }',
        "query ($a: Nothing) { __typename }",
        "query ($a: Boolean, $a: Boolean) { __typename @skip(if: $a) }",
        "type Query { a: Int }",
        "extend type Query { a: Int }",
        '{ __type(name: "\\ud800") { name } }',
        '{ __type(name: "\\u{110000}") { name } }',
        '{ __type(name: "',
        '{ __type(name: """',
        "{ __type(name: 1) { name } }",
        "{ __type(name: 1e99999) { name } }",
        "{ __type { name } }",
        "{ __typename { a } }",
        "{ " + "a" * 100_000 + " }",
        "{ __type(name: " + "9" * 100_000 + ") { name } }",
        nested("{a", 10_000, "}"),
        nested("{a", 100_000, ""),
        nested("{__schema", 10_000, "}"),
        "{ __type(name: " + nested("[", 10_000, "]") + ") { name } }",
        "{ __type(name: " + nested("{a:", 10_000, "}", "1") + ") { name } }",
        "query ($a: " + nested("[", 10_000, "]", "Int") + ") { __typename }",
        nested("{... on Query", 10_000, "}", "{__typename}"),
        "{ __typename " + "@skip(if: true) " * 10_000 + "}",
        "{ " + " ".join(f"f{number}: nothing" for number in range(5_000)) + " }",
    ],
)
def test_a_document_that_cannot_run_is_refused(client: TestClient, document: str) -> None:
    operation_name = "B" if document.startswith("query A") else None
    check(post(client, {"query": document, "operationName": operation_name}))


@pytest.mark.parametrize(
    "address",
    [
        "",
        "query=",
        "variables=%7B%7D",
        "query=&variables=&extensions=&operationName=",
        "quer=%7B__typename%7D",
        "query=%FF",
        "query=%ED%A0%80",
        "query=%7B",
        "query=%7B__typename%7D&query=%7B__typename%7D",
        "query=%7B__typename%7D&variables=1",
        "query=%7B__typename%7D&variables=%5B%5D",
        "query=%7B__typename%7D&variables=%7B",
        "query=%7B__typename%7D&variables=%7B%22a%22:NaN%7D",
        "query=%7B__typename%7D&variables=%FF",
        "query=%7B__typename%7D&extensions=%22%22",
        "query=%7B__typename%7D&operationName=Nothing",
        "query=%7B__typename%7D&operationName=A&operationName=B",
        "query=%7B__typename%7D&variables=" + "%5B" * 10_000,
        "query=" + quote(nested("{a", 5_000, "}")),
    ],
)
def test_an_address_that_is_no_request_is_refused(client: TestClient, address: str) -> None:
    check(client.get(f"/graphql?{address}", headers={"accept": GRAPHQL}))


def test_an_address_longer_than_a_body_may_be_is_refused() -> None:
    with TestClient(build(schema, max_body_bytes=1024)) as client:
        check(client.get(f"/graphql?query={'%20' * 1000}", headers={"accept": GRAPHQL}), 414)


def test_a_body_longer_than_allowed_is_refused(client: TestClient) -> None:
    check(post(client, b" " * 300_000), 413)


@pytest.mark.parametrize(
    "headers",
    [
        {"content-type": ""},
        {"content-type": "text/plain"},
        {"content-type": "application/graphql"},
        {"content-type": "application/x-www-form-urlencoded"},
        {"content-type": "multipart/form-data; boundary=a"},
        {"content-type": "application/json; charset=utf-16"},
        {"content-type": "application/json, application/json"},
        {"content-type": ";;;="},
        {"content-encoding": "gzip"},
        {"content-encoding": "gzip, identity"},
    ],
)
def test_a_body_of_another_kind_is_refused(client: TestClient, headers: dict[str, str]) -> None:
    check(post(client, {"query": "{ __typename }"}, **headers), 415)


def test_several_operations_without_a_name_are_refused(client: TestClient) -> None:
    response = post(client, {"query": "query A { __typename } query B { __typename }"})
    check(response)
    assert response.json()["errors"][0]["extensions"]["code"] == "OPERATION_RESOLUTION_FAILURE"


def test_half_a_surrogate_pair_in_a_variable_is_bad_input_that_names_it(client: TestClient) -> None:
    body = QUERY + r', "variables": {"where": {"or": [{"name": "a"}, {"name": "\udfff"}]}}}'
    response = post(client, body.encode())
    assert check(response) == "variables.where.or.1.name contains half of a surrogate pair, which is not valid text."
    assert response.json()["errors"][0]["extensions"] == {"code": "BAD_USER_INPUT"}


def test_half_a_surrogate_pair_elsewhere_is_a_bad_request_that_names_the_place(client: TestClient) -> None:
    response = post(client, rb'{"query": "{ a(b: \"\ud800\") }"}')
    assert check(response) == "query contains half of a surrogate pair, which is not valid text."
    assert response.json()["errors"][0]["extensions"] == {"code": "BAD_REQUEST"}


def test_a_whole_surrogate_pair_is_one_character(client: TestClient) -> None:
    body = rb'{"query": "query ($n: String!) { __type(name: $n) { name } }", "variables": {"n": "\ud83c\udfc3"}}'
    assert content(post(client, body)) == {"data": {"__type": None}}


def test_a_key_given_twice_is_named(client: TestClient) -> None:
    message = check(post(client, b'{"query": "{ a: b }", "variables": {"size": 1, "size": 2}}'))
    assert message == "The request body has the key 'size' twice in one object."


def test_the_place_where_json_breaks_is_named(client: TestClient) -> None:
    message = check(post(client, b'{"query": "{ __typename }",\n "variables": nul}'))
    assert message == "The request body is not valid JSON: invalid literal, expected 'null', line 2 column 15."


def test_variables_nested_as_deeply_as_allowed_are_read(client: TestClient) -> None:
    document = "query ($n: String!) { __type(name: $n) { name } }"
    for depth, allowed in ((63, True), (64, False)):
        value = json.loads(nested("[", depth, "]"))
        message = check(post(client, {"query": document, "variables": {"n": value}}))
        assert ("nested" in message) is not allowed


def test_the_refusal_of_a_body_has_the_same_status_in_plain_json(client: TestClient) -> None:
    response = post(client, b"null", JSON)
    assert (response.status_code, response.headers["content-type"]) == (400, f"{JSON}; charset=utf-8")
