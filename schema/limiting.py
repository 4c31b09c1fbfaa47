"""Turns away operations that ask for too much, before they are validated."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphql import GraphQLError
from strawberry.extensions import SchemaExtension

from schema.limits import check
from schema.refusals import refuse, refuse_tokens

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schema.measuring import Measure

#: What one field of introspection, and one change, cost in objects read: about as much of the server's time.
INTROSPECTION_COST = 25
MUTATION_COST = 10


def cost_of(measured: Measure, *, changes: bool) -> int:
    """Give what an operation costs beside the request that brings it, `changes` telling whether it is a mutation."""
    written = MUTATION_COST * measured.roots if changes else 0
    return measured.nodes + INTROSPECTION_COST * measured.introspection_fields + written


class Limiting(SchemaExtension):
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
            refuse("characters", length, limits.characters)
        context.parse_options = {"max_tokens": limits.tokens}
        yield
        for error in context.pre_execution_errors or ():
            if error.message.startswith("Syntax Error: Document contains more th"):
                refuse_tokens(limits.tokens)

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
        limits, meter = context.context.limits, context.context.meter
        if limits is None or context.graphql_document is None:
            return
        # Strawberry gives no other way to its core schema.
        core = context.schema._schema  # noqa: SLF001
        measured = check(core, context.graphql_document, context.operation_name, context.variables or {}, limits)
        if meter:
            meter.charge(cost_of(measured, changes=context.operation_type.value == "mutation"))
