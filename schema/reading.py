"""Answers queries with the read plan: the ordinary executor is left out where a statement can answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from graphql import GraphQLError, OperationDefinitionNode
from strawberry.extensions import SchemaExtension
from strawberry.types import ExecutionResult
from strawberry.types.graphql import OperationType

from resolvers.errors import RequestError
from resolvers.operations import Operations
from schema.validation import RULES

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from graphql import DocumentNode

    from resolvers.database import Database


class ReadPlan(SchemaExtension):
    """Gives a query's answer before the executor is asked for it."""

    def on_validate(self) -> Iterator[None]:
        """Hold the document to the contract's rules, and know which of its operations is meant."""
        context = self.execution_context
        context.validation_rules = RULES
        if context._provided_operation_name is None and _operations_in(context.graphql_document) > 1:  # noqa: SLF001 - operation_name would name the first
            message = "The document has several operations: name the one to run in operationName."
            context.pre_execution_errors = [RequestError(message, code="OPERATION_RESOLUTION_FAILURE")]
        yield

    async def on_execute(self) -> AsyncIterator[None]:
        """Read what the query selects. A mutation goes its ordinary way."""
        context = self.execution_context
        document = context.graphql_document
        if context.operation_type is OperationType.QUERY and document is not None:
            operations = _operations_on(context.context.database, context.schema)
            try:
                data: Any = await operations.read(
                    context.query or "",
                    document,
                    context.operation_name,
                    context.variables or {},
                    context.context.viewer,
                )
                context.result = ExecutionResult(data=data, errors=None)
            except GraphQLError as error:
                context.result = ExecutionResult(data=None, errors=[error])
        yield


def _operations_in(document: DocumentNode | None) -> int:
    return sum(isinstance(node, OperationDefinitionNode) for node in document.definitions) if document else 0


#: The compiled operations of each database, kept as long as the database is.
_operations: WeakKeyDictionary[Database, Operations] = WeakKeyDictionary()


def _operations_on(database: Database, schema: Any) -> Operations:
    if database not in _operations:
        # Strawberry gives no other way to its core schema.
        _operations[database] = Operations(schema._schema, database)  # noqa: SLF001
    return _operations[database]
