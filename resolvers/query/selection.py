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

    from graphql import (
        FieldNode,
        FragmentDefinitionNode,
        GraphQLField,
        GraphQLOutputType,
        GraphQLSchema,
        OperationDefinitionNode,
    )
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
        types: The types of the fields on the path, the field's own type last.
        places: For each field on the path, its position among the fields of the same object.
        fault: Why the arguments are not allowed; None if they are.
    """

    key: str
    name: str
    type: GraphQLNamedType | None
    is_list: bool
    arguments: dict[str, ArgumentTree]
    path: Path
    details: list[FieldDetails]
    types: tuple[GraphQLOutputType, ...] = ()
    places: tuple[int, ...] = ()
    fault: BadUserInputError | None = None

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
        return self._selected(query, collected, None)

    def fields(self, field: SelectedField, type_: GraphQLNamedType | None = None) -> list[SelectedField]:
        """Return the selected fields below `field`; `type_` is the object type if the field's type is an interface."""
        if len(field.path) >= MAX_STATEMENT_DEPTH:
            message = f"The query is nested too deeply. Request at most {MAX_STATEMENT_DEPTH} levels of fields at once."
            raise BadUserInputError(message)
        runtime = type_ or field.type
        if not isinstance(runtime, GraphQLObjectType):
            message = f"the type of {field.name} is not an object type"
            raise TypeError(message)
        collected = collect_subfields(
            self.schema, self.fragments, self.variables, self.operation, runtime, field.details
        )
        return self._selected(runtime, collected, field)

    def _selected(
        self, parent: GraphQLObjectType, collected: CollectedFields, above: SelectedField | None
    ) -> list[SelectedField]:
        groups = enumerate(collected.grouped_field_set.items())
        return [self._one(parent, key, details, above, place) for place, (key, details) in groups]

    def _one(
        self, parent: GraphQLObjectType, key: str, details: list[FieldDetails], above: SelectedField | None, place: int
    ) -> SelectedField:
        node = details[0].node
        name = node.name.value
        path = (*above.path, key) if above else (key,)
        definition = parent.fields.get(name)
        if definition is None:
            return SelectedField(key, name, None, is_list=False, arguments={}, path=path, details=details)
        kind = definition.type.of_type if isinstance(definition.type, GraphQLNonNull) else definition.type
        arguments, fault = self._arguments(definition, node, path)
        types = (*above.types, definition.type) if above else (definition.type,)
        places = (*above.places, place) if above else (place,)
        is_list = isinstance(kind, GraphQLList)
        return SelectedField(key, name, get_named_type(kind), is_list, arguments, path, details, types, places, fault)

    def _arguments(
        self, definition: GraphQLField, node: FieldNode, path: Path
    ) -> tuple[dict[str, ArgumentTree], BadUserInputError | None]:
        try:
            return read_arguments(definition, node, self.coerced), None
        except BadUserInputError as error:
            error.path = list(path)
            return {}, error

    @property
    def coerced(self) -> Mapping[str, Any]:
        """The coerced variables of the request."""
        return self.variables.coerced
