"""The thirteen probes of graphql-cop, a scanner of GraphQL servers, each sent by every kind of caller.

The callers are a signed-in account, an anonymous caller, and the public where the public record is open.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest

from tests.support.clients import opened, signed_in
from tests.support.transport_schema import GRAPHQL, JSON, post

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager

    from httpx2 import Response
    from starlette.testclient import TestClient

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
FORM = "application/x-www-form-urlencoded"
NOBODY = "The request is not authenticated: send a valid token in the header Authorization: Bearer <token>."


class Prober:
    """A client that sends probes; `known` is whether the server accepts requests from it."""

    def __init__(self, client: TestClient, *, known: bool) -> None:
        self.client = client
        self.known = known

    def refused(self, response: Response, status: int, code: str, words: str) -> None:
        """Check that a probe was refused with this error, or with 401 if the caller is not known."""
        expected = (status, code, words) if self.known else (401, "UNAUTHENTICATED", NOBODY)
        [error] = response.json()["errors"]
        assert (response.status_code, error["extensions"]["code"]) == expected[:2]
        assert error["message"].startswith(expected[2])
        assert "data" not in response.json()

    def answered(self, response: Response, data: Any) -> None:
        """Check that a probe was answered, or refused with 401 if the caller is not known."""
        if not self.known:
            return self.refused(response, 401, "", "")
        assert (response.status_code, response.json()["data"]) == (200, data)
        return None


def _opened(who: str, url: str) -> AbstractContextManager[TestClient]:
    return signed_in(url) if who == "signed in" else opened(url, anonymous_reads=who == "the public")


@pytest.fixture(scope="module", params=["signed in", "nobody", "the public"])
def prober(request: pytest.FixtureRequest, sqlite_databases: Any) -> Iterator[Prober]:
    with sqlite_databases.migrated() as url, _opened(request.param, url) as client:
        yield Prober(client, known=request.param != "nobody")


@pytest.fixture(params=[GRAPHQL, JSON])
def accept(request: pytest.FixtureRequest) -> str:
    found: str = request.param
    return found


def test_aliases_cannot_be_piled_up(prober: Prober) -> None:
    query = "query cop { " + " ".join(f"alias{number}: __typename" for number in range(101)) + " }"
    words = "Limit aliases: the operation has 101 aliases; at most 30 are allowed."
    prober.refused(post(prober.client, {"query": query}), 400, "GRAPHQL_VALIDATION_FAILED", words)


def test_requests_cannot_be_batched(prober: Prober, accept: str) -> None:
    batch = [{"query": "query cop { __typename }", "operationName": "cop"}] * 10
    words = "Batches of requests are not supported: send each request separately"
    prober.refused(post(prober.client, batch, accept), 400, "BAD_REQUEST", words)
    prober.refused(post(prober.client, [], accept), 400, "BAD_REQUEST", words)


def test_directives_cannot_be_piled_up(prober: Prober) -> None:
    words = "The directive @aa is repeated in one place: write it once."
    query = "query cop { __typename " + "@aa" * 10 + " }"
    prober.refused(post(prober.client, {"query": query}), 400, "GRAPHQL_VALIDATION_FAILED", words)


def test_introspection_cannot_go_in_circles(prober: Prober) -> None:
    query = "query cop { __schema { types { " + "fields { type { " * 4 + "name" + " } }" * 4 + " } } }"
    words = "Limit introspection_lists: the operation has 4 nested lists of members; at most 2 are allowed."
    prober.refused(post(prober.client, {"query": query}), 400, "GRAPHQL_VALIDATION_FAILED", words)


def test_fields_cannot_be_piled_up(prober: Prober) -> None:
    words = "Limit fields: the operation has 500 fields, with those of each fragment spread; at most 300 are allowed."
    query = "query cop { " + "__typename " * 500 + "}"
    prober.refused(post(prober.client, {"query": query}), 400, "GRAPHQL_VALIDATION_FAILED", words)


def test_only_who_may_ask_may_introspect(prober: Prober) -> None:
    query = "query cop { __schema { queryType { name } } }"
    prober.answered(post(prober.client, {"query": query}), {"__schema": {"queryType": {"name": "Query"}}})


def test_a_get_reads_for_whoever_names_itself_in_a_header_and_changes_nothing(prober: Prober, accept: str) -> None:
    headers = {"accept": accept}
    query = urlencode({"query": "query cop { __typename }"})
    prober.answered(prober.client.get(f"/graphql?{query}", headers=headers), {"__typename": "Query"})
    mutation = urlencode({"query": "mutation cop { __typename }"})
    words = "A GET can run queries only: send every other operation as a POST."
    prober.refused(prober.client.get(f"/graphql?{mutation}", headers=headers), 405, "BAD_REQUEST", words)


@pytest.mark.parametrize(
    "content_type",
    [
        FORM,
        "text/plain",
        "multipart/form-data; boundary=cop",
        "text/plain; charset=application/json",
        "",
        "application/x",
    ],
)
def test_no_form_of_another_site_is_read(prober: Prober, content_type: str) -> None:
    body = urlencode({"query": "query cop { __typename }"}).encode()
    for content in (body, b'{"query": "query cop { __typename }"}'):
        response = post(prober.client, content, **{"content-type": content_type})
        words = "The body must be JSON in UTF-8, with the header Content-Type: application/json."
        prober.refused(response, 415, "BAD_REQUEST", words)


def test_no_answer_carries_a_trace(prober: Prober) -> None:
    headers = {
        "x-apollo-tracing": "1",
        "x-apollo-federation-include-trace": "ftv1",
        "apollo-query-plan-experimental": "1",
    }
    response = post(prober.client, {"query": "query cop { __typename }", "extensions": {"tracing": True}}, **headers)
    prober.answered(response, {"__typename": "Query"})
    assert response.json().get("extensions", {}).keys() <= {"cost"}
    assert not {
        name for name in response.headers if "trac" in name or "tim" in name or name in {"server", "x-powered-by"}
    }


@pytest.mark.parametrize("path", ["/graphiql", "/playground", "/console", "/altair", "/voyager", "/graphql/console"])
def test_no_other_tool_is_there_for_a_browser(prober: Prober, path: str) -> None:
    assert prober.client.get(path, headers={"accept": BROWSER}).status_code == 404


def test_the_page_for_a_browser_holds_no_data_and_is_the_same_for_everybody(prober: Prober) -> None:
    page = prober.client.get("/graphql", headers={"accept": BROWSER})
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert "default-src 'self'" in page.headers["content-security-policy"]
    assert "frame-ancestors 'none'" in page.headers["content-security-policy"]
    nobody = prober.client.get("/graphql", headers={"accept": BROWSER, "authorization": ""})
    assert page.text == nobody.text


@pytest.mark.parametrize(
    ("query", "variables", "fault"),
    [
        ("query cop { __schema { directive } }", {}, "Cannot query field 'directive' on type '__Schema'."),
        ("query cop { participant(cod: 1) { code } }", {}, "Unknown argument 'cod' on field 'Query.participant'."),
        ("query cop { ... on Participan { code } }", {}, "Unknown type 'Participan'."),
        (
            "query cop($a: ParticipantWher = {}) { ...F } fragment F on Query { participants(where: $a) }",
            {},
            "Unknown type",
        ),
        ("query cop { __typename @skp(if: true) }", {}, "Unknown directive '@skp'."),
        ("query cop { participants(where: {kin: 1}) { totalCount } }", {}, "where: "),
        ("query cop { participants(where: {kind: {eq: STAT}}) { totalCount } }", {}, "where.kind.eq: "),
        ("query cop { participants(orderBy: [{field: COD}]) { totalCount } }", {}, "orderBy.0.field: "),
        (
            "query cop($w: ParticipantWhere) { participants(where: $w) { totalCount } }",
            {"w": {"kin": 1}},
            "Variable '$w' ",
        ),
        (
            "query cop($w: ParticipantWhere) { participants(where: $w) { totalCount } }",
            {"w": {"kind": {"eq": "STAT"}}},
            "Variable '$w' ",
        ),
        (
            "query cop($w: [ParticipantOrder!]) { participants(orderBy: $w) { totalCount } }",
            {"w": {"field": "COD"}},
            "Var",
        ),
    ],
)
def test_no_fault_suggests_what_was_meant(prober: Prober, query: str, variables: dict[str, Any], fault: str) -> None:
    response = post(prober.client, {"query": query, "variables": variables})
    assert "Did you mean" not in response.text
    assert response.status_code == (400 if prober.known else 401)
    errors = response.json()["errors"]
    assert errors[0]["message"].startswith(fault if prober.known else NOBODY)
    assert len(errors) <= 5
    # A signed-in caller also gets advice.
    assert all(len(error["message"]) <= (600 if prober.known else 200) for error in errors)


@pytest.mark.parametrize("query", ["qwerty cop { abc }", "query cop { abc", "\x00", "query cop { __type(name: 1) }"])
def test_no_fault_shows_how_the_server_is_built(prober: Prober, query: str) -> None:
    response = post(prober.client, {"query": query})
    assert response.status_code == (400 if prober.known else 401)
    for error in response.json()["errors"]:
        assert error["extensions"].keys() == {"code"}
        assert error.keys() <= {"message", "locations", "extensions"}
    for told in ("Traceback", ".py", "exception", "stacktrace", "graphql-core", "strawberry"):
        assert told not in response.text


VALID = b'{"query": "query cop($n: Int) { participants(first: $n) { nodes { code } } }", "variables": {"n": 1}}'


def test_a_spoilt_body_is_no_fault_of_the_server(prober: Prober) -> None:
    spoilt = [VALID[:length] for length in range(len(VALID))]
    spoilt += [
        VALID[:place] + sign + VALID[place + 1 :] for place in range(len(VALID)) for sign in (b"\xff", b"\0", b"{")
    ]
    assert len(spoilt) > 66
    for body in spoilt:
        response = post(prober.client, body)
        assert response.status_code in ({200, 400} if prober.known else {401}), body
        assert response.status_code == 200 or response.json()["errors"], body
