"""The short lane: a query that was asked before is answered without parsing, validating or Strawberry's executor.

The first request with a document goes the ordinary way and leaves the query here once it
is known to be valid and within the limits. Nobody can tell from an answer which way it
went.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from graphql import GraphQLError
from strawberry.types import ExecutionResult
from strawberry.types.execution import PreExecutionError

from resolvers.core.lru_cache import LRUCache
from resolvers.query.operations import QueryCompilerCache, ValidatedQuery
from schema.limits.extension import OperationRequest
from schema.limits.variable_sizes import CostKey

if TYPE_CHECKING:
    from collections.abc import Mapping

    from graphql import DocumentNode

    from resolvers.access.context import Context
    from resolvers.database.database import Database

#: How many queries are known, how long their documents are together (a parsed one takes a hundred times its
#: length), and for how many different sizes of variables each one's cost is known.
MAX_CACHED = 1000
MAX_CACHED_CHARACTERS = 300_000
MAX_COSTS = 100


class CachedQuery:
    """A query that was asked before, and what it cost with variables of which sizes."""

    def __init__(self, schema: Any, document: DocumentNode, operation_name: str | None) -> None:
        self.prepared = ValidatedQuery(schema, document, operation_name)
        self._asked = OperationRequest(document, operation_name, changes=False)
        self._sizes = CostKey(schema, self.prepared.operation)
        self._costs: dict[Any, int] = {}

    def cost(self, variables: Mapping[str, Any]) -> int | None:
        """Give what the query costs with variables of sizes that were asked for before, else None."""
        return self._costs.get(self._sizes.key(variables))

    def charge(self, schema: Any, variables: Mapping[str, Any], context: Context) -> None:
        """Charge for the query. Raises LimitError or RateLimitError."""
        key = self._sizes.key(variables)
        known = self._costs.get(key)
        if known is None:
            known = self._asked.charge(schema, variables, context)
            if len(self._costs) < MAX_COSTS:
                self._costs[key] = known
        elif context.meter:
            context.meter.charge(known)


class QueryCache:
    """The queries that were asked of one database before, the least recently asked going first."""

    def __init__(self, schema: Any) -> None:
        # Strawberry gives no other way to its core schema.
        self._schema = schema._schema  # noqa: SLF001
        self.operations = QueryCompilerCache(self._schema)
        self._cached: LRUCache[CachedQuery] = LRUCache(MAX_CACHED, MAX_CACHED_CHARACTERS)
        #: Documents of mutations that are valid and were within the limits of a document.
        self.valid: LRUCache[DocumentNode] = LRUCache(MAX_CACHED, MAX_CACHED_CHARACTERS)

    def get(self, source: str, operation_name: str | None) -> CachedQuery | None:
        """Give a query that was asked before."""
        return self._cached.get((source, operation_name))

    async def answer(
        self, source: str, operation_name: str | None, variables: Mapping[str, Any], context: Context
    ) -> ExecutionResult | PreExecutionError | None:
        """Answer a query that was asked before; give None for any other operation."""
        known = self.get(source, operation_name)
        if known is None:
            return None
        try:
            known.charge(self._schema, variables, context)
        except GraphQLError as refusal:
            return PreExecutionError(data=None, errors=[refusal])
        return await self._read(known.prepared, variables, context)

    async def answer_and_cache(
        self,
        source: str,
        operation_name: str | None,
        document: DocumentNode,
        variables: Mapping[str, Any],
        context: Context,
    ) -> ExecutionResult:
        """Answer a query whose document is valid and within the limits, and know it from now on."""
        key = (source, operation_name)
        known = self._cached.get(key)
        if known is None:
            known = CachedQuery(self._schema, document, operation_name)
            self._cached.put(key, known, len(source))
        return await self._read(known.prepared, variables, context)

    async def _read(self, prepared: ValidatedQuery, variables: Mapping[str, Any], context: Context) -> ExecutionResult:
        try:
            data: Any = await self.operations.read(prepared, variables, context)
        except GraphQLError as error:
            return ExecutionResult(data=None, errors=[error])
        return ExecutionResult(data=data, errors=None)


#: The lane to each database, kept as long as the database is: so it must not hold its database itself.
_caches: WeakKeyDictionary[Database, QueryCache] = WeakKeyDictionary()


def query_cache_of(database: Database, schema: Any) -> QueryCache:
    """Give the lane to a database."""
    found = _caches.get(database)
    if found is None:
        found = _caches[database] = QueryCache(schema)
    return found
