"""Every query is one SQL statement, with any selection."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import event

from tests.generators.rows import fill
from tests.support.database.engines import engines_of
from tests.support.execute import ask, read

if TYPE_CHECKING:
    from collections.abc import Iterator

    from resolvers.database.database import Database

pytestmark = pytest.mark.anyio

FIVE_LEVELS = """
{
  procurements(first: 50, orderBy: [{field: ESTIMATED_VALUE, direction: DESC}], where: {title: {contains: "a"}}) {
    totalCount
    pageInfo { hasNextPage endCursor }
    nodes {
      title
      isOverdue
      orderedValue { amount currency }
      group { name }
      sources { url }
      needs { totalCount nodes { fulfilment area { name } } }
      purchaseOrders(first: 3, orderBy: [{field: VALUE}]) {
        totalCount
        nodes { deliveredShare deliveries { nodes { status lines { totalCount nodes { description } } } } }
      }
    }
  }
}
"""
AGGREGATES = """
{
  contributions {
    aggregate {
      count
      sums { amount { amount currency } }
      groupBy(by: [STATUS, DONOR_CODES, ANNOUNCED_YEAR]) {
        keys { field value label }
        count
        sums { amount { amount currency } }
      }
    }
  }
  participants { nodes { donations { aggregate { count groupBy(by: [PARTICIPANT]) { count } } } } }
}
"""
PLANNING = """
{
  roadmapInForce(on: "2100-12-31") { reference lines { totalCount nodes { need { fundedShare } } } }
  today: roadmapInForce { reference }
  procurements(where: {fundedShare: {lte: "0.5"}}) { nodes { unmetAmount { amount } sharedFunds { amount } } }
  ledger(orderBy: [{field: AVAILABLE_FOR_ORDERS}]) {
    nodes { donors contribution { reference } paid { amount } }
    aggregate { groupBy(by: [DONORS, YEAR]) { count sums { pledge { amount } unallocated { amount } } } }
  }
  coverages(where: {unmet: {currency: EUR, gte: "0.01"}}, orderBy: [{field: NET}]) { totalCount nodes { scope } }
  timeline(where: {kind: {in: [MET, DECIDED]}}) { totalCount nodes { happenedBy meeting { title } sources { url } } }
  contributions { aggregate { converted(in: EUR) { amount { amount of { rate } } } } }
  participants { nodes { coverages { nodes { unmet { amount } } } ledger { totalCount } } }
  compareRoadmaps(from: "RM-1", to: "RM-2") { totalCount nodes { kind need { reference } lineAfter { year } } }
  yearGaps(where: {gap: {currency: EUR, gte: "0.01"}}, orderBy: [{field: GAP}]) {
    totalCount
    nodes { year need { reference } gap { amount } }
    aggregate { groupBy(by: [YEAR, AREA]) { count sums { requirements { amount } gap { amount } } } }
  }
}
"""
FRAGMENTS = """
query Asked($skipped: Boolean = true, $included: Boolean = false) {
  first: meetings(first: 2) { ...page }
  second: meetings(last: 2) { ...page nodes { place @skip(if: $skipped) } }
  decisions @include(if: $included) { totalCount }
  __typename
}
fragment page on MeetingConnection { totalCount edges { cursor node { ...meeting } } }
fragment meeting on Meeting { ... on Node { id } title agenda { nodes { title } } ... { decisions { totalCount } } }
"""
QUERIES = {"five levels": FIVE_LEVELS, "aggregates": AGGREGATES, "planning": PLANNING, "fragments": FRAGMENTS}
NODES = """
query Asked($ids: [ID!]!) {
  nodes(ids: $ids) {
    __typename
    id
    ... on Participant { name memberships { nodes { role } } }
    ... on Procurement { title group { code } }
    ... on Document { title }
  }
}
"""
NODE = "query Asked($id: ID!) { node(id: $id) { id ... on Participant { name } ... on Meeting { title } } }"


@pytest.fixture(scope="module")
async def filled(shared_database: Database) -> Database:
    await fill(shared_database)
    return shared_database


@pytest.fixture
def statements(filled: Database, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Yield the statements that reach the database, as they come: through `fetch_text`, or through an engine."""
    found: list[str] = []
    fetch_text = filled.fetch_text

    async def note_and_fetch(sql: str, values: Any) -> str:
        found.append(sql)
        return await fetch_text(sql, values)

    def note(_connection: object, _cursor: object, statement: str, _values: object, context: Any, *_: object) -> None:
        if not context.execution_options.get("coalition_reason", "").startswith("a test"):
            found.append(statement)

    monkeypatch.setattr(filled, "fetch_text", note_and_fetch)
    for engine in engines_of(filled):
        event.listen(engine.sync_engine, "before_cursor_execute", note)
    yield found
    for engine in engines_of(filled):
        event.remove(engine.sync_engine, "before_cursor_execute", note)


async def some_ids(database: Database) -> list[str]:
    lists = await read(database, "{ participants(first: 2) { nodes { id } } procurements(first: 2) { nodes { id } } }")
    return [node["id"] for found in lists.values() for node in found["nodes"]]


@pytest.mark.parametrize("query", QUERIES.values(), ids=[*QUERIES])
async def test_a_query_is_one_statement(filled: Database, statements: list[str], query: str) -> None:
    data = await read(filled, query)
    assert data
    assert len(statements) == 1


async def test_a_query_is_one_statement_again_when_it_is_asked_again(filled: Database, statements: list[str]) -> None:
    first = await read(filled, FIVE_LEVELS)
    assert await read(filled, FIVE_LEVELS) == first
    assert len(statements) == 2
    assert statements[0] == statements[1]


async def test_objects_of_several_types_are_read_with_one_statement(filled: Database, statements: list[str]) -> None:
    ids = await some_ids(filled)
    statements.clear()
    found = (await read(filled, NODES, ids=ids))["nodes"]
    assert [node["id"] for node in found] == ids
    assert {node["__typename"] for node in found} == {"Participant", "Procurement"}
    assert len(statements) == 1


async def test_an_object_is_read_with_one_statement_from_its_own_table(filled: Database, statements: list[str]) -> None:
    participant = (await some_ids(filled))[0]
    statements.clear()
    assert (await read(filled, NODE, id=participant))["node"]["id"] == participant
    assert len(statements) == 1
    assert "participants" in statements[0]
    assert "meetings" not in statements[0]


async def test_what_is_not_selected_is_not_read(filled: Database, statements: list[str]) -> None:
    for fields in ("nodes { title }", "totalCount", "nodes { title } totalCount"):
        await read(filled, f"{{ procurements {{ {fields} }} }}")
    assert [statement.count("FROM procurements") for statement in statements] == [1, 1, 2]
    assert not any("purchase_orders" in statement for statement in statements)


@pytest.mark.parametrize(
    ("query", "table"),
    [
        ("capabilityNeeds { nodes { acceptedQuantity outstandingQuantity fulfilment } }", "delivery_lines"),
        ('capabilityNeeds(where: {fulfilment: {gte: "0", lte: "1"}}) { totalCount }', "delivery_lines"),
        ("capabilityNeeds(orderBy: [{field: FULFILMENT}]) { edges { cursor node { fulfilment } } }", "delivery_lines"),
        ("contributions { nodes { allocated { amount currency } unallocated { amount } } }", "allocations"),
    ],
)
async def test_a_figure_that_is_read_several_times_is_computed_once(
    filled: Database, statements: list[str], query: str, table: str
) -> None:
    await read(filled, f"{{ {query} }}")
    assert [statement.count(f"FROM {table}") for statement in statements] == [1]


async def test_the_contract_is_shown_beside_the_data_with_one_statement(
    filled: Database, statements: list[str]
) -> None:
    query = (
        '{ __type(name: "Money") { name fields { name } } expertGroups { totalCount } __schema { queryType { name } } }'
    )
    data = await read(filled, query)
    assert list(data) == ["__type", "expertGroups", "__schema"]
    assert data["__type"] == {"name": "Money", "fields": [{"name": "amount"}, {"name": "currency"}]}
    assert data["expertGroups"] == {"totalCount": 6}
    assert data["__schema"] == {"queryType": {"name": "Query"}}
    assert len(statements) == 1


@pytest.mark.parametrize(
    "query", ["{ __typename }", "{ __schema { queryType { name } } }", '{ __type(name: "X") { name } }']
)
async def test_a_query_without_data_needs_at_most_one_statement(
    filled: Database, statements: list[str], query: str
) -> None:
    assert await read(filled, query)
    assert len(statements) <= 1


async def test_a_refused_query_reaches_no_table(filled: Database, statements: list[str]) -> None:
    answer = await ask(filled, "{ procurements(first: 0) { nodes { title } } }")
    assert answer.refusal.message == "first is 0. It must be from 1 to 100."
    assert statements == []
