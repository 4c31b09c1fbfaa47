"""The executor of mutations: a compiled query reads the selected fields of the changed object."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import orjson
from graphql import (
    ArgumentNode,
    DocumentNode,
    FieldNode,
    InlineFragmentNode,
    NamedTypeNode,
    NameNode,
    NonNullTypeNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    Undefined,
    VariableDefinitionNode,
    VariableNode,
    is_non_null_type,
)

from resolvers.core.errors import RequestError
from resolvers.core.naming import noun
from resolvers.database.unavailable import DatabaseUnavailableError
from resolvers.query.operations import ValidatedQuery
from schema.execution.query_cache import query_cache_of
from schema.strawberry_internals import StrawberryGraphQLCoreExecutionContext

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from graphql import GraphQLOutputType, GraphQLResolveInfo
    from graphql.execution.collect_fields import FieldDetails
    from graphql.pyutils import Path

    from schema.execution.query_cache import CachedOperation

#: The variable for the id of the object. The server adds it: documents of clients do not have it.
PAYLOAD_ALIAS = "_answered"


async def read_payload(
    executor: CompiledReadExecutor, nodes: Sequence[FieldNode], inputs: Mapping[str, Any], at: ObjectRef
) -> Any:
    """Return the selected fields of an object as JSON; None if the viewer may not see the object.

    Args:
        executor: The executor of the mutation.
        nodes: The nodes that select the object.
        inputs: The variables of the request, not yet parsed.
        at: The type and the key of the object.
    """
    context = executor.context_value
    statements = query_cache_of(context.database, executor.schema).statements
    variables = {**inputs, PAYLOAD_ALIAS: f"{at.type_name}:{at.key}"}
    # The audit log records the change: it need not record the read as well.
    found = await statements.read(
        _payload_query(executor, nodes, at.type_name), variables, replace(context, records_reads=False)
    )
    return orjson.loads(orjson.dumps(found))["node"]


def _payload_query(executor: CompiledReadExecutor, nodes: Sequence[FieldNode], type_name: str) -> ValidatedQuery:
    operation: CachedOperation = executor.root_value
    # The nodes that select an object depend on the variables. Their ids are unique: the operation owns the nodes.
    key = (type_name, *map(id, nodes))
    query = operation.payloads.get(key)
    if query is None:
        query = ValidatedQuery(executor.schema, _as_query(executor, nodes, type_name), None)
        operation.payloads.put(key, query, 1)
    return query


def _as_query(executor: CompiledReadExecutor, nodes: Sequence[FieldNode], type_name: str) -> DocumentNode:
    """Return the query `{ node(id: $_answered) { ... on Type { … } } }` with the selection of the mutation."""
    selected = tuple(part for node in nodes if node.selection_set for part in node.selection_set.selections)
    narrowed = InlineFragmentNode(
        type_condition=_named(type_name), selection_set=SelectionSetNode(selections=selected), directives=()
    )
    argument = ArgumentNode(name=NameNode(value="id"), value=VariableNode(name=NameNode(value=PAYLOAD_ALIAS)))
    node = FieldNode(
        name=NameNode(value="node"),
        arguments=(argument,),
        directives=(),
        selection_set=SelectionSetNode(selections=(narrowed,)),
    )
    answered = VariableDefinitionNode(
        variable=VariableNode(name=NameNode(value=PAYLOAD_ALIAS)),
        type=NonNullTypeNode(type=_named("ID")),
        directives=(),
    )
    query = OperationDefinitionNode(
        operation=OperationType.QUERY,
        variable_definitions=(*(executor.operation.variable_definitions or ()), answered),
        directives=(),
        selection_set=SelectionSetNode(selections=(node,)),
    )
    return DocumentNode(definitions=(query, *executor.fragment_definitions.values()))


def _named(name: str) -> NamedTypeNode:
    return NamedTypeNode(name=NameNode(value=name))


@dataclass(frozen=True)
class ObjectRef:
    """The type and key of an object. A resolver returns it, and the executor reads the object."""

    type_name: str
    key: str


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
        try:
            found = await read_payload(self, [detail.node for detail in details], inputs, at)
        except DatabaseUnavailableError as error:
            message = f"The change was made, but the {noun(at.type_name)} cannot be read now: query it in a moment."
            raise DatabaseUnavailableError(message) from error
        if found is None and is_non_null_type(return_type):
            message = f"The change was made, but you may no longer see the {noun(at.type_name)}."
            raise RequestError(message, code="NOT_FOUND")
        return found
