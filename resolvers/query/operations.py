"""Operations: a query is compiled once for each shape of its variables, and run many times.

A request binds its values to the compiled query and runs the statement. graphql-core's executor answers
introspection, beside the statement's answer.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple
from weakref import WeakValueDictionary

import orjson
from graphql import (
    DocumentNode,
    FragmentDefinitionNode,
    GraphQLError,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    execute_sync,
    get_operation_ast,
)

from resolvers.access.row_level_security import set_claims_cte
from resolvers.access.viewer_parameters import bound_claims
from resolvers.audit.read_events import record_documents
from resolvers.core import cache_bounds
from resolvers.core.errors import BadUserInputError
from resolvers.core.lru_cache import LRUCache
from resolvers.query.compiler import QueryCompiler
from resolvers.query.read_markers import strip_markers
from resolvers.query.selection import SelectedField, Selection
from resolvers.query.variables import Variables
from resolvers.sql.parameters import ParameterBinder, StatementParameters

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping

    from graphql import GraphQLSchema
    from graphql.execution.values import VariableValues
    from sqlalchemy.engine import Dialect

    from resolvers.access.context import Context
    from resolvers.access.viewer import Viewer
    from resolvers.database.database import Database


class ValidatedQuery:
    """A query that may be asked: valid, and within its limits."""

    def __init__(self, schema: GraphQLSchema, document: DocumentNode, operation_name: str | None) -> None:
        """Take the operation of this name, or the only one. Raises TypeError for what is no query."""
        operation = get_operation_ast(document, operation_name)
        if operation is None or operation.operation is not OperationType.QUERY:
            message = "only queries are read"
            raise TypeError(message)
        self.document = document
        self.operation = operation
        self.variables = Variables(schema, operation)


@dataclass(frozen=True)
class CompiledQuery:
    """The statement of one query and one shape of its variables, rendered for one engine."""

    query: ValidatedQuery
    sql: str
    parameters: StatementParameters
    dialect: Dialect
    introspection: tuple[SelectedField, ...]
    keys: tuple[str, ...]
    contains_audited_rows: bool

    def bind(self, inputs: Mapping[str, Any], variables: Mapping[str, Any], viewer: Viewer) -> BoundStatement:
        """Return the statement with the values of one request.

        Args:
            inputs: The request's variables, as they came.
            variables: The same, coerced.
            viewer: The viewer whose rights are bound.

        Raises BadUserInputError for an argument that is not allowed.
        """
        values = self.parameters.values(variables, bound_claims(viewer, self.dialect))
        return BoundStatement(self, values, inputs)


class BoundStatement(NamedTuple):
    """A compiled query with the values of one request: all that is needed to run it.

    Attributes:
        compiled: The compiled query.
        values: The values of the statement, in the order and form in which the driver takes them.
        inputs: The variables of the request, as they came.
    """

    compiled: CompiledQuery
    values: list[Any]
    inputs: Mapping[str, Any]

    @property
    def is_plain(self) -> bool:
        """Whether the text that the statement yields is the whole answer, and no read of it is recorded."""
        return not (self.compiled.introspection or self.compiled.contains_audited_rows)


class QueryCompilerCache:
    """The compiled queries of one schema, for one database."""

    def __init__(self, schema: GraphQLSchema) -> None:
        self.schema = schema
        self._compiled: LRUCache[CompiledQuery] = LRUCache(*cache_bounds.STATEMENTS)
        self._turn = asyncio.Lock()
        #: Of each account that compiles something or waits to.
        self._turns: WeakValueDictionary[str | None, asyncio.Lock] = WeakValueDictionary()

    def find(self, query: ValidatedQuery, inputs: Mapping[str, Any], viewer: Viewer) -> BoundStatement | None:
        """Return the statement of a query with the values of one request; None where it is not compiled yet.

        `inputs` are the request's variables, as they came. Raises BadUserInputError for a variable or argument that
        is not allowed.
        """
        variables = query.variables.coerced(inputs)
        compiled = self._compiled.get((query, query.variables.structural_key(variables)))
        return compiled.bind(inputs, variables, viewer) if compiled else None

    async def read(
        self, query: ValidatedQuery, inputs: Mapping[str, Any], context: Context
    ) -> orjson.Fragment | dict[str, Any]:
        """Return the JSON of a query's data; compile the query where it is new. Raises what `find` and `run` raise."""
        return await self.run(await self._bind(query, inputs, context), context)

    async def run(self, bound: BoundStatement, context: Context) -> orjson.Fragment | dict[str, Any]:
        """Run a statement and return the JSON of its query's data.

        What it shows of documents that are TLP:RED is recorded before.
        Raises DatabaseUnavailableError where the database does not answer.
        """
        compiled = bound.compiled
        text = await context.database.fetch_text(compiled.sql, bound.values)
        if compiled.contains_audited_rows:
            text, read = strip_markers(text)
            if context.records_reads:
                await record_documents(context, read)
        if not compiled.introspection:
            return orjson.Fragment(text)
        return await asyncio.to_thread(self._with_introspection, bound, orjson.loads(text))

    async def _bind(self, query: ValidatedQuery, inputs: Mapping[str, Any], context: Context) -> BoundStatement:
        variables = query.variables.coerced(inputs)
        key = (query, query.variables.structural_key(variables))
        compiled = self._compiled.get(key) or await self._compile_one_at_a_time(query, inputs, key, context)
        return compiled.bind(inputs, variables, context.viewer)

    async def _compile_one_at_a_time(
        self, query: ValidatedQuery, inputs: Mapping[str, Any], key: Hashable, context: Context
    ) -> CompiledQuery:
        """Compile beside the event loop, which answers others meanwhile, and one query at a time.

        Each account waits for its own queries first, so that none has more than one before those of others.
        """
        own = self._turns.setdefault(context.viewer.account, asyncio.Lock())
        async with own, self._turn:
            compiled = self._compiled.get(key)
            if compiled is None:
                variables = query.variables.sourced(inputs)
                compiled = await asyncio.to_thread(self._compile, query, variables, context.database)
                self._compiled.put(key, compiled, len(compiled.sql))
        return compiled

    def _compile(self, query: ValidatedQuery, variables: VariableValues, database: Database) -> CompiledQuery:
        fragments = [node for node in query.document.definitions if isinstance(node, FragmentDefinitionNode)]
        selection = Selection(self.schema, query.operation, fragments, variables)
        fields = selection.root()
        introspection = tuple(field for field in fields if field.name in {"__schema", "__type"})
        binder = ParameterBinder()
        dialect = database.dialect
        try:
            plan = QueryCompiler(selection, binder, dialect)
            statement = plan.statement([field for field in fields if field not in introspection])
            if database.row_level_security:
                statement = statement.select_from(set_claims_cte(binder))
            rendered = statement.compile(dialect=dialect, compile_kwargs={"literal_binds": True})
        except RecursionError:
            message = "The query is nested too deep: ask for fewer levels at once."
            raise BadUserInputError(message) from None
        parameters = StatementParameters.of(rendered.positiontup or (), binder, dialect)
        keys = tuple(field.key for field in fields)
        return CompiledQuery(query, str(rendered), parameters, dialect, introspection, keys, plan.contains_audited_rows)

    def _with_introspection(self, bound: BoundStatement, data: dict[str, Any]) -> dict[str, Any]:
        compiled, inputs = bound.compiled, bound.inputs
        operation, document = compiled.query.operation, compiled.query.document
        nodes = tuple(detail.node for field in compiled.introspection for detail in field.details)
        only = OperationDefinitionNode(
            operation=operation.operation,
            name=operation.name,
            variable_definitions=operation.variable_definitions,
            selection_set=SelectionSetNode(selections=nodes),
        )
        others = [node for node in document.definitions if not isinstance(node, OperationDefinitionNode)]
        result = execute_sync(self.schema, DocumentNode(definitions=(only, *others)), variable_values=dict(inputs))
        if result.errors:
            raise GraphQLError(result.errors[0].message)
        data = {**data, **(result.data or {})}
        return {key: data[key] for key in compiled.keys}
