"""The payloads of mutations: the queries that read the selected fields of the changed object.

The payload of a mutation is compiled before the command runs, so that a fault of its selection changes nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from graphql import (
    ArgumentNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    InlineFragmentNode,
    NamedTypeNode,
    NameNode,
    NonNullTypeNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    VariableDefinitionNode,
    VariableNode,
    get_named_type,
)
from graphql.execution.collect_fields import FragmentDetails, collect_fields, collect_subfields
from graphql.execution.values import get_variable_values

from resolvers.core.errors import BadUserInputError
from resolvers.query.operations import ValidatedQuery
from resolvers.query.spec import is_queryable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from graphql import GraphQLSchema
    from graphql.execution.collect_fields import FieldDetails

    from resolvers.access.context import Context
    from resolvers.query.operations import QueryCompilerCache
    from schema.execution.query_cache import CachedOperation

#: The variable for the id of the object. The server adds it: documents of clients do not have it.
PAYLOAD_ALIAS = "_answered"

#: The key of no object.
NO_KEY = "00000000-0000-0000-0000-000000000000"


def payload_variables(inputs: Mapping[str, Any], type_name: str, key: str) -> dict[str, Any]:
    """Return the variables of a payload's query: those of the request, and the id of the object."""
    return {**inputs, PAYLOAD_ALIAS: f"{type_name}:{key}"}


async def check_payloads(
    operation: CachedOperation, statements: QueryCompilerCache, inputs: Mapping[str, Any], context: Context
) -> None:
    """Compile and bind the payloads of a mutation, before anything is changed.

    Raises BadUserInputError for a variable that is not declared, and for a fault in what the mutation selects; then
    its message begins with the path of the field.
    """
    operation.variables.check_names(inputs)
    for payload in _payloads(operation, inputs):
        query = operation.payload(payload.nodes, payload.type_name)
        bound = await statements.bind(query, payload_variables(inputs, payload.type_name, NO_KEY), context)
        for fault in bound.faults:
            # The first key is that of `node`, which stands for the object.
            place = ".".join(map(str, (*payload.path, *fault.field.path[1:])))
            message = f"{place}: {fault.error.message} Nothing was changed."
            raise BadUserInputError(message)


class _Payload(NamedTuple):
    """The nodes that select an object in the response of a mutation, the type of the object, and the field's path."""

    nodes: list[FieldNode]
    type_name: str
    path: tuple[str, str]


def _payloads(operation: CachedOperation, inputs: Mapping[str, Any]) -> Iterator[_Payload]:
    schema, node, document = operation.schema, operation.node, operation.document
    variables = get_variable_values(schema, node.variable_definitions or (), dict(inputs))
    if isinstance(variables, list) or schema.mutation_type is None:
        # The executor refuses the variables, and runs no mutation.
        return
    parts = [each for each in document.definitions if isinstance(each, FragmentDefinitionNode)]
    fragments = {each.name.value: FragmentDetails(each) for each in parts}
    collected = collect_fields(schema, fragments, variables, schema.mutation_type, node)
    for key, details in collected.grouped_field_set.items():
        definition = schema.mutation_type.fields.get(details[0].node.name.value)
        union: Any = get_named_type(definition.type) if definition else None
        for member in union.types if union else ():
            below = collect_subfields(schema, fragments, variables, node, member, details)
            for part, selected in below.grouped_field_set.items():
                yield from _selected(union, member, selected, (key, part))


def _selected(union: Any, member: Any, details: list[FieldDetails], path: tuple[str, str]) -> Iterator[_Payload]:
    nodes = [detail.node for detail in details]
    field = member.fields.get(nodes[0].name.value)
    named = get_named_type(field.type).name if field else ""
    # A conflict has the current state of the object that the mutation changes.
    types = _objects_of(union) if named == "Node" else [named]
    yield from (_Payload(nodes, type_name, path) for type_name in types if is_queryable(type_name))


def _objects_of(union: Any) -> list[str]:
    return [get_named_type(field.type).name for member in union.types for field in member.fields.values()]


def payload_query(
    schema: GraphQLSchema,
    document: DocumentNode,
    operation: OperationDefinitionNode,
    nodes: Sequence[FieldNode],
    type_name: str,
) -> ValidatedQuery:
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
        variable_definitions=(*(operation.variable_definitions or ()), answered),
        directives=(),
        selection_set=SelectionSetNode(selections=(node,)),
    )
    fragments = [each for each in document.definitions if isinstance(each, FragmentDefinitionNode)]
    return ValidatedQuery(schema, DocumentNode(definitions=(query, *fragments)), None)


def _named(name: str) -> NamedTypeNode:
    return NamedTypeNode(name=NameNode(value=name))
