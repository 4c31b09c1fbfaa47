"""Reads the selection of an operation: fields merged by response key, with fragments and directives applied."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from graphql import GraphQLList, GraphQLNamedType, GraphQLNonNull, GraphQLObjectType, get_named_type
from graphql.execution.collect_fields import FragmentDetails, collect_fields, collect_subfields

from resolvers.core.errors import BadUserInputError
from resolvers.core.limits import MAX_STATEMENT_DEPTH
from resolvers.query.arguments import read_arguments

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from graphql import FieldNode, FragmentDefinitionNode, GraphQLSchema, OperationDefinitionNode
    from graphql.execution.collect_fields import CollectedFields, FieldDetails
    from graphql.execution.values import VariableValues

    from resolvers.sql.parameters import ArgumentTree, Path


@dataclass(frozen=True)
class SelectedField:
    """A selected field.

    Attributes:
        key: The response key.
        name: The name in the schema.
        type: The named type of the field; None for `__typename`.
        is_list: Whether the type is a list.
        arguments: The arguments, without absent and null ones.
        path: The path in the response, without list indexes.
        details: The AST nodes that select the field, merged.
    """

    key: str
    name: str
    type: GraphQLNamedType | None
    is_list: bool
    arguments: dict[str, ArgumentTree]
    path: Path
    details: list[FieldDetails]

    @property
    def node(self) -> FieldNode:
        """The first AST node that selects the field."""
        return self.details[0].node


class Selection:
    """Reads the selected fields of an operation; the document must be valid and its variables coerced."""

    def __init__(
        self,
        schema: GraphQLSchema,
        operation: OperationDefinitionNode,
        fragments: Sequence[FragmentDefinitionNode],
        variables: VariableValues,
    ) -> None:
        self.schema = schema
        self.operation = operation
        self.fragments = {fragment.name.value: FragmentDetails(fragment) for fragment in fragments}
        self.variables = variables

    def root(self) -> list[SelectedField]:
        """Return the root fields."""
        query = self.schema.query_type
        if query is None:
            message = "the schema has no query type"
            raise LookupError(message)
        collected = collect_fields(self.schema, self.fragments, self.variables, query, self.operation)
        return self._selected(query, collected, ())

    def fields(self, field: SelectedField, type_: GraphQLNamedType | None = None) -> list[SelectedField]:
        """Return the selected fields below `field`; `type_` is the object type if the field's type is an interface."""
        if len(field.path) >= MAX_STATEMENT_DEPTH:
            message = f"The query is nested too deeply. Request at most {MAX_STATEMENT_DEPTH} levels of fields at once."
            refusal = BadUserInputError(message)
            refusal.path = list(field.path)
            raise refusal
        runtime = type_ or field.type
        if not isinstance(runtime, GraphQLObjectType):
            message = f"the type of {field.name} is not an object type"
            raise TypeError(message)
        collected = collect_subfields(
            self.schema, self.fragments, self.variables, self.operation, runtime, field.details
        )
        return self._selected(runtime, collected, field.path)

    def _selected(self, parent: GraphQLObjectType, collected: CollectedFields, path: Path) -> list[SelectedField]:
        return [self._one(parent, key, details, (*path, key)) for key, details in collected.grouped_field_set.items()]

    def _one(self, parent: GraphQLObjectType, key: str, details: list[FieldDetails], path: Path) -> SelectedField:
        node = details[0].node
        name = node.name.value
        definition = parent.fields.get(name)
        if definition is None:
            return SelectedField(key, name, None, is_list=False, arguments={}, path=path, details=details)
        kind = definition.type.of_type if isinstance(definition.type, GraphQLNonNull) else definition.type
        arguments = read_arguments(definition, node, self.coerced)
        named = get_named_type(kind)
        return SelectedField(key, name, named, isinstance(kind, GraphQLList), arguments, path, details)

    @property
    def coerced(self) -> Mapping[str, Any]:
        """The coerced variables of the request."""
        return self.variables.coerced
