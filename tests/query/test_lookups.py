"""Single objects: by id, by several ids, and by the codes people know them by."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from models.base import new_key
from models.derived.computed_rows import ComputedRows
from resolvers.query.spec import query_specs
from tests.support.execute import BAD_USER_INPUT, ask, read
from tests.support.factories import a_capability_area, a_participant, a_procurement, an_expert_group, one_of_each
from tests.support.rows import keep

if TYPE_CHECKING:
    from models import Entity
    from resolvers.database.database import Database

pytestmark = pytest.mark.anyio

NOBODY = "00000000-0000-4000-8000-000000000000"
NODE = (
    "query Asked($id: ID!) { node(id: $id) { __typename id ... on Participant { name } ... on Procurement { title } } }"
)
NODES = "query Asked($ids: [ID!]!) { nodes(ids: $ids) { __typename id ... on Participant { name } ... on Procurement { title } } }"  # noqa: E501


def global_id(row: Entity) -> str:
    """Return the id in the API of a row that is not stored yet."""
    row.id = row.id or new_key()
    return f"{type(row).__name__}:{row.id}"


async def test_every_type_of_object_is_found_by_its_id(database: Database) -> None:
    rows = one_of_each()
    ids = {type(row).__name__: global_id(row) for row in rows}
    await keep(database, *rows)
    # Changes write the events (tests/nouns/administration/test_audit_events.py). Computed rows are not stored; their
    # own tests find them by id.
    stored = {spec.model.__name__ for spec in query_specs() if not issubclass(spec.model, ComputedRows)}
    assert set(ids) == stored - {"AuditEvent", "Change"}
    for type_name, key in ids.items():
        expected: dict[str, Any] = {"node": {"__typename": type_name, "id": key, "version": 1}}
        query = f"query Asked($id: ID!) {{ node(id: $id) {{ __typename id ... on {type_name} {{ version }} }} }}"
        assert await read(database, query, id=key) == expected
    found = (await read(database, NODES, ids=list(ids.values())))["nodes"]
    assert {node["__typename"]: node["id"] for node in found} == ids


async def test_an_id_may_stand_in_the_document(database: Database) -> None:
    row = a_participant(name="Estonia")
    query = f'{{ node(id: "{global_id(row)}") {{ ... on Participant {{ name }} }} }}'
    await keep(database, row)
    assert await read(database, query) == {"node": {"name": "Estonia"}}


async def test_several_objects_come_in_the_order_of_their_ids_and_null_where_there_is_none(database: Database) -> None:
    rows = [a_participant(name="Estonia"), a_procurement(title="Laptops"), a_participant(name="Luxembourg")]
    one, two, three = map(global_id, rows)
    await keep(database, *rows)
    ids = [three, f"Participant:{NOBODY}", two, one, three, f"Meeting:{NOBODY}"]
    expected = [
        {"__typename": "Participant", "id": three, "name": "Luxembourg"},
        None,
        {"__typename": "Procurement", "id": two, "title": "Laptops"},
        {"__typename": "Participant", "id": one, "name": "Estonia"},
        {"__typename": "Participant", "id": three, "name": "Luxembourg"},
        None,
    ]
    assert (await read(database, NODES, ids=ids))["nodes"] == expected
    # The same compiled operation again, with other objects of the same types.
    assert (await read(database, NODES, ids=[two, f"Meeting:{NOBODY}", one]))["nodes"] == [
        expected[2],
        None,
        expected[3],
    ]
    assert (await read(database, NODES, ids=[]))["nodes"] == []
    assert (await read(database, NODES, ids=one))["nodes"] == [expected[3]]


async def test_a_hundred_objects_can_be_asked_for_at_once_and_no_more(database: Database) -> None:
    key = f"Participant:{NOBODY}"
    assert (await read(database, NODES, ids=[key] * 100))["nodes"] == [None] * 100
    refusal = (await ask(database, NODES, ids=[key] * 101)).refusal
    assert refusal.code == BAD_USER_INPUT
    assert refusal.message == "ids has 101 items. Request at most 100 at once."


async def test_an_object_that_is_not_there_is_null(database: Database) -> None:
    assert await read(database, NODE, id=f"Participant:{NOBODY}") == {"node": None}


@pytest.mark.parametrize(
    "key",
    [
        "",
        "Participant",
        "Participant:",
        "Participant:1",
        f"participant:{NOBODY}",
        f"Participant:{NOBODY} ",
        f"Participant:{NOBODY}\n",
        f"Participant:{{{NOBODY}}}",
        f"Participant:{NOBODY.replace('-', '')}",
        f"Source:{NOBODY}",
        f"Money:{NOBODY}",
        f"Query:{NOBODY}",
        f"Node:{NOBODY}",
        f"Participant\0:{NOBODY}",
        "\ud800",
        NOBODY,
        f"Participant:{NOBODY.replace('0', chr(0x660))}",
    ],
)
async def test_what_is_no_id_is_refused_by_the_name_of_its_argument(database: Database, key: str) -> None:
    for query, name, value in ((NODE, "id", key), (NODES, "ids", [key]), (NODES, "ids", [f"Meeting:{NOBODY}", key])):
        variables: dict[str, Any] = {name: value}
        answer = await ask(database, query, **variables)
        assert answer.data == ({"node": None} if query == NODE else None)
        [error] = answer.errors
        assert error.code == BAD_USER_INPUT
        assert error.message == f"{name} is not an id of this API. Send the id exactly as you received it."


async def test_objects_are_found_by_their_codes_to_the_letter(database: Database) -> None:
    await keep(database, a_participant("EE", name="Estonia"), an_expert_group("EG1"), a_capability_area("CYBER"))
    query = """query Asked($p: String!, $g: String!, $a: String!) {
                 participant(code: $p) { name } expertGroup(code: $g) { code } capabilityArea(code: $a) { code } }"""
    assert await read(database, query, p="EE", g="EG1", a="CYBER") == {
        "participant": {"name": "Estonia"},
        "expertGroup": {"code": "EG1"},
        "capabilityArea": {"code": "CYBER"},
    }
    nothing = {"participant": None, "expertGroup": None, "capabilityArea": None}
    assert await read(database, query, p="ee", g="EG1 ", a="") == nothing
    answer = await ask(database, query, p="E\0E", g="EG1", a="CYBER")
    assert answer.data == {"participant": None, "expertGroup": {"code": "EG1"}, "capabilityArea": {"code": "CYBER"}}
    [error] = answer.errors
    assert (error.code, error.path) == (BAD_USER_INPUT, ("participant",))
    assert error.message.startswith("code contains a NUL")
