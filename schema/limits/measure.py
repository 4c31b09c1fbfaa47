"""Measures an operation in one pass over its document, before its validation.

Each fragment is measured once, so the cost of the pass grows with the length of the document, and not
with the number of times that fragments spread each other. The measure is an upper bound: fields that
merge count each time, `@skip` and `@include` are ignored, and each page counts as full.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLInterfaceType,
    GraphQLObjectType,
    InlineFragmentNode,
    OperationDefinitionNode,
    VariableNode,
    get_named_type,
    is_composite_type,
)

from resolvers.core.attributes import is_computed
from resolvers.core.limits import DEFAULT_PAGE_SIZE, MAX_LEVELS, NESTED_PAGE_SIZE
from resolvers.core.naming import attribute_name
from resolvers.query.fields.judged_fields import is_judged
from resolvers.query.spec import is_queryable, query_spec_of
from schema.limits.condition_count import count_conditions
from schema.limits.errors import limit_exceeded, repeated_argument
from schema.limits.variable_sizes import count_of, page_size, plain

if TYPE_CHECKING:
    from collections.abc import Mapping

    from graphql import DocumentNode, GraphQLField, GraphQLNamedType, GraphQLSchema, SelectionSetNode

#: The introspection fields that are lists of members of a type: through them, introspection can go in circles.
MEMBERS = frozenset({"fields", "inputFields", "interfaces", "possibleTypes"})

#: The lengths that the lists of introspection count as. The contract has ten times as many types, but 90% of them have
#: few members.
LENGTHS = {
    "types": 33,
    "fields": 25,
    "inputFields": 25,
    "possibleTypes": 25,
    "enumValues": 10,
    "args": 5,
    "directives": 5,
}

#: The fields of a connection and its aggregate that read the list once more. Each sum does so as well.
READS = frozenset({"totalCount", "count", "groupBy", "hasNextPage", "hasPreviousPage"})
SUMS = "Sums"


@dataclass(slots=True)
class OperationCost:
    """The measures of a selection; `resolvers/core/limits.py` describes the others.

    Attributes:
        levels: Nested selections, including those of fragments.
        roots: Fields at the root of the selection.
        selects: Values that need a SELECT of their own: computed values, and each further read of a list.
        reads: How often the selection reads the list around it once more: for a count, a sum or groups.
    """

    levels: int = 0
    roots: int = 0
    depth: int = 0
    fields: int = 0
    aliases: int = 0
    directives: int = 0
    nodes: int = 0
    reads: int = 0
    selects: int = 0
    conditions: int = 0
    introspection_fields: int = 0
    introspection_lists: int = 0
    introspection_values: int = 0

    def add(self, other: OperationCost) -> None:
        """Add the measures of a selection in the same place."""
        self.levels = max(self.levels, other.levels)
        self.roots += other.roots
        self.depth = max(self.depth, other.depth)
        self.fields += other.fields
        self.aliases += other.aliases
        self.directives += other.directives
        self.nodes += other.nodes
        self.reads += other.reads
        self.selects += other.selects
        self.conditions += other.conditions
        self.introspection_fields += other.introspection_fields
        self.introspection_values += other.introspection_values
        self.introspection_lists = max(self.introspection_lists, other.introspection_lists)


class CostMeasurer:
    """Measures the definitions of one document, each fragment once."""

    def __init__(self, schema: GraphQLSchema, document: DocumentNode, values: Mapping[str, Any]) -> None:
        """Prepare for one operation with the variables `values`; the document is not validated yet."""
        self._schema = schema
        self._values = values
        self._fragments = {
            node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)
        }
        self._known: dict[int, OperationCost] = {}
        self._level = 0

    def operation(self, node: OperationDefinitionNode) -> OperationCost:
        """Return the measures of an operation."""
        found = self._selection(node.selection_set, self._schema.get_root_type(node.operation))
        found.directives += _directives(node) + sum(_directives(each) for each in node.variable_definitions or ())
        return found

    def fragment(self, node: FragmentDefinitionNode) -> OperationCost:
        """Return the measures of a fragment. A spread of itself counts as nothing: validation rejects it later."""
        found = self._known.get(id(node))
        if found is None:
            self._known[id(node)] = OperationCost()
            found = self._selection(node.selection_set, self._schema.get_type(node.type_condition.name.value))
            found.directives += _directives(node)
            self._known[id(node)] = found
        return found

    def _selection(self, selection: SelectionSetNode, parent: GraphQLNamedType | None) -> OperationCost:
        self._level += 1
        if self._level > MAX_LEVELS:
            limit_exceeded("levels", self._level, MAX_LEVELS)
        found = OperationCost()
        for node in selection.selections:
            found.directives += _directives(node)
            if isinstance(node, FieldNode):
                found.add(self._field(node, parent))
            elif isinstance(node, FragmentSpreadNode):
                spread = self._fragments.get(node.name.value)
                found.add(self.fragment(spread) if spread else OperationCost())
            elif isinstance(node, InlineFragmentNode):
                on = node.type_condition
                found.add(self._selection(node.selection_set, self._schema.get_type(on.name.value) if on else parent))
        self._level -= 1
        found.levels += 1
        if found.levels > MAX_LEVELS:
            limit_exceeded("levels", found.levels, MAX_LEVELS)
        return found

    def _field(self, node: FieldNode, parent: GraphQLNamedType | None) -> OperationCost:
        name = node.name.value
        definition = self._schema.get_field(parent, name) if is_composite_type(parent) else None
        kind = get_named_type(definition.type) if definition else None
        found = self._selection(node.selection_set, kind) if node.selection_set else OperationCost()
        found.roots = 1
        found.aliases += node.alias is not None
        if name in {"__schema", "__type"} or (parent is not None and parent.name.startswith("__")):
            found.introspection_fields += 1
            found.introspection_lists += name in MEMBERS
            found.introspection_values = 1 + found.introspection_values * LENGTHS.get(name, 1)
            return found
        found.depth += 1
        found.fields += 1
        usual = DEFAULT_PAGE_SIZE if parent is self._schema.query_type else NESTED_PAGE_SIZE
        found.nodes = self._nodes(node, definition, kind, found.nodes, usual)
        anew = name in READS or (parent is not None and parent.name.endswith(SUMS))
        found.reads += anew
        found.selects += anew or _is_computed(parent, name)
        if definition and "where" in definition.args:
            found.conditions += self._conditions(node, definition, "where") * (1 + found.reads)
            found.conditions += self._conditions(node, definition, "orderBy")
            found.reads = 0
        return found

    def _conditions(self, node: FieldNode, definition: GraphQLField, name: str) -> int:
        given = next((argument.value for argument in node.arguments or () if argument.name.value == name), None)
        return count_conditions(definition.args[name].type, given, self._values)

    def _nodes(
        self, node: FieldNode, definition: GraphQLField | None, kind: GraphQLNamedType | None, below: int, usual: int
    ) -> int:
        """Return how many objects and lists a field can add to the response.

        `below` is the number in each object, and `usual` is the size of a page without `first` and `last`.
        """
        if node.selection_set is None:
            return 0
        if definition and "first" in definition.args:
            return 1 + self._page_size(node, usual) * below
        if definition and not _is_node(kind):
            # A value such as an amount is a part of its object.
            return below
        return count_of(self._argument(node, "ids")) * (1 + below)

    def _page_size(self, node: FieldNode, usual: int) -> int:
        sizes = (page_size(self._argument(node, name)) for name in ("first", "last"))
        return next((size for size in sizes if size is not None), usual)

    def _argument(self, node: FieldNode, name: str) -> Any:
        """Return the measurable value of an argument, as `plain` does."""
        for argument in node.arguments or ():
            if argument.name.value == name:
                value: Any = argument.value
                return plain(self._values.get(value.name.value) if isinstance(value, VariableNode) else value)
        return None


def _is_computed(parent: GraphQLNamedType | None, name: str) -> bool:
    if parent is None or not is_queryable(parent.name):
        return False
    model, attribute = query_spec_of(parent.name).model, attribute_name(name)
    return is_judged(model, attribute) or is_computed(model, attribute)


def _is_node(kind: GraphQLNamedType | None) -> bool:
    if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType):
        return kind.name == "Node" or any(interface.name == "Node" for interface in kind.interfaces)
    return False


def _directives(node: Any) -> int:
    names = [directive.name.value for directive in node.directives or ()]
    if len(set(names)) < len(names):
        repeated_argument(next(name for name in names if names.count(name) > 1))
    return len(names)
