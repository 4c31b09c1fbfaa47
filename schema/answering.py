"""What a mutation answers of the object it changed: read by the plan, as a query for it would be."""

from __future__ import annotations

from dataclasses import replace
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
    VariableDefinitionNode,
    VariableNode,
)

from resolvers.kept import Kept
from resolvers.operations import Prepared
from schema.lane import lane_to

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from graphql.pyutils import Path

    from schema.executor import SplicingExecutor, ToRead

#: How many selections are known, and how long the documents they stand in are together.
MOST_KNOWN = 500
MOST_KNOWN_CHARACTERS = 2_000_000

#: The variable that holds the id of the object; no document of a client is given it.
ANSWERED = "_answered"

_known: Kept[Prepared] = Kept(MOST_KNOWN, MOST_KNOWN_CHARACTERS)


async def read_answer(
    executor: SplicingExecutor, nodes: Sequence[FieldNode], path: Path, inputs: Mapping[str, Any], at: ToRead
) -> Any:
    """Give the JSON of what a mutation selects of an object, None where there is none that the viewer sees.

    Args:
        executor: What runs the mutation.
        nodes: The nodes that select the object.
        path: Where it stands in the answer.
        inputs: The variables of the request, as they came.
        at: Its type and key.
    """
    context = executor.context_value
    schema: Any = executor.schema
    # Strawberry gives no other way back to its own.
    operations = lane_to(context.database, schema._strawberry_schema).operations  # noqa: SLF001
    prepared = _prepared(executor, nodes, path, at.type_name)
    variables = {**inputs, ANSWERED: f"{at.type_name}:{at.key}"}
    # The change itself is recorded.
    found = await operations.read(prepared, variables, replace(context, records=False))
    return orjson.loads(orjson.dumps(found))["node"]


def _prepared(executor: SplicingExecutor, nodes: Sequence[FieldNode], path: Path, type_name: str) -> Prepared:
    operation = executor.operation
    name = operation.name.value if operation.name else None
    source = operation.loc.source.body if operation.loc else ""
    place = (source, name, tuple(path.as_list()), type_name)
    known = _known.get(place)
    if known is None:
        known = Prepared(executor.schema, _as_query(executor, nodes, type_name), None)
        _known.keep(place, known, len(source))
    return known


def _as_query(executor: SplicingExecutor, nodes: Sequence[FieldNode], type_name: str) -> DocumentNode:
    """Give the query `{ node(id: $_answered) { ... on Type { … } } }` with what the mutation selects."""
    selected = tuple(part for node in nodes if node.selection_set for part in node.selection_set.selections)
    narrowed = InlineFragmentNode(
        type_condition=_named(type_name), selection_set=SelectionSetNode(selections=selected), directives=()
    )
    argument = ArgumentNode(name=NameNode(value="id"), value=VariableNode(name=NameNode(value=ANSWERED)))
    node = FieldNode(
        name=NameNode(value="node"),
        arguments=(argument,),
        directives=(),
        selection_set=SelectionSetNode(selections=(narrowed,)),
    )
    answered = VariableDefinitionNode(
        variable=VariableNode(name=NameNode(value=ANSWERED)), type=NonNullTypeNode(type=_named("ID")), directives=()
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
