"""The access matrix: every type, field and operation, under every marking, for every role and place in a group.

The visible objects are written by hand in `matrix_world`; the queries are read off the contract, so that a field
that is added is queried for all viewers, too.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from graphql import (
    GraphQLInputObjectType,
    GraphQLObjectType,
    build_schema,
    get_named_type,
    is_leaf_type,
    is_required_argument,
)
from sqlalchemy.ext.asyncio import AsyncSession

from schema import schema
from tests.support.access_matrix import Names, expected, make_world
from tests.support.execute import ask, read
from tests.support.viewers import cast, name_as_recipient, people

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Sequence

    from resolvers.access.viewer import Viewer
    from resolvers.database.database import Database

pytestmark = pytest.mark.anyio

CONTRACT = build_schema(schema.as_str())
PAGE = 100

#: How many cells must be asked at least, in one way: the matrix must not go hollow.
LEAST_CELLS = 20_000

#: Behind row-level security, one viewer of so many asks each list.
EACH_BEHIND = 3

Cells = Counter[str]


@pytest.fixture(scope="module")
async def matrix(read_database: Database) -> AsyncIterator[dict[str, Names]]:
    """Put the world in; return who must see which objects, by the ids in the API."""
    world = make_world()
    async with AsyncSession(
        read_database.bypass_policies("a test makes a world", unaudited=True), expire_on_commit=False
    ) as session:
        session.add_all([world.ours, *people(world.ours), *(row for row, _ in world.rows)])
        await session.flush()
        await name_as_recipient(session, "recipient@example.org")
        await session.commit()
    yield dict(expected(world.rows))
    await read_database.close()


def fields_of(type_name: str) -> tuple[list[str], list[str], list[str]]:
    """Return the plain fields of a type, its references and its connections."""
    found: Any = CONTRACT.type_map[type_name]
    plain, references, connections = [], [], []
    for name, each in found.fields.items():
        kind = get_named_type(each.type)
        if is_leaf_type(kind):
            plain.append(name)
        elif kind.name.endswith("Connection"):
            connections.append(name)
        elif isinstance(kind, GraphQLObjectType) and "id" in kind.fields:
            references.append(name)
    return plain, references, connections


def types_of(ids: Sequence[str]) -> list[str]:
    return sorted({each.partition(":")[0] for each in ids})


def lists() -> dict[str, str]:
    """Return the root list of each type that has one. A comparison of two objects has no rows of its own."""
    query = CONTRACT.query_type
    assert query is not None
    named = {
        name: get_named_type(each.type).name
        for name, each in query.fields.items()
        if not any(is_required_argument(argument) for argument in each.args.values())
    }
    return {kind.removesuffix("Connection"): name for name, kind in named.items() if kind.endswith("Connection")}


@pytest.fixture(scope="module")
async def viewers(read_database: Database, matrix: dict[str, Names]) -> dict[str, Viewer]:
    """Return all viewers by name."""
    assert matrix
    return {name: viewer for name, (_, viewer) in (await cast(read_database)).items()}


async def pages(
    read_database: Database, viewer: Viewer, name: str, *, backward: bool = False
) -> tuple[list[str], dict[str, Any]]:
    """Walk a root list from one end to the other; return the ids, and the last page's counts."""
    size, beside = ("last", "before") if backward else ("first", "after")
    query = (
        f"query Walk($cursor: String) {{ {name}({size}: {PAGE}, {beside}: $cursor) {{ totalCount aggregate {{ count }} "
        "edges { cursor node { id } } nodes { id } pageInfo { hasNextPage hasPreviousPage } } }"
    )
    found: list[str] = []
    cursor = None
    while True:
        page = (await read(read_database, query, viewer=viewer, cursor=cursor))[name]
        assert [edge["node"] for edge in page["edges"]] == page["nodes"]
        ids = [node["id"] for node in page["nodes"]]
        found = [*ids, *found] if backward else [*found, *ids]
        if not page["pageInfo"]["hasPreviousPage" if backward else "hasNextPage"]:
            return found, page
        cursor = page["edges"][0 if backward else -1]["cursor"]


@pytest.mark.parametrize(("type_name", "name"), lists().items(), ids=[*lists()])
async def test_a_list_holds_what_is_to_be_seen_and_counts_nothing_else(
    read_database: Database, matrix: dict[str, Names], viewers: dict[str, Viewer], type_name: str, name: str
) -> None:
    # Behind row-level security, a list of many tables is planned for a second and started for a tenth: there, each list
    # is asked by some viewers in turn. All of them ask for each object by its id, in the test below.
    behind, place = read_database.row_level_security, [*lists().values()].index(name)
    for number, (who, viewer) in enumerate(viewers.items()):
        if behind and (number + place) % EACH_BEHIND:
            continue
        forward, page = await pages(read_database, viewer, name)
        backward, _ = await pages(read_database, viewer, name, backward=True)
        assert forward == backward
        assert page["totalCount"] == page["aggregate"]["count"] == len(forward) == len(set(forward))
        for each, names in matrix.items():
            if each.startswith(f"{type_name}:"):
                assert (each in forward) == (who in names), (who, name, each)


async def test_an_object_that_is_hidden_is_as_one_that_is_not_there(
    read_database: Database, matrix: dict[str, Names], viewers: dict[str, Viewer]
) -> None:
    cells = Cells()
    for type_name in types_of(list(matrix)):
        # One type after the other: PostgreSQL then plans its statement once for all viewers.
        for who, viewer in viewers.items():
            ids = [each for each in matrix if each.startswith(f"{type_name}:")]
            for each, node in (await objects(read_database, viewer, type_name, ids)).items():
                assert (node is not None) == (who in matrix[each]), (who, each)
                cells[who] += len(node or fields_of(type_name)[0])
                if node:
                    cells[who] += leads_to_nothing_hidden(node, who, matrix)
    assert cells.total() >= LEAST_CELLS, cells
    assert all(cells.values())


async def objects(read_database: Database, viewer: Viewer, type_name: str, ids: Sequence[str]) -> dict[str, Any]:
    """Return objects of a type by their ids, with every field that leads to others."""
    plain, references, connections = fields_of(type_name)
    selected = [
        *plain,
        *(f"{name} {{ id }}" for name in references),
        *(f"{name}(first: {PAGE}) {{ totalCount nodes {{ id }} aggregate {{ count }} }}" for name in connections),
    ]
    query = f"query Look($ids: [ID!]!) {{ nodes(ids: $ids) {{ ... on {type_name} {{ {' '.join(selected)} }} }} }}"
    found: dict[str, Any] = {}
    for start in range(0, len(ids), PAGE):
        part = ids[start : start + PAGE]
        found |= zip(part, (await read(read_database, query, viewer=viewer, ids=part))["nodes"], strict=True)
    return found


def leads_to_nothing_hidden(node: dict[str, Any], who: str, matrix: dict[str, Names]) -> int:
    """Check every object a node leads to; return how many they are."""
    met = 0
    for name, value in node.items():
        if isinstance(value, dict) and "nodes" in value:
            ids = [each["id"] for each in value["nodes"]]
            assert value["totalCount"] == value["aggregate"]["count"] == len(ids), (who, node["id"], name)
        else:
            ids = [value["id"]] if isinstance(value, dict) and "id" in value else []
        for each in ids:
            assert who in matrix.get(each, {who}), (who, node["id"], name, each)
        met += len(ids)
    return met


def probes(matrix: dict[str, Names]) -> Iterator[tuple[str, str]]:
    """Yield, for each list and each relation it filters by, a count of the rows that have a related row in `$ids`.

    Each count comes with the type of the related row.
    """
    for type_name, name in lists().items():
        where: Any = CONTRACT.type_map[f"{type_name}Where"]
        for key, each in where.fields.items():
            kind = get_named_type(each.type)
            if not isinstance(kind, GraphQLInputObjectType) or key in {"and", "or", "not"}:
                continue
            target = kind.name.removesuffix("Where").removesuffix("Some")
            inner = get_named_type(kind.fields["some"].type) if "some" in kind.fields else kind
            if "id" not in getattr(inner, "fields", {}):
                continue
            target = inner.name.removesuffix("Where")
            if any(found.startswith(f"{target}:") for found in matrix):
                condition = "{some: {id: {in: $ids}}}" if "some" in kind.fields else "{id: {in: $ids}}"
                yield target, f"{name}(where: {{{key}: {condition}}}) {{ totalCount }}"


async def test_no_condition_probes_what_is_hidden(
    read_database: Database, matrix: dict[str, Names], viewers: dict[str, Viewer]
) -> None:
    asked = 0
    for target, field in probes(matrix):
        query = f"query Probe($ids: [ID!]!) {{ {field} }}"
        for who, viewer in viewers.items():
            hidden = [each for each, names in matrix.items() if each.startswith(f"{target}:") and who not in names]
            answer = await read(read_database, query, viewer=viewer, ids=hidden)
            assert all(found["totalCount"] == 0 for found in answer.values()), (who, field)
            asked += len(hidden)
    assert asked >= LEAST_CELLS / 10


async def test_sums_add_up_what_is_to_be_seen(
    read_database: Database, matrix: dict[str, Names], viewers: dict[str, Viewer]
) -> None:
    query = "{ procurements { aggregate { sums { estimatedValue { amount currency } } } } }"
    for who, viewer in viewers.items():
        sums = (await read(read_database, query, viewer=viewer))["procurements"]["aggregate"]["sums"]["estimatedValue"]
        seen = sum(who in names for each, names in matrix.items() if each.startswith("Procurement:"))
        assert sums == ([{"amount": f"{seen}.00", "currency": "EUR"}] if seen else []), who


async def test_a_cursor_of_a_hidden_row_leads_to_what_is_to_be_seen_behind_it(
    read_database: Database, matrix: dict[str, Names], viewers: dict[str, Viewer]
) -> None:
    cursors = await read(read_database, "{ documents(first: 100) { edges { cursor node { id } } } }")
    edges = cursors["documents"]["edges"]
    query = "query Behind($cursor: String!) { documents(first: 100, after: $cursor) { nodes { id } } }"
    for who, viewer in viewers.items():
        for place in range(0, len(edges), 7):
            found = (await read(read_database, query, viewer=viewer, cursor=edges[place]["cursor"]))["documents"][
                "nodes"
            ]
            behind = [edge["node"]["id"] for edge in edges[place + 1 :]]
            assert [node["id"] for node in found] == [each for each in behind if who in matrix[each]]


async def test_the_mistakes_of_a_request_are_told_the_same_to_all(
    read_database: Database, matrix: dict[str, Names], viewers: dict[str, Viewer]
) -> None:
    key = next(each for each in matrix if each.startswith("Document:"))
    queries = (
        '{ documents(where: {id: {eq: "Document:x"}}) { totalCount } }',
        f'{{ procurements(where: {{id: {{eq: "{key}"}}}}) {{ totalCount }} }}',
        '{ documents(after: "00") { totalCount nodes { id } } }',
    )
    for query in queries:
        told = {str((await ask(read_database, query, viewer=viewer)).errors) for viewer in viewers.values()}
        assert len(told) == 1
