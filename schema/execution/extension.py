"""Answers queries with the read plan: the ordinary executor is left out where a statement can answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphql import OperationDefinitionNode
from strawberry.extensions import SchemaExtension
from strawberry.types.graphql import OperationType

from resolvers.core.errors import RequestError
from schema.execution.query_cache import query_cache_of
from schema.execution.validation import RULES

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from graphql import DocumentNode


class CompiledQueries(SchemaExtension):
    """Gives a query's answer before the executor is asked for it; takes a mutation asked before for valid."""

    def on_parse(self) -> Iterator[None]:
        """Parse a mutation once: validating its document costs as much as a change does."""
        context = self.execution_context
        # By the name that was given: where there was none, there is but one operation.
        self._key = context.query or "", context._provided_operation_name  # noqa: SLF001
        self._cache = query_cache_of(context.context.database, context.schema)
        self._known = context.graphql_document = self._cache.valid.get(self._key)
        yield

    def on_validate(self) -> Iterator[None]:
        """Hold the document to the contract's rules, and know which of its operations is meant."""
        context = self.execution_context
        if self._known is not None:
            context.pre_execution_errors = []
            yield
            return
        context.validation_rules = RULES
        if context._provided_operation_name is None and _operations_in(context.graphql_document) > 1:  # noqa: SLF001 - operation_name would name the first
            message = "The document has several operations: name the one to run in operationName."
            context.pre_execution_errors = [RequestError(message, code="OPERATION_RESOLUTION_FAILURE")]
        yield
        document = context.graphql_document
        if document and not context.pre_execution_errors and context.operation_type is OperationType.MUTATION:
            self._cache.valid.put(self._key, document, len(self._key[0]))

    async def on_execute(self) -> AsyncIterator[None]:
        """Read what the query selects. A mutation goes its ordinary way."""
        context = self.execution_context
        document = context.graphql_document
        if context.operation_type is OperationType.QUERY and document is not None:
            context.result = await self._cache.answer_and_cache(
                *self._key, document, context.variables or {}, context.context
            )
        yield


def _operations_in(document: DocumentNode | None) -> int:
    return sum(isinstance(node, OperationDefinitionNode) for node in document.definitions) if document else 0
