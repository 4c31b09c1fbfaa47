"""Errors in responses: a client sees its own mistakes, and no detail of the server's faults."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn
from uuid import UUID

import pytest
from starlette.testclient import TestClient
from strawberry.types import ExecutionResult

from server.app import build_app
from server.config.settings import load_settings
from tests.support.transport_schema import GRAPHQL, JSON, SECRET, FixedSchema, build, post, schema

if TYPE_CHECKING:
    from collections.abc import Iterator

INT = "query ($n: Int) { echo(number: $n) }"
RANGE = "query ($r: Range!) { echo(within: $r) }"


@pytest.fixture(scope="module")
def client() -> Iterator[TestClient]:
    with TestClient(build(schema), raise_server_exceptions=False) as opened:
        yield opened


def errors(client: TestClient, query: str, **variables: object) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = post(client, {"query": query, "variables": variables}).json()["errors"]
    return found


def the_error(client: TestClient, query: str, **variables: object) -> dict[str, Any]:
    [error] = errors(client, query, **variables)
    return error


def test_a_fault_of_the_server_is_masked_and_logged_under_its_id(
    client: TestClient,
    caplog: pytest.LogCaptureFixture,
) -> None:
    response = post(client, {"query": "{ broken greeting }"})
    [shown] = response.json()["errors"]
    error_id = shown["extensions"]["errorId"]
    assert response.json()["data"] == {"broken": None, "greeting": "hello"}
    assert shown["message"] == "Internal server error"
    assert shown["path"] == ["broken"]
    assert shown["extensions"] == {"code": "INTERNAL_SERVER_ERROR", "errorId": str(UUID(error_id))}
    assert SECRET not in response.text
    [record] = [record for record in caplog.records if error_id in record.getMessage()]
    assert record.exc_info is not None
    kind, error, traceback = record.exc_info
    assert (kind, str(error)) == (RuntimeError, SECRET)
    assert traceback is not None


@pytest.mark.parametrize("query", ["{ broken }", "{ careless }", "{ tooLarge }"])
def test_a_fault_of_the_server_leaves_the_rest_of_the_answer(client: TestClient, query: str) -> None:
    response = post(client, {"query": query})
    assert response.status_code == 200
    assert response.json()["errors"][0]["message"] == "Internal server error"


@pytest.mark.parametrize("accept", [GRAPHQL, JSON])
def test_without_any_data_a_fault_of_the_server_is_500(client: TestClient, accept: str) -> None:
    response = post(client, {"query": "{ ruined greeting }"}, accept)
    assert (response.status_code, response.json()["data"]) == (500, None)
    assert response.json()["errors"][0]["extensions"]["code"] == "INTERNAL_SERVER_ERROR"


def test_a_fault_outside_every_resolver_is_masked_too(caplog: pytest.LogCaptureFixture) -> None:
    def fail() -> NoReturn:
        raise RuntimeError(SECRET)

    with TestClient(build(FixedSchema(fail))) as client:
        response = post(client, {"query": "{ greeting }"})
    [error] = response.json()["errors"]
    assert (response.status_code, error["message"]) == (500, "Internal server error")
    assert error["extensions"]["errorId"] in caplog.text


def test_an_answer_that_is_no_json_is_masked_too() -> None:
    odd = ExecutionResult({"odd": object()}, errors=None)
    with TestClient(build(FixedSchema(lambda: odd))) as client:
        assert post(client, {"query": "{ greeting }"}).status_code == 500


def test_a_refusal_of_a_resolver_is_shown_with_its_code_and_details(client: TestClient) -> None:
    error = the_error(client, "{ choosy }")
    assert error["message"] == "first must be at least 1, not 0."
    assert error["extensions"] == {"code": "BAD_USER_INPUT", "argument": "first"}
    assert error["path"] == ["choosy"]


def test_a_syntax_error_keeps_its_message_and_place(client: TestClient) -> None:
    error = the_error(client, "{ greeting(")
    assert error["message"] == "Syntax Error: Expected Name, found <EOF>."
    assert error["locations"] == [{"line": 1, "column": 12}]
    assert error["extensions"] == {"code": "GRAPHQL_PARSE_FAILED"}


def test_a_validation_error_names_the_field_and_suggests_none(client: TestClient) -> None:
    error = the_error(client, "{ greetin }")
    assert error["message"] == "Cannot query field 'greetin' on type 'Query'."
    assert error["extensions"] == {"code": "GRAPHQL_VALIDATION_FAILED"}


@pytest.mark.parametrize(
    ("query", "variables", "named"),
    [
        (INT, {"n": "1"}, "$n"),
        (INT, {"n": 1.5}, "$n"),
        (INT, {"n": 2**31}, "$n"),
        (INT, {"n": -(2**31) - 1}, "$n"),
        (INT, {"n": 10**30}, "$n"),
        (INT, {"n": True}, "$n"),
        (INT, {"n": [1]}, "$n"),
        (RANGE, {"r": {"start": 1}}, "end"),
        (RANGE, {"r": {"start": 1, "end": 2, "strt": 3}}, "strt"),
        (RANGE, {"r": None}, "$r"),
        (RANGE, {}, "$r"),
        ("query ($n: Int!) { echo(within: {start: 1, end: $n}) }", {"n": None}, "$n"),
    ],
)
def test_a_bad_variable_is_bad_input_that_names_it(
    client: TestClient,
    query: str,
    variables: dict[str, object],
    named: str,
) -> None:
    error = the_error(client, query, **variables)
    assert error["extensions"] == {"code": "BAD_USER_INPUT"}
    assert named in error["message"]
    assert "Did you mean" not in error["message"]


def test_a_null_that_reaches_an_argument_through_a_default_is_bad_input(client: TestClient) -> None:
    query = 'query ($name: String = "Query") { __type(name: $name) { name } }'
    response = post(client, {"query": query, "variables": {"name": None}})
    assert response.status_code == 200
    assert response.json()["data"] == {"__type": None}
    assert response.json()["errors"][0]["extensions"] == {"code": "BAD_USER_INPUT"}


def test_at_most_five_errors_are_given(client: TestClient) -> None:
    fields = " ".join(f"nothing{number}" for number in range(50))
    assert len(errors(client, f"{{ {fields} }}")) == 5
    assert len(errors(client, "{ numbers }")) == 5


def test_a_message_has_at_most_200_characters(client: TestClient) -> None:
    error = the_error(client, f"{{ {'x' * 500} }}")
    assert len(error["message"]) == 200
    assert error["message"].endswith("…")


# The first migration on a server makes the roles, without which nobody gets in.
@pytest.mark.usefixtures("url")
def test_a_database_that_fails_a_query_is_masked_too(empty_url: str) -> None:
    with TestClient(build_app(load_settings(database_url=empty_url, anonymous_reads=True))) as client:
        response = post(client, {"query": "{ expertGroups { totalCount } }"})
    [error] = response.json()["errors"]
    assert (response.status_code, error["message"]) == (500, "Internal server error")
    assert "expert_groups" not in response.text


def test_a_variable_that_is_never_used_is_a_fault_of_the_document(client: TestClient) -> None:
    error = the_error(client, "query ($i: Int) { greeting }", i=1)
    assert error["message"].startswith("Variable '$i' is never used")
    assert error["extensions"] == {"code": "GRAPHQL_VALIDATION_FAILED"}
