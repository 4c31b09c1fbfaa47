"""The executor of mutations: a compiled query reads the selected fields of the changed object."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import orjson
from graphql import GraphQLError, Undefined, is_non_null_type

from resolvers.core.errors import RequestError, UnreadChangeError
from resolvers.core.naming import noun
from resolvers.database.unavailable import DatabaseUnavailableError
from schema.execution.payloads import payload_variables
from schema.execution.query_cache import query_cache_of
from schema.strawberry_internals import StrawberryGraphQLCoreExecutionContext

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from graphql import FieldNode, GraphQLOutputType, GraphQLResolveInfo
    from graphql.execution.collect_fields import FieldDetails
    from graphql.pyutils import Path

    from schema.execution.query_cache import CachedOperation


async def read_payload(
    executor: CompiledReadExecutor, nodes: Sequence[FieldNode], inputs: Mapping[str, Any], at: ObjectRef
) -> Any:
    """Return the selected fields of an object as JSON; None if the viewer may not see the object.

    Args:
        executor: The executor of the mutation.
        nodes: The nodes that select the object.
        inputs: The variables of the request, not yet parsed.
        at: The type and the key of the object.

    `check_payloads` refused a selection with faults before the mutation ran.
    """
    context = executor.context_value
    operation: CachedOperation = executor.root_value
    statements = query_cache_of(context.database, executor.schema).statements
    query = operation.payload(nodes, at.type_name)
    # The audit log records the change: it need not record the read as well.
    context = replace(context, records_reads=False)
    found = await statements.read(query, payload_variables(inputs, at.type_name, at.key), context)
    return orjson.loads(orjson.dumps(found.data))["node"]


@dataclass(frozen=True)
class ObjectRef:
    """The type and key of an object. A resolver returns it, and the executor reads the object.

    `is_changed` is whether the mutation changed the object.
    """

    type_name: str
    key: str
    is_changed: bool = False


class CompiledReadExecutor(StrawberryGraphQLCoreExecutionContext):
    """Completes the values of resolvers; reads the object of an `ObjectRef` with a compiled query."""

    def complete_value(  # noqa: PLR0913, PLR0917 - graphql-core calls it so
        self,
        return_type: GraphQLOutputType,
        field_details_list: list[FieldDetails],
        info: GraphQLResolveInfo[Any],
        path: Path,
        result: Any,
        position_context: Any,
    ) -> Any:
        """Return the completed value of a field."""
        if isinstance(result, ObjectRef):
            return self._read(return_type, field_details_list, result)
        return super().complete_value(return_type, field_details_list, info, path, result, position_context)

    async def _read(self, return_type: GraphQLOutputType, details: list[FieldDetails], at: ObjectRef) -> Any:
        inputs = {
            name: source.value for name, source in self.variable_values.sources.items() if source.value is not Undefined
        }
        made = "The change was made, but" if at.is_changed else "Nothing was changed, and"
        try:
            found = await read_payload(self, [detail.node for detail in details], inputs, at)
        except DatabaseUnavailableError as error:
            message = f"{made} the {noun(at.type_name)} cannot be read now: query it in a moment."
            raise DatabaseUnavailableError(message) from error
        except GraphQLError as error:
            message = f"{made} the {noun(at.type_name)} cannot be read: {error.message}"
            raise RequestError(message) from error
        except Exception as error:
            message = f"{made} the {noun(at.type_name)} cannot be read now: query it, and do not send the change again."
            raise UnreadChangeError(message) from error
        if found is None and is_non_null_type(return_type):
            message = f"{made} you may no longer see the {noun(at.type_name)}."
            raise RequestError(message, code="NOT_FOUND")
        return found
