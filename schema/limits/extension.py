"""Turns away operations that ask for too much, before they are validated."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from typing import TYPE_CHECKING, Any

from graphql import GraphQLError
from strawberry.extensions import SchemaExtension

from resolvers.core.limits import CONDITION_COST, INTROSPECTION_VALUES_PER_COST, MUTATION_COST, SELECT_COST
from schema.limits.check import check
from schema.limits.errors import limit_exceeded, too_many_tokens

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from graphql import DocumentNode, GraphQLSchema

    from resolvers.access.context import Context
    from schema.limits.measure import OperationCost


def cost_of(measured: OperationCost, *, changes: bool) -> int:
    """Give what an operation costs beside the request that brings it, `changes` telling whether it is a mutation."""
    written = MUTATION_COST * measured.roots if changes else 0
    introspected = -(-measured.introspection_values // INTROSPECTION_VALUES_PER_COST)
    selected = CONDITION_COST * measured.conditions + SELECT_COST * measured.selects
    return measured.nodes + selected + introspected + written


@dataclass(frozen=True)
class OperationRequest:
    """The operation that is to run, and the document it stands in."""

    document: DocumentNode
    name: str | None
    _: KW_ONLY
    changes: bool

    def charge(self, schema: GraphQLSchema, variables: Mapping[str, Any], context: Context) -> int:
        """Hold it to the limits of its context, and charge for it there; give what it costs.

        Raises LimitError where it asks for too much, and what the meter raises where less is left.
        """
        if context.limits is None:
            return 0
        cost = cost_of(check(schema, self.document, self.name, variables, context.limits), changes=self.changes)
        if context.meter:
            context.meter.charge(cost)
        return cost


class OperationLimits(SchemaExtension):
    """Holds each operation to the limits of its context, and has its cost charged."""

    def on_parse(self) -> Iterator[None]:
        """Read no more of a document than is allowed. Raises LimitError for a longer one."""
        context = self.execution_context
        limits = context.context.limits
        if limits is None:
            yield
            return
        length = len(context.query or "")
        if length > limits.characters:
            limit_exceeded("characters", length, limits.characters)
        context.parse_options = {"max_tokens": limits.tokens}
        yield
        for error in context.pre_execution_errors or ():
            if error.message.startswith("Syntax Error: Document contains more th"):
                too_many_tokens(limits.tokens)

    def on_validate(self) -> Iterator[None]:
        """Refuse what asks for too much, or for more than whoever asks has left."""
        context = self.execution_context
        if not context.pre_execution_errors:
            try:
                self._admit()
            except GraphQLError as refusal:
                context.pre_execution_errors = [refusal]
        yield

    def _admit(self) -> None:
        context = self.execution_context
        if context.graphql_document is None:
            return
        # Strawberry gives no other way to its core schema.
        core, changes = context.schema._schema, context.operation_type.value == "mutation"  # noqa: SLF001
        asked = OperationRequest(context.graphql_document, context.operation_name, changes=changes)
        asked.charge(core, context.variables or {}, context.context)
