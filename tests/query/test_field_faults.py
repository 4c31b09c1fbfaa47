"""An error of one field nulls the nearest nullable field, and the rest of the data is returned."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.support.execute import BAD_USER_INPUT, Answer, ask
from tests.support.factories import a_participant, a_procurement, an_expert_group
from tests.support.rows import keep
from tests.support.small_coalition import an_id

if TYPE_CHECKING:
    from models import Procurement
    from resolvers.database.database import Database

pytestmark = pytest.mark.anyio

NO_PAGE = "first is 500. It must be from 1 to 100."


@pytest.fixture
async def two(database: Database) -> list[Procurement]:
    """Keep two procurements, the first of a group."""
    group = an_expert_group("EG1")
    rows = [a_procurement(title="Laptops", reference="P1", group=group), a_procurement(title="Radios", reference="P2")]
    await keep(database, a_participant("EE", name="Estonia"), *rows)
    return rows


def errors(answer: Answer) -> list[tuple[Any, str]]:
    assert {error.code for error in answer.errors} <= {BAD_USER_INPUT}
    return [(error.path, error.message) for error in answer.errors]


@pytest.mark.parametrize("times", [1, 2])
async def test_a_bad_id_nulls_its_own_field_and_no_other(
    database: Database, two: list[Procurement], times: int
) -> None:
    query = """query Asked($id: ID!) { participant(code: "EE") { name } node(id: $id) { id }
                 procurements { totalCount } typed: __typename __schema { queryType { name } } }"""
    assert len(two) == 2
    for _ in range(times):
        answer = await ask(database, query, id="x")
        assert answer.data == {
            "participant": {"name": "Estonia"},
            "node": None,
            "procurements": {"totalCount": 2},
            "typed": "Query",
            "__schema": {"queryType": {"name": "Query"}},
        }
        assert errors(answer) == [(("node",), "id is not an id of this API. Send the id exactly as you received it.")]
    good = await ask(database, query, id=an_id(two[0]))
    assert good.errors == ()
    assert good.data["node"] == {"id": an_id(two[0])}


async def test_a_bad_page_in_a_list_nulls_the_nearest_nullable_object_of_each_row(
    database: Database, two: list[Procurement]
) -> None:
    query = """query Asked($first: Int) { procurements(orderBy: [{field: REFERENCE}]) { nodes {
                 title group { code history(first: $first) { totalCount } } } } }"""
    for first in (500, 5, 500):
        answer = await ask(database, query, first=first)
        group = None if first == 500 else {"code": "EG1", "history": {"totalCount": 0}}
        nodes = [{"title": "Laptops", "group": group}, {"title": "Radios", "group": None}]
        assert answer.data == {"procurements": {"nodes": nodes}}
        place = ("procurements", "nodes", 0, "group", "history")
        assert errors(answer) == ([(place, NO_PAGE)] if first == 500 else [])
    assert len(two) == 2


async def test_where_no_field_on_the_way_may_be_null_there_is_no_data(
    database: Database, two: list[Procurement]
) -> None:
    query = "query Asked($first: Int) { procurements { nodes { title needs(first: $first) { totalCount } } } }"
    answer = await ask(database, query, first=500)
    assert answer.data is None
    assert errors(answer) == [(("procurements", "nodes", 0, "needs"), NO_PAGE)]
    assert len(two) == 2


async def test_a_field_that_is_not_executed_has_no_error(database: Database) -> None:
    query = "{ procurements { nodes { needs(first: 500) { totalCount } } } }"
    answer = await ask(database, query)
    assert answer.data == {"procurements": {"nodes": []}}
    assert answer.errors == ()


async def test_every_fault_has_its_own_error(database: Database, two: list[Procurement]) -> None:
    query = """query Asked($id: ID!, $code: String!, $where: ProcurementWhere) {
                 node(id: $id) { id } participant(code: $code) { name }
                 expertGroup(code: "EG1") { code procurements(where: $where) { totalCount } }
                 procurements { nodes { title } } }"""
    answer = await ask(database, query, id="x", code="\0", where={"title": {"eq": None}})
    assert answer.data == {
        "node": None,
        "participant": None,
        "expertGroup": None,
        "procurements": {"nodes": [{"title": row.title} for row in two]},
    }
    assert [path for path, _ in errors(answer)] == [("node",), ("participant",), ("expertGroup", "procurements")]


async def test_a_variable_of_the_wrong_type_refuses_the_whole_request(database: Database) -> None:
    answer = await ask(
        database, "query Asked($n: Int) { viewer { roles } procurements(first: $n) { totalCount } }", n="x"
    )
    assert answer.refusal.path is None
    assert answer.refusal.code == BAD_USER_INPUT


async def test_a_variable_that_the_operation_does_not_declare_refuses_the_request(database: Database) -> None:
    mutation = """mutation Made($first: Int!) { planCapabilityNeed(
      input: {id: "x", expectedVersion: 1, roadmapId: "y", year: $first}) { __typename } }"""
    sent: list[dict[str, Any]] = [{"first": 5, "firts": 5}, {"first": 2030, "firts": None}]
    for query in ("query Asked($first: Int) { procurements(first: $first) { totalCount } }", mutation):
        for variables in sent:
            answer = await ask(database, query, **variables)
            assert answer.refusal.code == BAD_USER_INPUT
            message = (
                "The operation does not declare the variable $firts. It declares: $first. "
                "Declare it, or leave it out of `variables`."
            )
            assert answer.refusal.message == message
