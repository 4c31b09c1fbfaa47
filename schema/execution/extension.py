"""Takes an operation through Strawberry's pipeline: parses, measures and validates it once, then runs its statement."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphql import GraphQLError, GraphQLSyntaxError, OperationDefinitionNode
from strawberry.extensions import SchemaExtension
from strawberry.types import ExecutionResult

from resolvers.core.errors import RequestError
from schema.advice import advised
from schema.advice.syntax import advise_syntax
from schema.execution.payloads import check_payloads
from schema.execution.query_cache import CachedOperation, query_cache_of
from schema.execution.teaching_rules import TEACHING_RULES
from schema.execution.validation import RULES
from schema.execution.variable_faults import variable_faults
from schema.limits.errors import limit_exceeded, too_many_tokens
from schema.strawberry_internals import core_schema, requested_operation_name

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from resolvers.core.limits import Limits


class CachedOperations(SchemaExtension):
    """Skips parsing and validation for an operation that is cached, and the executor for every query."""

    def on_parse(self) -> Iterator[None]:
        """Look up the operation; limit the length of a new document. Raises LimitError if it is too long."""
        context = self.execution_context
        text, limits = context.query or "", context.context.limits
        # The key has the name in the request. Without a name, the document has exactly one operation.
        self._key = text, requested_operation_name(context)
        self._cache = query_cache_of(context.context.database, core_schema(context.schema))
        self._operation = self._cache.operation(*self._key)
        if self._operation is not None:
            context.graphql_document = self._operation.document
        elif limits:
            if len(text) > limits.characters:
                limit_exceeded("characters", len(text), limits.characters)
            context.parse_options = {"max_tokens": limits.tokens}
        yield
        self._refuse_tokens(limits)
        self._teach_syntax(text)

    def on_validate(self) -> Iterator[None]:
        """Charge for the operation before the validation of its document; cache it if it is valid."""
        context, known = self.execution_context, self._operation
        context.validation_rules = TEACHING_RULES if self._is_taught else RULES
        try:
            operation = known or self._new_operation()
            self._charge(operation)
        except GraphQLError as refusal:
            context.pre_execution_errors = [refusal]
            yield
            return
        if known is not None:
            # A cached operation is valid: this skips validation.
            context.pre_execution_errors = []
        yield
        if not context.pre_execution_errors:
            self._operation = operation
            self._cache.put(*self._key, operation)

    async def on_execute(self) -> AsyncIterator[None]:
        """Run a query. The executor runs a mutation, with the cached operation as the root value.

        The selection of a mutation is checked before, so that no fault of it is found after a change.
        """
        context, operation = self.execution_context, self._operation
        context.root_value = operation
        variables = context.variables or {}
        if operation is not None and operation.query is not None:
            context.result = await self._cache.read(operation.query, variables, context.context)
            if context.result.data is None:
                context.result.errors = self._faults(operation) or context.result.errors
        elif operation is not None and (refusals := await self._refusals(operation)):
            context.result = ExecutionResult(data=None, errors=refusals)
        yield

    async def _refusals(self, operation: CachedOperation) -> list[GraphQLError]:
        context = self.execution_context
        try:
            await check_payloads(operation, self._cache.statements, context.variables or {}, context.context)
        except GraphQLError as refusal:
            return [refusal]
        return self._faults(operation)

    def _faults(self, operation: CachedOperation) -> list[GraphQLError]:
        """Return the faults of the variables with advice; none for the public, which gets GraphQL's own messages."""
        variables = self.execution_context.variables or {}
        return variable_faults(operation.schema, operation.node, variables) if self._is_taught else []

    @property
    def _is_taught(self) -> bool:
        gives_advice: bool = self.execution_context.context.gives_advice
        return gives_advice

    def _new_operation(self) -> CachedOperation:
        document = self.execution_context.graphql_document
        assert document is not None  # noqa: S101 - it was parsed
        _, name = self._key
        if name is None and sum(isinstance(node, OperationDefinitionNode) for node in document.definitions) > 1:
            message = "The document has several operations: name the operation to run in operationName."
            raise RequestError(message, code="OPERATION_RESOLUTION_FAILURE")
        return CachedOperation(core_schema(self.execution_context.schema), document, name)

    def _charge(self, operation: CachedOperation) -> None:
        context = self.execution_context.context
        # Without limits, there is no charge.
        if context.limits is not None:
            cost = operation.cost(self.execution_context.variables or {}, context.limits)
            if context.meter:
                context.meter.charge(cost)

    def _refuse_tokens(self, limits: Limits | None) -> None:
        for error in self.execution_context.pre_execution_errors or ():
            if limits and error.message.startswith("Syntax Error: Document contains more th"):
                too_many_tokens(limits.tokens)

    def _teach_syntax(self, text: str) -> None:
        """Raise the syntax error of the document again, with advice for a signed-in caller."""
        for error in self.execution_context.pre_execution_errors or ():
            advice = advise_syntax(text, error.message) if self._is_taught else ""
            if advice and error.source and error.positions:
                description = error.message.removeprefix("Syntax Error: ")
                raise GraphQLSyntaxError(error.source, min(error.positions), advised(description, advice))
