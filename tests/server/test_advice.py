"""A message for a mistake says what to write instead, to a signed-in caller only."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resolvers.trusted_documents import digest_of
from tests.support.accounts import enter_with_token, on
from tests.support.clients import opened, signed_in
from tests.support.transport_schema import post
from tests.support.trusted_documents import trust

if TYPE_CHECKING:
    from collections.abc import Iterator

    from starlette.testclient import TestClient

    from tests.servers.databases import Databases

NEED = "mutation ($input: CreateCapabilityNeedInput!) { createCapabilityNeed(input: $input) { __typename } }"
GIFT = "mutation ($input: CreateContributionInput!) { createContribution(input: $input) { __typename } }"

WITH_A_VARIABLE = "query ($n: Int) { roadmaps(first: $n) { totalCount } }"

TRANSITION = (
    "mutation ($input: TransitionCapabilityNeedInput!) { transitionCapabilityNeed(input: $input) { __typename } }"
)
KEY = "01a21d93-40e0-7437-b9af-d50f20e7e9ff"
FOUR_LISTS = "{ nodes { procurements { nodes { purchaseOrders { nodes { lines { nodes { id } } } } } } } }"

#: A mistake: the document, its variables, and the end of the message.
MISTAKES: list[tuple[str, dict[str, Any], str]] = [
    ("{ meetings { number } }", {}, "This is a list: write `nodes { number }`."),
    ("{ meetings { nodes { numbr } } }", {}, "Do you mean `number`?"),
    ("{ meetings { aggregates { count } } }", {}, "Do you mean `aggregate`?"),
    ("{ meeting(id: 1) { number } }", {}, "Query the list: `meetings(where: { … }) { nodes { … } }`."),
    ("{ createRoadmap { __typename } }", {}, "begin the document with `mutation {`."),
    ("mutation { roadmaps { totalCount } }", {}, "begin the document with `query {`."),
    ('{ node(id: "x") { horizon } }', {}, "Name the type of the object: `... on Roadmap { horizon }`."),
    ("{ roadmaps { nodes } }", {}, "such as `nodes { id reference title }`."),
    ("{ roadmaps }", {}, "such as `roadmaps { nodes { id reference title } }`."),
    ("{ contributions { nodes { amount } } }", {}, "such as `amount { amount currency }`."),
    ("{ roadmaps { totalCount { x } } }", {}, "It is a value: write `totalCount` alone."),
    ("{ roadmaps(limit: 5) { totalCount } }", {}, "Write `first: 10`."),
    ('{ roadmaps(sortBy: "x") { totalCount } }', {}, "Write `orderBy: [{ field: FIELD, direction: ASC }]`."),
    ("{ roadmaps(frst: 5) { totalCount } }", {}, "Do you mean `first` or `last`?"),
    ("mutation { createRoadmap(title: 1) { __typename } }", {}, "Write it into the input: `input: { title: … }`."),
    ("{ node { id } }", {}, "Write `id: …`, a value of the type ID!."),
    ("{ roadmaps(first: $n) { totalCount } }", {}, "`query ($n: Int) { … }`."),
    ("query ($n: String) { roadmaps(first: $n) { totalCount } }", {}, "Declare it as `$n: Int`."),
    ("query ($n: Int!) { roadmaps(first: $n) { totalCount } }", {}, "Send it in `variables`."),
    ('{ roadmaps(first: "5") { totalCount } }', {}, "Send a whole number, without quotes."),
    ("{ roadmaps(where: {status: {eq: draft}}) { totalCount } }", {}, "Do you mean `DRAFT`?"),
    ('{ roadmaps(where: {status: {eq: "DRAFT"}}) { totalCount } }', {}, "Write DRAFT without quotes."),
    (
        "{ roadmaps(where: {status: {eq: OPEN}}) { totalCount } }", {},
        "The values are `DRAFT`, `ENDORSED`, `SUPERSEDED`.",
    ),
    ("{ roadmaps(where: {status: DRAFT}) { totalCount } }", {}, "Write `{ eq: DRAFT }`."),
    ('{ roadmaps(where: {title: "x"}) { totalCount } }', {}, 'Write `{ eq: "x" }`.'),
    ("{ roadmaps(where: {status: {ne: DRAFT}}) { totalCount } }", {}, "Write `not: { … }` around the condition."),
    ("{ meetings(where: {heldOn: {gt: 1}}) { totalCount } }", {}, "Do you mean `gte`?"),
    ("{ procurements(where: {needs: {title: {eq: 1}}}) { totalCount } }", {}, "or `none: { title: … }`."),
    ("{ procurements(where: {group: {some: {}}}) { totalCount } }", {}, "write its conditions without `some`."),
    ("{ roadmaps(orderBy: title) { totalCount } }", {}, "Write `[{ field: TITLE, direction: ASC }]`."),
    (GIFT, {"input": {"kind": "CASH", "amount": 5}}, 'Write `{ amount: "5", currency: "EUR" }`.'),
    (GIFT, {"input": {"kind": "CASH", "donors": ["DK"]}}, "Write `{ participantId: … }`."),
    (NEED, {"input": {"title": "x"}}, "Add `areaId`."),
    (NEED, {"input": {"title": "x", "areaId": "x", "titel": "x"}}, "Do you mean `title`?"),
    ("{ roadmaps { totalCount }", {}, "The document ends too early: add the missing `}` or `)`."),
    ("{ roadmaps(where {}) { totalCount } }", {}, "Write an argument or an input field as `name: value`."),
    ("select * from roadmaps", {}, "This is SQL. Write GraphQL, such as `{ procurements { nodes { title } } }`."),
    (
        f"{{ expertGroups(first: 100) {FOUR_LISTS} }}",
        {}, "`first: 12` in `expertGroups`, `procurements`, `purchaseOrders` and `lines`.",
    ),
]  # fmt: skip


#: A mistake that no validation finds, or whose message is everyone's: the document, its variables, and a part of it.
OTHERS: list[tuple[str, dict[str, Any], str]] = [
    ('{ deliveries(where: {receivedOn: {gte: "1.5.2024"}}) { totalCount } }', {}, 'write a date like "2024-04-03"'),
    ('{ deliveries(where: {receivedOn: {gte: "2024"}}) { totalCount } }', {}, 'write a date like "2024-04-03"'),
    ('{ deliveries(where: {receivedOn: {gte: "2024-02-30"}}) { totalCount } }', {}, "this date does not exist"),
    ('{ meetings(where: {createdAt: {gte: "2026-11-20"}}) { totalCount } }', {}, "with its UTC offset, such as"),
    ("{ contributions(where: {amount: {gte: 5}}) { totalCount } }", {}, 'write it as text, such as "87000000.00"'),
    ('{ contributions(where: {amount: {gte: "5"}}) { totalCount } }', {}, "Add the currency."),
    ("{ roadmaps(orderBy: {field: TITLE, direction: desc}) { totalCount } }", {}, "Do you mean `DESC`?"),
    ("{ roadmaps(orderBy: [{field: title}]) { totalCount } }", {}, "Do you mean `TITLE`?"),
    ("{ roadmaps(first: 1000) { totalCount } }", {}, "It must be from 1 to 100."),
    ("{ roadmaps(first: -1) { totalCount } }", {}, "It must be from 1 to 100."),
    ("{ roadmaps(first: 5, last: 5) { totalCount } }", {}, "Use one of them."),
    ('{ roadmaps(after: "abc") { totalCount } }', {}, "Use a cursor from its edges or pageInfo."),
    (WITH_A_VARIABLE, {"n": "x"}, "Send a whole number, without quotes."),
    (WITH_A_VARIABLE, {"m": 1}, "It declares: $n. Declare it, or leave it out of `variables`."),
    ("{ roadmaps { totalCount } }", {"m": 1}, "Declare it, or leave it out of `variables`."),
    ("query ($id: String!) { node(id: $id) { id } }", {"id": "x"}, "Declare it as `$id: ID!`."),
    ('{ node(id: "PROC-1") { id } }', {}, "Send the id exactly as you received it."),
    ("query A { __typename } query B { __typename }", {}, "name the operation to run in operationName"),
    ("{ contributions { aggregate { sum { amount } } } }", {}, "Do you mean `sums`?"),
    ('{ roadmaps { aggregate { groupBy(by: "status") { count } } } }', {}, "Do you mean `STATUS`?"),
    ('{ capabilityNeed(reference: "N-1") { title } }', {}, "Query the list: `capabilityNeeds(where: { … })"),
    ("mutation { createRoadmap { __typename } }", {}, "Write `input: {"),
    ("mutation ($input: CreateRoadmapInput!) { createRoadmap(input: $input) { roadmap { id } } }", {"input": {}},
     "`... on CreateRoadmapSuccess { roadmap { … } }` and `... on Error { message }`"),
    ("", {}, "the text of a GraphQL document"),
    (GIFT, {"input": {"kind": "CASH", "amount": {"amount": 5.5, "currency": "EUR"}}}, "write it as text, such as"),
    (GIFT, {"input": {"kind": "CASH", "amount": {"amount": "5", "currency": "Euro"}}}, 'currency code, such as "EUR"'),
    (GIFT, {"input": {"kind": "CASH", "amount": {"amount": "5,0", "currency": "EUR"}}}, "write a decimal number"),
    (GIFT, {"input": {"kind": "CASH", "donors": [{"participantId": "DK"}]}}, "Send the `id` of a participant"),
    (NEED, {"input": {"title": "x", "areaId": "SATCOM"}}, "Send the `id` of a capability area"),
    (NEED, {"input": {"title": "x", "areaId": f"Participant:{KEY}"}}, "Send the `id` of a capability area"),
    (NEED, {"input": {"title": "x", "areaId": "x", "quantity": "ten"}}, 'such as 10 or "2.5"'),
    (NEED, {"input": {"title": "x", "areaId": "x", "neededBy": "31/12/2026"}}, "write a date like"),
    (NEED, {"input": {"areaId": "x"}}, "Add `title`."),
    (NEED, {"input": {"title": "x", "areaId": "x", "groupID": "x"}}, "Do you mean `groupId`?"),
    (TRANSITION, {"input": {"id": "x", "to": "MET", "expectedVersion": 1}}, "Send the `id` of a capability need"),
    (TRANSITION, {"input": {"id": f"CapabilityNeed:{KEY}", "to": "MET", "expectedVersion": 1}}, "Send the id exactly"),
]  # fmt: skip


@pytest.fixture(scope="module")
def url(sqlite_databases: Databases) -> Iterator[str]:
    with sqlite_databases.with_public_record() as address:
        yield address


@pytest.fixture(scope="module")
def client(url: str) -> Iterator[TestClient]:
    with signed_in(url) as found:
        yield found


@pytest.fixture(scope="module")
def public(url: str) -> Iterator[TestClient]:
    with opened(url, anonymous_reads=True) as found:
        yield found


def message_of(client: TestClient, query: str, variables: dict[str, Any]) -> str:
    response = post(client, {"query": query, "variables": variables})
    message: str = response.json()["errors"][0]["message"]
    return message


@pytest.mark.parametrize(("query", "variables", "advice"), MISTAKES, ids=[advice for *_, advice in MISTAKES])
def test_a_mistake_is_answered_with_what_to_write(
    client: TestClient, query: str, variables: dict[str, Any], advice: str
) -> None:
    assert message_of(client, query, variables).endswith(advice)


@pytest.mark.parametrize(("query", "variables", "advice"), MISTAKES, ids=[advice for *_, advice in MISTAKES])
def test_the_public_gets_no_advice(public: TestClient, query: str, variables: dict[str, Any], advice: str) -> None:
    # Sizes of the lists that the caller wrote reveal nothing.
    assert message_of(public, query, variables).endswith(advice) is ("first: 12" in advice)


def test_every_other_mistake_is_answered_with_what_to_do(url: str) -> None:
    answered = "{ __typename ... on ValidationError { violations { message } } ... on Error { message } }"
    token = enter_with_token(url, "learner@example.org", "write").text
    with opened(url) as client:
        client.headers["authorization"] = f"Bearer {token}"
        for query, variables, advice in OTHERS:
            text = query.replace("{ __typename }", answered) if "$input" in query else query
            response = post(client, {"query": text, "variables": variables}).json()
            messages = [error["message"] for error in response.get("errors", ())]
            for result in (response.get("data") or {}).values():
                messages += [result["message"]] if result else []
            assert any(advice in message for message in messages), (query, variables, messages)


def test_four_lists_inside_each_other_pass_as_they_are_typed(public: TestClient) -> None:
    query = (
        "{ expertGroups { nodes { procurements { nodes { purchaseOrders { nodes { lines { nodes { id } } } } } } } } }"
    )
    assert "errors" not in post(public, {"query": query}).json()


def test_everyone_is_told_that_a_response_arrives_in_one_part(client: TestClient, public: TestClient) -> None:
    for asked in (client, public):
        assert message_of(asked, "{ ... @defer { roadmaps { totalCount } } }", {}) == (
            "The directive @defer is not supported: a response arrives in one part. "
            "Remove the directive, or send a second request for the slow fields."
        )
        assert message_of(asked, "{ roadmaps @streams { totalCount } }", {}) == "Unknown directive '@streams'."


def test_a_moment_can_have_any_number_of_decimals(client: TestClient) -> None:
    query = "query ($at: DateTime!) { auditEvents(where: { at: { gte: $at } }) { totalCount } }"
    for decimals in (".1", ".123456", ".1234567", f".{'9' * 40}"):
        answer = post(client, {"query": query, "variables": {"at": f"2024-04-03T09:30:00{decimals}+02:00"}}).json()
        assert "errors" not in answer
    assert "UTC offset" in message_of(client, query, {"at": "2024-04-03T09:30:00.Z"})


def test_a_server_of_trusted_documents_gives_no_advice(url: str) -> None:
    on(url, lambda database: trust(database, WITH_A_VARIABLE))
    with signed_in(url, trusted_documents_only=True) as client:
        answer = post(client, {"documentId": digest_of(WITH_A_VARIABLE), "variables": {"n": "x"}}).json()
    message = answer["errors"][0]["message"]
    assert message == "Variable '$n' has invalid value: Int cannot represent non-integer value: 'x'"


@settings(max_examples=300)
@given(data=st.data())
def test_no_broken_document_is_a_fault_of_the_server(client: TestClient, data: st.DataObject) -> None:
    query, variables, _ = data.draw(st.sampled_from(MISTAKES))
    pieces = re.findall(r"\w+|\W", query)
    other = re.findall(r"\w+|\W", data.draw(st.sampled_from(MISTAKES))[0])
    place = data.draw(st.integers(0, len(pieces) - 1))
    pieces[place] = data.draw(st.sampled_from([*other, ""]))
    response = post(client, {"query": "".join(pieces), "variables": variables})
    for error in response.json().get("errors", []):
        assert error["extensions"]["code"] != "INTERNAL_SERVER_ERROR"
        assert len(error["message"]) <= 600
