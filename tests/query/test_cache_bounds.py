"""The caches of queries stay within bounds, with any number of queries in any number of shapes."""

from __future__ import annotations

import asyncio
from itertools import product
from typing import TYPE_CHECKING, Any

import pytest
from graphql import parse

from resolvers.core import cache_bounds
from resolvers.core.cache_bounds import CacheBound
from resolvers.core.limits import Limits
from resolvers.core.lru_cache import LRUCache
from resolvers.database.database import Database
from resolvers.query.operations import QueryCompilerCache
from schema import schema
from schema.execution.query_cache import CachedOperation, OperationRequest, QueryCache, query_cache_of
from schema.strawberry_internals import core_schema
from tests.support.execute import insider, read
from tests.support.parsing import note_parsing

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

MOST = 7
SHAPED = (
    "query($w: ProcurementWhere, $by: [ProcurementOrder!]) "
    "{ procurements(where: $w, orderBy: $by) { totalCount nodes { title } } }"
)
FIELDS, OPERATORS = ("title", "reference"), ("eq", "contains", "startsWith")
ORDERS = ("TITLE", "REFERENCE", "CREATED_AT")


def test_the_least_recently_used_goes_first() -> None:
    kept: LRUCache[str] = LRUCache(2, 100)
    kept.put("a", "A", 1)
    kept.put("b", "B", 1)
    assert kept.get("a") == "A"
    kept.put("c", "C", 1)
    assert [kept.get(key) for key in "abc"] == ["A", None, "C"]


def test_what_is_too_long_together_goes_too_but_for_the_last() -> None:
    kept: LRUCache[str] = LRUCache(100, 10)
    for key in "abc":
        kept.put(key, key, 4)
    assert [kept.get(key) for key in "abc"] == [None, "b", "c"]
    kept.put("d", "d", 1000)
    assert (kept.get("d"), len(kept)) == ("d", 1)
    kept.put("d", "d", 4)
    kept.put("e", "e", 4)
    assert len(kept) == 2


@pytest.fixture
async def narrow(url: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Database]:
    """Yield a database whose caches hold few queries, shapes and statements."""
    for name in ("OPERATIONS", "STATEMENTS", "BOUND_STATEMENTS", "INTROSPECTED", "PREPARED_STATEMENTS"):
        monkeypatch.setattr(cache_bounds, name, CacheBound(MOST, 1_000_000))
    opened = Database(url)
    yield opened
    await opened.close()


@pytest.mark.anyio
async def test_many_shapes_of_one_query_leave_only_so_many_statements(narrow: Database) -> None:
    for field, operator, order in product(FIELDS, OPERATORS, ORDERS):
        for _ in range(2):
            variables: dict[str, Any] = {"w": {field: {operator: "x"}}, "by": [{"field": order}]}
            assert await read(narrow, SHAPED, **variables) == {"procurements": {"totalCount": 0, "nodes": []}}
    await check_kept(narrow)


@pytest.mark.anyio
async def test_many_queries_leave_only_so_many(narrow: Database) -> None:
    for number in range(3 * MOST):
        answer = {f"a{number}": {"totalCount": 0}}
        assert await read(narrow, f"{{ a{number}: procurements {{ totalCount }} }}") == answer
    await check_kept(narrow)


@pytest.mark.anyio
async def test_other_values_are_no_other_shape(narrow: Database) -> None:
    for number in range(20):
        await read(narrow, SHAPED, w={"title": {"contains": str(number)}})
    assert len(cache_of(narrow).statements.compiled) == 1


@pytest.mark.anyio
async def test_introspection_runs_once_for_each_query_and_its_variables(
    narrow: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, runs = QueryCompilerCache._with_introspection, list[object]()  # noqa: SLF001

    def note_and_run(cache: QueryCompilerCache, bound: Any, data: dict[str, Any]) -> dict[str, Any]:
        runs.append(data)
        return run(cache, bound, data)

    monkeypatch.setattr(QueryCompilerCache, "_with_introspection", note_and_run)
    alone = "query ($of: String!) { a: __type(name: $of) { name kind } __type(name: $of) { description } }"
    first, again, other = [await read(narrow, alone, of=name) for name in ("Money", "Money", "Nothing")]
    assert (first, other) == (again, {"a": None, "__type": None})
    assert first["a"] == {"name": "Money", "kind": "OBJECT"}
    assert len(runs) == 2
    # Beside data, it is not stored.
    for _ in range(2):
        found = await read(narrow, '{ participants { totalCount } __type(name: "Money") { name } }')
        assert found == {"participants": {"totalCount": 0}, "__type": {"name": "Money"}}
    assert len(runs) == 4
    for number in range(2 * MOST):
        await read(narrow, alone, of=str(number))
    assert len(cache_of(narrow).statements.introspected) == MOST


@pytest.mark.anyio
async def test_many_bodies_of_many_viewers_leave_only_so_many_bound_statements(narrow: Database) -> None:
    cache = await cache_that_knows_the_query(narrow)
    viewers = [await insider(narrow) for _ in range(3)]
    for viewer, number in product(viewers, range(MOST)):
        assert cache.find_in(str(number).encode(), viewer, parse_body) is not None
    assert len(cache._bound) == MOST  # noqa: SLF001


@pytest.mark.anyio
async def test_the_same_body_of_the_same_viewer_is_parsed_once(narrow: Database) -> None:
    cache, parsed = await cache_that_knows_the_query(narrow), list[bytes]()

    def note_and_parse(body: bytes) -> OperationRequest:
        parsed.append(body)
        return parse_body(body)

    one, other = [await insider(narrow) for _ in range(2)]
    long = b"1" * (cache_bounds.LONGEST_BODY + 1)
    for body, viewer in ((b"1", one), (b"1", one), (b"2", one), (b"1", other), (long, one), (long, one)):
        found = cache.find_in(body, viewer, note_and_parse)
        assert found is not None
        assert body.decode() in found.statement.values
    assert parsed == [b"1", b"2", b"1", long, long]


@pytest.mark.anyio
async def test_what_is_not_found_is_looked_up_each_time(narrow: Database) -> None:
    cache, viewer = cache_of(narrow), await insider(narrow)
    assert cache.find_in(b"1", viewer, lambda _: None) is None
    assert cache.find_in(b"1", viewer, parse_body) is None
    await cache_that_knows_the_query(narrow)
    assert cache.find_in(b"1", viewer, parse_body) is not None


@pytest.mark.anyio
async def test_requests_at_once_with_a_new_document_compile_it_once(
    narrow: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    parsed = note_parsing(monkeypatch)
    answers = await asyncio.gather(*(read(narrow, SHAPED, w={"title": {"eq": str(number)}}) for number in range(9)))
    assert answers == answers[:1] * 9
    assert len(parsed) == 1
    assert len(cache_of(narrow).statements.compiled) == 1


async def cache_that_knows_the_query(database: Database) -> QueryCache:
    """Return the cache of a database once the query, a cost of it and a shape of its variables are in it."""
    cache = cache_of(database)
    await read(database, SHAPED, w={"title": {"eq": "x"}})
    operation = cache.operation(SHAPED, None)
    assert operation is not None
    assert operation.cost({"w": {"title": {"eq": "x"}}}, Limits()) > 1
    return cache


def parse_body(body: bytes) -> OperationRequest:
    return SHAPED, None, {"w": {"title": {"eq": body.decode()}}}


def test_a_query_has_only_so_many_costs() -> None:
    operation = CachedOperation(core_schema(schema), parse("query ($n: [ID!]!) { nodes(ids: $n) { id } }"), None)
    for number in range(1, 2 * cache_bounds.COSTS):
        assert operation.cost({"n": ["Meeting:x"] * number}, Limits()) == number
    assert len(operation._costs) == cache_bounds.COSTS  # noqa: SLF001


def cache_of(database: Database) -> QueryCache:
    return query_cache_of(database, core_schema(schema))


async def check_kept(database: Database) -> None:
    found = cache_of(database)
    assert len(found._operations) <= MOST  # noqa: SLF001 - a test looks inside
    assert len(found.statements.compiled) == MOST or len(found._operations) == 1  # noqa: SLF001
    if database.dialect.name == "postgresql":
        # Beside them, asyncpg has a few of its own.
        prepared = await database.fetch_text("SELECT count(*)::text FROM pg_prepared_statements", ())
        assert 1 < int(prepared) <= MOST + 5
