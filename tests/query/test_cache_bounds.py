"""What is kept of queries stays within bounds, however many of them come and in however many shapes."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Any

import pytest

from resolvers.core.lru_cache import LRUCache
from resolvers.database import postgresql_reader
from resolvers.database.database import Database
from resolvers.query import operations
from schema import schema
from schema.execution import query_cache as cache
from tests.support.execute import read

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
    """Give a database of which few queries, shapes and statements are kept."""
    monkeypatch.setattr(cache, "MAX_CACHED", MOST)
    monkeypatch.setattr(operations, "MAX_COMPILED", MOST)
    monkeypatch.setattr(postgresql_reader, "MAX_PREPARED", MOST)
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
    assert len(cache.query_cache_of(narrow, schema).operations._compiled) == 1  # noqa: SLF001 - a test looks inside


async def check_kept(database: Database) -> None:
    found = cache.query_cache_of(database, schema)
    assert len(found._cached) <= MOST  # noqa: SLF001 - a test looks inside
    assert len(found.operations._compiled) == MOST or len(found._cached) == 1  # noqa: SLF001
    if database.dialect.name == "postgresql":
        # Beside them, asyncpg has a few of its own.
        prepared = await database.fetch_text("SELECT count(*)::text FROM pg_prepared_statements", ())
        assert 1 < int(prepared) <= MOST + 5
