"""Compiles each query once for each shape of its variables, caches the compiled statement and runs it.

A request binds its values to the compiled statement. graphql-core executes introspection fields; their result is merged
with the result of the statement.
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
from resolvers.audit.read_markers import strip_markers
from resolvers.core import cache_bounds
from resolvers.core.errors import BadUserInputError
from resolvers.core.lru_cache import LRUCache
from resolvers.query.compiler import QueryCompiler
from resolvers.query.field_faults import FieldFault, error_without_data, null_faults
from resolvers.query.fields.judged_fields import JudgedField, with_judged_values
from resolvers.query.selection import SelectedField, Selection
from resolvers.query.variables import Variables
from resolvers.search_index.marked_fields import MarkedField, with_marked_texts
from resolvers.sql.parameters import ParameterBinder, StatementParameters

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping, Sequence

    from graphql import GraphQLSchema
    from graphql.execution.values import VariableValues
    from sqlalchemy.engine import Dialect

    from resolvers.access.context import Context
    from resolvers.access.viewer import Viewer
    from resolvers.database.database import Database
    from resolvers.sql.parameters import Path


class ValidatedQuery:
    """A query that was validated and is within the limits."""

    def __init__(self, schema: GraphQLSchema, document: DocumentNode, operation_name: str | None) -> None:
        """Select the operation with this name, or the only one. Raises TypeError if it is not a query."""
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
    fields: Mapping[Path, SelectedField]
    faults: tuple[FieldFault, ...]
    judged: tuple[JudgedField, ...]
    marked: tuple[MarkedField, ...]

    @property
    def is_introspection(self) -> bool:
        """Whether the query selects the contract alone, and no data."""
        return bool(self.introspection) and len(self.introspection) == len(self.keys)

    def bind(self, inputs: Mapping[str, Any], variables: Mapping[str, Any], viewer: Viewer) -> BoundStatement:
        """Return the statement with the values of one request.

        Args:
            inputs: The variables of the request, not coerced.
            variables: The same variables, coerced.
            viewer: The viewer whose claims are bound.
        """
        values, refused = self.parameters.values(variables, bound_claims(viewer, self.dialect))
        found = [FieldFault(self.fields[path], error) for path, error in refused.items()]
        return BoundStatement(self, values, inputs, (*self.faults, *found))


class BoundStatement(NamedTuple):
    """A compiled query with the values of one request, ready to run.

    Attributes:
        compiled: The compiled query.
        values: The parameters of the statement, in the order and form that the driver expects.
        inputs: The variables of the request, not coerced.
        faults: The fields whose arguments are not allowed.
    """

    compiled: CompiledQuery
    values: list[Any]
    inputs: Mapping[str, Any]
    faults: tuple[FieldFault, ...]

    @property
    def is_plain(self) -> bool:
        """Whether the text that the statement returns is the whole data, and no read must be recorded."""
        compiled = self.compiled
        return not (
            compiled.introspection
            or compiled.contains_audited_rows
            or compiled.judged
            or compiled.marked
            or self.faults
        )


class QueryAnswer(NamedTuple):
    """The JSON of a query's data, and the errors of its fields."""

    data: orjson.Fragment | dict[str, Any] | None
    errors: Sequence[GraphQLError] = ()


class QueryCompilerCache:
    """A cache of the compiled queries of one schema, for one database.

    Args:
        schema: The contract.
        compiled: The statements, which databases of one engine can share; new ones if it is None.
    """

    def __init__(self, schema: GraphQLSchema, compiled: LRUCache[CompiledQuery] | None = None) -> None:
        self.schema = schema
        self.compiled = LRUCache(*cache_bounds.STATEMENTS) if compiled is None else compiled
        self.introspected: LRUCache[bytes] = LRUCache(*cache_bounds.INTROSPECTED)
        self._turn = asyncio.Lock()
        #: One lock for each account that compiles a query or waits for it.
        self._turns: WeakValueDictionary[str | None, asyncio.Lock] = WeakValueDictionary()

    def find(self, query: ValidatedQuery, inputs: Mapping[str, Any], viewer: Viewer) -> BoundStatement | None:
        """Return the statement of a query with the values of one request; None if it is not compiled yet.

        `inputs` are the variables of the request, not coerced.

        Raises:
            BadUserInputError: a variable is not allowed.
        """
        variables = query.variables.coerced(inputs)
        compiled = self.compiled.get((query, query.variables.structural_key(variables)))
        return compiled.bind(inputs, variables, viewer) if compiled else None

    async def read(self, query: ValidatedQuery, inputs: Mapping[str, Any], context: Context) -> QueryAnswer:
        """Return the answer to a query; compile the query if it is new. Raises like `bind` and `run`."""
        return await self.run(await self.bind(query, inputs, context), context)

    async def run(self, bound: BoundStatement, context: Context) -> QueryAnswer:
        """Run a statement and return the answer to its query.

        Reads of TLP:RED documents are recorded before the data is returned.

        Raises:
            DatabaseUnavailableError: the database does not answer.
        """
        compiled = bound.compiled
        if bound.faults and (error := error_without_data(bound.faults)):
            return QueryAnswer(None, [error])
        if compiled.is_introspection:
            return QueryAnswer(orjson.Fragment(await self._introspected(bound)))
        text = await context.database.fetch_text(compiled.sql, bound.values)
        errors: Sequence[GraphQLError] = ()
        if bound.faults:
            data, errors = null_faults(orjson.loads(text), bound.faults)
            if data is None:
                return QueryAnswer(None, errors)
            text = orjson.dumps(data).decode()
        if compiled.contains_audited_rows:
            text, read = strip_markers(text)
            if context.records_reads:
                await record_documents(context, read)
        if compiled.marked:
            text = with_marked_texts(text, compiled.marked)
        if compiled.judged:
            text = await with_judged_values(text, compiled.judged, context)
        if not compiled.introspection:
            return QueryAnswer(orjson.Fragment(text), errors)
        return QueryAnswer(await asyncio.to_thread(self._with_introspection, bound, orjson.loads(text)), errors)

    async def bind(self, query: ValidatedQuery, inputs: Mapping[str, Any], context: Context) -> BoundStatement:
        """Return the statement of a query with the values of one request; compile the query where it is new.

        Raises BadUserInputError for a variable that is not allowed, or a query that is nested too deep.
        """
        variables = query.variables.coerced(inputs)
        key = (query, query.variables.structural_key(variables))
        compiled = self.compiled.get(key) or await self._compile_one_at_a_time(query, inputs, key, context)
        return compiled.bind(inputs, variables, context.viewer)

    async def _compile_one_at_a_time(
        self, query: ValidatedQuery, inputs: Mapping[str, Any], key: Hashable, context: Context
    ) -> CompiledQuery:
        """Compile the query in a thread, one query at a time, so that the event loop stays free.

        An account waits for its own queries first, so that it has at most one query in the common queue.
        """
        own = self._turns.setdefault(context.viewer.account, asyncio.Lock())
        async with own, self._turn:
            compiled = self.compiled.get(key)
            if compiled is None:
                variables = query.variables.sourced(inputs)
                compiled = await asyncio.to_thread(self._compile, query, variables, context.database)
                # A fault may depend on values that are not part of the key.
                if not compiled.faults:
                    self.compiled.put(key, compiled, len(compiled.sql))
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
            message = "The query is nested too deeply. Request fewer levels at once."
            raise BadUserInputError(message) from None
        parameters = StatementParameters.of(rendered.positiontup or (), binder, dialect)
        return CompiledQuery(
            query,
            str(rendered),
            parameters,
            dialect,
            introspection,
            tuple(field.key for field in fields),
            plan.contains_audited_rows,
            plan.fields,
            tuple(plan.faults),
            tuple(plan.judged),
            tuple(plan.marked),
        )

    async def _introspected(self, bound: BoundStatement) -> bytes:
        """Return the JSON of a query of introspection alone, which is the same for every viewer."""
        key = (bound.compiled.query, orjson.dumps(dict(bound.inputs), option=orjson.OPT_SORT_KEYS))
        text = self.introspected.get(key)
        if text is None:
            text = orjson.dumps(await asyncio.to_thread(self._with_introspection, bound, {}))
            self.introspected.put(key, text, len(text) + len(key[1]))
        return text

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
