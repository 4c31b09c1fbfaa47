"""The ordinary executor, but for objects that the plan is to read: these pass into the answer as it gives them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from graphql import Undefined, is_non_null_type
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from resolvers.errors import RequestError
from schema.answering import read_answer

if TYPE_CHECKING:
    from graphql import GraphQLOutputType, GraphQLResolveInfo
    from graphql.execution.collect_fields import FieldDetails
    from graphql.pyutils import Path


@dataclass(frozen=True)
class ToRead:
    """What a resolver gives for an object that the plan is to read: its type and key."""

    type_name: str
    key: str


class SplicingExecutor(StrawberryGraphQLCoreExecutionContext):
    """Completes what resolvers give, and has the plan read whatever they leave to it."""

    def complete_value(  # noqa: PLR0913, PLR0917 - graphql-core calls it so
        self,
        return_type: GraphQLOutputType,
        field_details_list: list[FieldDetails],
        info: GraphQLResolveInfo[Any],
        path: Path,
        result: Any,
        position_context: Any,
    ) -> Any:
        """Give the completed value of a field."""
        if isinstance(result, ToRead):
            return self._read(return_type, field_details_list, path, result)
        return super().complete_value(return_type, field_details_list, info, path, result, position_context)

    async def _read(self, return_type: GraphQLOutputType, details: list[FieldDetails], path: Path, at: ToRead) -> Any:
        inputs = {
            name: source.value for name, source in self.variable_values.sources.items() if source.value is not Undefined
        }
        found = await read_answer(self, [detail.node for detail in details], path, inputs, at)
        if found is None and is_non_null_type(return_type):
            message = f"The change was made, but the {at.type_name} was hidden from you before it could be read."
            raise RequestError(message, code="NOT_FOUND")
        return found
