"""Operations: a query is compiled once and run many times.

A compiled operation is kept under the query and the shape of its variables; the least
recently used goes first. Introspection is answered by the
ordinary executor, beside the statement's answer.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
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

    from resolvers.access.context import Context
    from resolvers.access.viewer import Viewer
    from resolvers.database.database import Database

#: How many compiled operations one process keeps, and how long their statements are together.
MAX_COMPILED = 1000
MAX_COMPILED_CHARACTERS = 3_000_000


@dataclass(frozen=True)
class CompiledQuery:
    """One statement, rendered for one engine, and where its values come from."""

    sql: str
    parameters: StatementParameters
    introspection: tuple[SelectedField, ...]
    keys: tuple[str, ...]
    contains_audited_rows: bool


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


class QueryCompilerCache:
    """The compiled operations of one schema, for one database."""

    def __init__(self, schema: GraphQLSchema) -> None:
        self.schema = schema
        self._compiled: LRUCache[CompiledQuery] = LRUCache(MAX_COMPILED, MAX_COMPILED_CHARACTERS)
        self._turn = asyncio.Lock()
        #: Of each account that compiles something or waits to.
        self._turns: WeakValueDictionary[str | None, asyncio.Lock] = WeakValueDictionary()

    def bound_statement(
        self, prepared: ValidatedQuery, inputs: Mapping[str, Any], database: Database, viewer: Viewer
    ) -> tuple[str, list[Any]] | None:
        """Give the statement that answers a query by itself, and its values; None where it is not compiled yet.

        Takes what `read` does. Raises BadUserInputError for a variable or argument that is not allowed.
        """
        variables = prepared.variables.coerced(inputs)
        compiled = self._compiled.get((prepared, prepared.variables.structural_key(variables)))
        if compiled is None or compiled.introspection or compiled.contains_audited_rows:
            return None
        return compiled.sql, compiled.parameters.values(variables, bound_claims(viewer, database.dialect))

    async def read(
        self, prepared: ValidatedQuery, inputs: Mapping[str, Any], context: Context
    ) -> orjson.Fragment | dict[str, Any]:
        """Answer a query: the JSON of its data. What it shows of documents that are TLP:RED is recorded before.

        Args:
            prepared: The query.
            inputs: The request's variables, as they came.
            context: Of the request; its database is always the same one.

        Raises:
            BadUserInputError: for a variable or argument that is not allowed.
            UnreachableError: where the database does not answer.
        """
        database, viewer = context.database, context.viewer
        variables = prepared.variables.coerced(inputs)
        key = (prepared, prepared.variables.structural_key(variables))
        compiled = self._compiled.get(key)
        if compiled is None:
            compiled = await self._compile_one_at_a_time(prepared, inputs, key, database, viewer.account)
        values = compiled.parameters.values(variables, bound_claims(viewer, database.dialect))
        text = await database.fetch_text(compiled.sql, values)
        if compiled.contains_audited_rows:
            text, read = strip_markers(text)
            if context.records_reads:
                await record_documents(context, read)
        if not compiled.introspection:
            return orjson.Fragment(text)
        return await asyncio.to_thread(self._with_introspection, compiled, prepared, inputs, orjson.loads(text))

    async def _compile_one_at_a_time(
        self,
        prepared: ValidatedQuery,
        inputs: Mapping[str, Any],
        key: Hashable,
        database: Database,
        account: str | None,
    ) -> CompiledQuery:
        """Compile beside the event loop, which answers others meanwhile, and one query at a time.

        Each account waits for its own queries first, so that none has more than one before those of others.
        """
        own = self._turns.setdefault(account, asyncio.Lock())
        async with own, self._turn:
            compiled = self._compiled.get(key)
            if compiled is None:
                variables = prepared.variables.sourced(inputs)
                compiled = await asyncio.to_thread(self._compile, prepared, variables, database)
                self._compiled.put(key, compiled, len(compiled.sql))
        return compiled

    def _compile(self, prepared: ValidatedQuery, variables: VariableValues, database: Database) -> CompiledQuery:
        fragments = [node for node in prepared.document.definitions if isinstance(node, FragmentDefinitionNode)]
        selection = Selection(self.schema, prepared.operation, fragments, variables)
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
        return CompiledQuery(
            str(rendered), parameters, introspection, tuple(field.key for field in fields), plan.contains_audited_rows
        )

    def _with_introspection(
        self, compiled: CompiledQuery, prepared: ValidatedQuery, inputs: Mapping[str, Any], data: dict[str, Any]
    ) -> dict[str, Any]:
        operation, document = prepared.operation, prepared.document
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
