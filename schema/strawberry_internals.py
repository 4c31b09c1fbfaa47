"""The schema's uses of Strawberry's private interface, all in this file: a new version can break it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

if TYPE_CHECKING:
    from graphql import GraphQLSchema
    from strawberry.types import ExecutionContext

__all__ = ["StrawberryGraphQLCoreExecutionContext", "core_schema", "requested_operation_name"]


def core_schema(schema: Any) -> GraphQLSchema:
    """Return graphql-core's form of a Strawberry schema."""
    core: GraphQLSchema = schema._schema  # noqa: SLF001 - there is no public way
    return core


def requested_operation_name(context: ExecutionContext) -> str | None:
    """Return the operation name in the request; `context.operation_name` has a fallback to the first operation."""
    return context._provided_operation_name  # noqa: SLF001 - there is no public way
