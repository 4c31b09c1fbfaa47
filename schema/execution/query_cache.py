"""The cache of operations of one database, and of the statements that run them.

The first request with a document passes Strawberry's pipeline, which stores the operation here if it is valid and
within the limits (`extension`). `QueryCache.find` is the only lookup of a request: it returns the statement of a query,
with the values of the request and its cost. `resolvers/core/cache_bounds.py` has the sizes of the caches.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple
from weakref import WeakKeyDictionary

from graphql import GraphQLError, OperationType, get_operation_ast
from strawberry.types import ExecutionResult

from resolvers.core import cache_bounds
from resolvers.core.lru_cache import LRUCache
from resolvers.query.operations import QueryCompilerCache, ValidatedQuery
from resolvers.query.variables import Variables
from schema.execution.payloads import payload_query
from schema.limits.operation_cost import operation_cost
from schema.limits.variable_sizes import CostKey

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from graphql import DocumentNode, FieldNode, GraphQLSchema

    from resolvers.access.context import Context
    from resolvers.access.viewer import Viewer
    from resolvers.core.limits import Limits
    from resolvers.database.database import Database
    from resolvers.query.operations import BoundStatement, QueryAnswer


class CachedOperation:
    """One operation of a document, with its cost and its queries.

    Attributes:
        schema: The contract.
        document: The document.
        node: The operation in the document.
        name: The name of the operation; None without one.
        payloads: The queries that read the changed object of a mutation, by the nodes that select the object.
    """

    def __init__(self, schema: GraphQLSchema, document: DocumentNode, name: str | None) -> None:
        """Select the operation with this name, or the only operation. The document is not validated yet.

        Raises ValueError if the document has no such operation.
        """
        operation = get_operation_ast(document, name)
        if operation is None:
            message = f"the document has no operation {name}"
            raise ValueError(message)
        self.document = document
        self.payloads: LRUCache[ValidatedQuery] = LRUCache(cache_bounds.PAYLOADS, cache_bounds.PAYLOADS)
        self.schema = schema
        self.node = operation
        self.name = operation.name.value if operation.name else None
        self._sizes = CostKey(schema, operation)
        self._costs: LRUCache[int] = LRUCache(cache_bounds.COSTS, cache_bounds.COSTS)

    @cached_property
    def query(self) -> ValidatedQuery | None:
        """The query of a valid document; None for a mutation."""
        if self.node.operation is not OperationType.QUERY:
            return None
        return ValidatedQuery(self.schema, self.document, self.name)

    @cached_property
    def variables(self) -> Variables:
        """The variables that the operation of a valid document declares."""
        return self.query.variables if self.query else Variables(self.schema, self.node)

    def payload(self, nodes: Sequence[FieldNode], type_name: str) -> ValidatedQuery:
        """Return the query that reads the fields of an object that these nodes of a mutation select."""
        # The nodes that select an object depend on the variables. Their ids are unique: the operation owns the nodes.
        key = (type_name, *map(id, nodes))
        query = self.payloads.get(key)
        if query is None:
            query = payload_query(self.schema, self.document, self.node, nodes, type_name)
            self.payloads.put(key, query, 1)
        return query

    def known_cost(self, variables: Mapping[str, Any]) -> int | None:
        """Return the cached cost with variables of these sizes; None if it is not cached."""
        return self._costs.get(self._sizes.key(variables))

    def cost(self, variables: Mapping[str, Any], limits: Limits) -> int:
        """Return the cost with these variables; `limits` must be the same in each call. Raises LimitError."""
        key = self._sizes.key(variables)
        cost = self._costs.get(key)
        if cost is None:
            cost = operation_cost(self.schema, self.document, self.node, variables, limits)
            self._costs.put(key, cost, 1)
        return cost


#: The document, the operation name and the variables of a request.
OperationRequest = tuple[str, str | None, Mapping[str, Any]]


class BoundQuery(NamedTuple):
    """A query with the values of one request, ready to run, its cost without that of the request, and its name."""

    statement: BoundStatement
    cost: int
    name: str | None = None


class QueryCache:
    """The LRU cache of the operations of one database.

    Args:
        schema: The contract.
        shared: The cache of another database of the same engine, whose operations and statements this one has, too.
    """

    def __init__(self, schema: GraphQLSchema, shared: QueryCache | None = None) -> None:
        self.statements: QueryCompilerCache = QueryCompilerCache(schema, shared.statements.compiled if shared else None)
        self._operations: LRUCache[CachedOperation] = (
            shared._operations if shared else LRUCache(*cache_bounds.OPERATIONS)  # noqa: SLF001 - of the same class
        )
        self._bound: LRUCache[BoundQuery] = LRUCache(*cache_bounds.BOUND_STATEMENTS)

    def operation(self, text: str, name: str | None) -> CachedOperation | None:
        """Return the operation with this name in the document with this text; None if it is not cached."""
        return self._operations.get((text, name))

    def put(self, text: str, name: str | None, operation: CachedOperation) -> None:
        """Store an operation, which must be valid and within the limits."""
        self._operations.put((text, name), operation, len(text))

    def find(self, text: str, name: str | None, variables: Mapping[str, Any], viewer: Viewer) -> BoundQuery | None:
        """Return the cached query of a request, ready to run.

        Args:
            text: The document.
            name: The name of the operation; None if the document has only one operation.
            variables: The variables of the request, not yet parsed.
            viewer: The viewer.

        Returns None if a part is not cached: the operation, its cost with variables of these sizes, or the statement
        for variables of this shape. Also returns None for a mutation, and for invalid variables.
        """
        operation = self.operation(text, name)
        if operation is None or operation.query is None:
            return None
        cost = operation.known_cost(variables)
        if cost is None:
            return None
        try:
            statement = self.statements.find(operation.query, variables, viewer)
        except GraphQLError:
            return None
        return BoundQuery(statement, cost, operation.name) if statement and not statement.faults else None

    def find_in(
        self, body: bytes, viewer: Viewer, parse: Callable[[bytes], OperationRequest | None]
    ) -> BoundQuery | None:
        """Return the result of `find` for the request in a body; `parse` reads a body that is not cached."""
        # The same bytes from the same viewer always result in the same statement with the same values.
        key = (body, viewer)
        found = self._bound.get(key)
        if found is None:
            request = parse(body)
            found = self.find(*request, viewer) if request else None
            if found is not None and len(body) <= cache_bounds.LONGEST_BODY:
                self._bound.put(key, found, len(body))
        return found

    async def run(self, bound: BoundQuery, context: Context) -> ExecutionResult:
        """Run a query that `find` returned; return its result."""
        return await _result_of(self.statements.run(bound.statement, context))

    async def read(self, query: ValidatedQuery, variables: Mapping[str, Any], context: Context) -> ExecutionResult:
        """Run a query, and return its result; compile it first if it is new."""
        return await _result_of(self.statements.read(query, variables, context))


async def _result_of(reading: Awaitable[QueryAnswer]) -> ExecutionResult:
    try:
        answer = await reading
        return ExecutionResult(data=answer.data, errors=list(answer.errors) or None)  # type: ignore[arg-type]
    except GraphQLError as error:
        return ExecutionResult(data=None, errors=[error])


#: The cache of each database. A cache must not refer to its database, because the weak key would never expire.
_caches: WeakKeyDictionary[Database, QueryCache] = WeakKeyDictionary()


def query_cache_of(database: Database, schema: GraphQLSchema) -> QueryCache:
    """Return the cache of a database; `schema` is graphql-core's, and must be the same in each call."""
    found = _caches.get(database)
    if found is None:
        found = _caches[database] = QueryCache(schema)
    return found


def share_query_cache(database: Database, shared: QueryCache) -> None:
    """Set the cache of a database to one with the operations and statements of another database of the same engine.

    Both databases must have the same row-level security and the same limits.
    """
    _caches[database] = QueryCache(shared.statements.schema, shared)
