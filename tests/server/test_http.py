"""GraphQL over HTTP: methods, media types, status codes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlencode

import orjson
import pytest
from starlette.testclient import TestClient
from strawberry.types import ExecutionResult

from resolvers.database.database import Database
from server.auth.authenticator import Authenticator
from server.config.settings import Settings
from server.graphql.endpoint import GraphQLEndpoint
from server.monitoring.monitor import Monitor
from tests.support.transport_schema import GRAPHQL, JSON, FixedSchema, build, content, post, schema

if TYPE_CHECKING:
    from collections.abc import Iterator

    from httpx2 import Response
    from starlette.types import Message, Scope

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
GREETING = {"query": "{ greeting }"}


@pytest.fixture(scope="module")
def client() -> Iterator[TestClient]:
    with TestClient(build(schema), raise_server_exceptions=False) as opened:
        yield opened


def get(client: TestClient, accept: str = GRAPHQL, **parameters: str) -> Response:
    return client.get(f"/graphql?{urlencode(parameters)}", headers={"accept": accept})


def test_a_query_is_answered_by_post_and_by_get(client: TestClient) -> None:
    for response in (post(client, GREETING), get(client, query="{ greeting }")):
        assert (response.status_code, content(response)) == (200, {"data": {"greeting": "hello"}})


def test_a_get_takes_variables_and_an_operation_name(client: TestClient) -> None:
    document = "query A { none } query B($n: Int) { echo(number: $n) }"
    response = get(client, query=document, variables='{"n": 5}', operationName="B", extensions='{"a": 1}')
    assert content(response) == {"data": {"echo": "None 5 None"}}


def test_an_empty_parameter_that_may_be_left_out_is_absent(client: TestClient) -> None:
    document = "query A { greeting }"
    response = get(client, query=document, operationName="", variables="", extensions="")
    assert (response.status_code, content(response)) == (200, {"data": {"greeting": "hello"}})


@pytest.mark.parametrize("name", ["", None])
def test_a_name_that_is_empty_and_a_byte_order_mark_change_nothing(client: TestClient, name: str | None) -> None:
    body = b"\xef\xbb\xbf" + orjson.dumps({**GREETING, "operationName": name})
    response = client.post("/graphql", content=body, headers={"content-type": JSON})
    assert (response.status_code, content(response)) == (200, {"data": {"greeting": "hello"}})


@pytest.mark.parametrize("accept", [GRAPHQL, JSON])
def test_a_subscription_is_answered_with_what_to_do_instead(client: TestClient, accept: str) -> None:
    document = {"query": "subscription { change }"}
    for response in (post(client, document, accept), get(client, accept, **document)):
        [error] = response.json()["errors"]
        assert (response.status_code, error) == (
            400,
            {
                "message": "Subscriptions are not supported: send a query, and repeat it to see changes.",
                "extensions": {"code": "BAD_REQUEST"},
            },
        )


def test_a_head_has_the_status_and_headers_of_a_get(client: TestClient) -> None:
    response = client.head(f"/graphql?{urlencode(GREETING)}")
    assert (response.status_code, response.headers["content-type"]) == (200, "application/json; charset=utf-8")


def test_the_answer_of_a_plan_is_spliced_in_as_it_is() -> None:
    result = ExecutionResult(cast("Any", orjson.Fragment(b'{"spliced":true}')), errors=None)
    with TestClient(build(FixedSchema(lambda: result))) as client:
        assert post(client, GREETING).content.startswith(b'{"data":{"spliced":true}')


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        ("", JSON),
        ("*/*", JSON),
        ("application/*", JSON),
        (JSON, JSON),
        (GRAPHQL, GRAPHQL),
        (GRAPHQL.upper(), GRAPHQL),
        (f"{GRAPHQL}, {JSON};q=0.9", GRAPHQL),
        (f"{JSON};q=0.9, {GRAPHQL}", GRAPHQL),
        (f"{GRAPHQL};q=0.2, {JSON};q=0.3", JSON),
        (f"{GRAPHQL}, {JSON}", GRAPHQL),
        (f"{JSON}, {GRAPHQL}", JSON),
        (f"*/*, {GRAPHQL}", GRAPHQL),
        (f"{JSON};q=0, */*", GRAPHQL),
        (f"{GRAPHQL}; charset=utf-8, {JSON}; charset=utf-8", GRAPHQL),
        (f'{GRAPHQL};charset="UTF-8"', GRAPHQL),
        (f"text/html, {JSON}", JSON),
        (f"{GRAPHQL};charset=latin1, {JSON}", JSON),
        (f"{GRAPHQL};q=high, {JSON};q=0.1", JSON),
        (BROWSER, JSON),
        (f"text/event-stream, {JSON}", JSON),
        (f"multipart/mixed, text/event-stream, {GRAPHQL};q=0.9, */*;q=0.1", GRAPHQL),
    ],
)
def test_the_answer_has_the_media_type_the_client_prefers(client: TestClient, accept: str, media_type: str) -> None:
    response = post(client, GREETING, accept)
    assert response.status_code == 200
    assert response.headers["content-type"] == f"{media_type}; charset=utf-8"
    assert response.headers["vary"] == "Accept, Accept-Encoding"


@pytest.mark.parametrize("accept", ["text/html", "image/png", f"{JSON};q=0", "*/*;q=0", "application/json;q=nan"])
def test_a_client_that_takes_no_answer_of_ours_is_told_which_there_are(client: TestClient, accept: str) -> None:
    response = post(client, GREETING, accept)
    assert response.status_code == 406
    assert GRAPHQL in response.json()["errors"][0]["message"]


def test_a_browser_gets_the_page_but_an_answer_to_its_query(client: TestClient) -> None:
    for method in ("GET", "HEAD"):
        page = client.request(method, "/graphql?operationName=A", headers={"accept": BROWSER})
        assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert content(get(client, BROWSER, query="{ greeting }")) == {"data": {"greeting": "hello"}}
    assert get(client, f"text/html, {JSON}").status_code == 400


def test_several_accept_headers_count_as_one(client: TestClient) -> None:
    headers = [("accept", f"{JSON};q=0.5"), ("accept", GRAPHQL), ("content-type", JSON)]
    response = client.post("/graphql", content=b'{"query":"{ greeting }"}', headers=headers)
    assert response.headers["content-type"].startswith(GRAPHQL)


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "QUERY"])
def test_any_other_method_is_refused_naming_those_allowed(client: TestClient, method: str) -> None:
    response = client.request(method, "/graphql", headers={"accept": GRAPHQL})
    assert (response.status_code, response.headers["allow"]) == (405, "GET, HEAD, POST")


@pytest.mark.parametrize("accept", [GRAPHQL, JSON])
def test_a_get_changes_nothing(client: TestClient, accept: str) -> None:
    response = get(client, accept, query="mutation { change }")
    assert (response.status_code, response.headers["allow"]) == (405, "POST")
    assert content(post(client, {"query": "mutation { change }"})) == {"data": {"change": True}}


@pytest.mark.parametrize("content_type", [JSON, "application/json; charset=utf-8", 'Application/JSON;charset="UTF-8"'])
def test_json_in_utf_8_is_read(client: TestClient, content_type: str) -> None:
    body = '{"query": "query ($t: String) { echo(text: $t) }", "variables": {"t": "Põhja Łódź 🏃"}}'
    response = post(client, body.encode(), **{"content-type": content_type})
    assert response.json()["data"]["echo"].startswith("Põhja Łódź 🏃")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"query": "{"}, "GRAPHQL_PARSE_FAILED"),
        ({"query": "{ nothing }"}, "GRAPHQL_VALIDATION_FAILED"),
        ({"query": "query ($n: Int!) { echo(number: $n) }"}, "BAD_USER_INPUT"),
        ({"query": "query A { none }", "operationName": "B"}, "OPERATION_RESOLUTION_FAILURE"),
        ({"query": "fragment A on Query { none }"}, "OPERATION_RESOLUTION_FAILURE"),
    ],
)
def test_a_fault_before_anything_ran_is_400_in_the_graphql_type_and_200_in_json(
    client: TestClient,
    body: object,
    code: str,
) -> None:
    for accept, status in ((GRAPHQL, 400), (JSON, 200)):
        response = post(client, body, accept)
        assert response.status_code == status
        assert content(response).keys() == {"errors"}
        assert response.json()["errors"][0]["extensions"]["code"] == code


def test_a_body_as_long_as_the_limit_is_read_and_one_byte_more_is_not(client: TestClient) -> None:
    body = b'{"query": "{ greeting }"}'
    assert post(client, body.ljust(256 * 1024)).status_code == 200
    assert post(client, body.ljust(256 * 1024 + 1)).status_code == 413


@pytest.mark.anyio
async def test_a_body_of_unknown_length_is_read_no_further_than_the_limit() -> None:
    received = 0
    sent: list[Message] = []

    async def receive() -> Message:
        nonlocal received
        received += 1
        return {"type": "http.request", "body": b" " * 64 * 1024, "more_body": True}

    async def send(message: Message) -> None:
        sent.append(message)

    settings = Settings(anonymous_reads=True)
    state = {"authenticator": Authenticator(Database("sqlite://"), settings)}
    headers = [(b"content-type", b"application/json")]
    scope: Scope = {"type": "http", "method": "POST", "headers": headers, "state": state}
    await GraphQLEndpoint(schema, settings, Monitor(settings, None))(scope, receive, send)
    assert sent[0]["status"] == 413
    assert received == 5


def test_no_answer_is_kept_by_a_cache(client: TestClient) -> None:
    for response in (post(client, GREETING), get(client, query="{ greeting }"), post(client, b"")):
        assert response.headers["cache-control"] == "no-store"
