"""A query that was requested before: no answer shows whether it came from the cache."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from schema.contract import DescribedSchema
from tests.support.clients import opened, signed_in
from tests.support.parsing import note_parsing
from tests.support.transport_schema import GRAPHQL, JSON, content, post

if TYPE_CHECKING:
    from collections.abc import Iterator

    from httpx2 import Response
    from starlette.testclient import TestClient

    from tests.servers.databases import Databases

LISTS = "query Asked($n: Int = 2, $where: ProcurementWhere, $by: [ProcurementOrder!], $more: Boolean! = false) "
LISTS += "{ procurements(first: $n, where: $where, orderBy: $by) { totalCount nodes { reference "
LISTS += "group @include(if: $more) { code } } } }"
TWO = "query One { participants(first: 1) { nodes { code } } } query Two { documents(first: 1) { totalCount } }"

#: Queries that are answered or refused, each with what is sent beside it; the statement of each is kept.
READ: list[dict[str, Any]] = [
    {"query": "{ expertGroups { totalCount nodes { code } } }"},
    {"query": "{ __typename }"},
    {"query": '{ viewer { account { displayName } } nobody: participant(code: "XX") { name } }'},
    {"query": LISTS},
    {"query": LISTS, "variables": {"n": 1, "more": True}},
    {"query": LISTS, "variables": {"where": {"status": {"eq": "ORDERED"}}, "by": [{"field": "TITLE"}]}},
    {"query": LISTS, "variables": {"n": 0}},
    {"query": LISTS, "variables": {"n": "many"}},
    {"query": LISTS, "variables": {"n": None}},
    {"query": LISTS, "variables": {"n": 10**12}},
    {"query": LISTS, "variables": {"where": {"nothing": 1}}},
    {"query": LISTS, "variables": {"surplus": 1}},
    {"query": TWO, "operationName": "One"},
    {"query": TWO, "operationName": "Two"},
    {"query": "query($id: ID!) { node(id: $id) { id } }", "variables": {"id": "Meeting:x"}},
    {"query": "query($id: ID!) { node(id: $id) { id } }", "variables": {}},
    {"query": "query($n: Int!) { documents(first: $n) { nodes { meetings(first: $n) { nodes { id } } } } }",
     "variables": {"n": 100}},
    {"query": "query($after: String) { documents(after: $after) { nodes { id } } }", "variables": {"after": "00"}},
    {"query": '{ documents { totalCount } __type(name: "Money") { name } }'},
]  # fmt: skip

#: What is never answered from a statement that was kept.
OTHERS: list[dict[str, Any]] = [
    {"query": TWO},
    {"query": TWO, "operationName": "Three"},
    {"query": "{ nothing }"},
    {"query": "{"},
    {"query": "mutation { change }"},
    {"query": "subscription { change }"},
    {"query": "{ documents { nodes { id } } " + "a: __typename " * 40 + "}"},
]


@pytest.fixture(scope="module")
def url(databases: Databases) -> Iterator[str]:
    with databases.with_public_record() as address:
        yield address


@pytest.fixture
def client(url: str) -> Iterator[TestClient]:
    with signed_in(url) as found:
        yield found


@pytest.fixture
def parsed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return a list that grows with every document that is parsed."""
    return note_parsing(monkeypatch)


@pytest.fixture
def executed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return a list that grows with every operation that passes Strawberry's pipeline."""
    found: list[str] = []
    execute = DescribedSchema.execute

    async def note_and_execute(schema: DescribedSchema, query: Any, *arguments: Any, **options: Any) -> Any:
        found.append(query)
        return await execute(schema, query, *arguments, **options)

    monkeypatch.setattr(DescribedSchema, "execute", note_and_execute)
    return found


def seen(response: Response) -> tuple[Any, ...]:
    """Return a response as a client sees it, without its length, date, request id and the rest of the budget."""
    cost = response.json()["extensions"]["cost"]
    own = {"content-length", "date", "x-request-id"}
    headers = {name: value for name, value in response.headers.items() if name not in own}
    return response.status_code, headers, content(response), cost["requested"], cost["maximum"]


@pytest.mark.parametrize("accept", [GRAPHQL, JSON])
@pytest.mark.parametrize("body", [*READ, *OTHERS])
def test_an_answer_is_the_same_the_second_and_the_third_time(
    client: TestClient, body: dict[str, Any], accept: str
) -> None:
    first, second, third = (seen(post(client, body, accept)) for _ in range(3))
    assert first == second == third


@pytest.mark.parametrize("body", READ)
def test_a_query_that_was_answered_before_is_not_parsed_again(
    client: TestClient, parsed: list[str], body: dict[str, Any]
) -> None:
    answered = {"query": body["query"], "operationName": body.get("operationName")}
    first = post(client, {**answered, "variables": {"id": "Meeting:x", "n": 1}})
    assert len(parsed) == 1
    second = post(client, body)
    assert len(parsed) == 1
    assert first.status_code == 200 or "errors" in first.json()
    assert second.json()["extensions"]["cost"]["requested"] >= 1


@pytest.mark.parametrize("body", READ)
def test_a_query_that_was_answered_with_the_same_variables_does_not_pass_strawberry_again(
    client: TestClient, executed: list[str], body: dict[str, Any]
) -> None:
    answers = [post(client, body).json() for _ in range(3)]
    answered = [answer for answer in answers if "errors" not in answer]
    # What is refused is refused each time anew.
    assert len(executed) == (1 if answered else 3)
    assert len(answered) in {0, 3}


@pytest.mark.parametrize("body", OTHERS)
def test_whatever_is_no_valid_query_is_parsed_each_time(
    client: TestClient, parsed: list[str], body: dict[str, Any]
) -> None:
    for _ in range(3):
        post(client, body)
    assert len(parsed) == 3


def test_what_was_asked_with_one_name_is_not_what_is_asked_with_another(client: TestClient) -> None:
    answers = [post(client, {"query": TWO, "operationName": name}).json() for name in ("One", "Two", "One", None)]
    assert list(answers[0]["data"]) == list(answers[2]["data"]) == ["participants"]
    assert list(answers[1]["data"]) == ["documents"]
    assert answers[3]["errors"][0]["extensions"]["code"] == "OPERATION_RESOLUTION_FAILURE"


def test_a_known_query_is_answered_for_each_viewer_anew(url: str) -> None:
    query = {"query": "{ viewer { account { id } } participants { totalCount } }"}
    with opened(url, anonymous_reads=True) as public, signed_in(url) as member:
        for _ in range(2):
            assert post(public, query).json()["data"]["viewer"] is None
            assert post(member, query).json()["data"]["viewer"]["account"]["id"].startswith("Account:")


def test_a_known_query_is_charged_for_the_pages_it_asks_for(client: TestClient) -> None:
    costs = [
        post(client, {"query": LISTS, "variables": {"n": n}}).json()["extensions"]["cost"]["requested"]
        for n in (1, 50, 1, 50)
    ]
    assert costs[:2] == costs[2:]
    # At worst each has a group.
    assert costs[1] - costs[0] == 2 * 49
