"""Counts the conditions of `where` and the steps of `orderBy`, in the document and in its variables.

The values are not validated yet. Validation rejects invalid values later, before the query is compiled.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphql import (
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLNonNull,
    ListValueNode,
    NullValueNode,
    ObjectValueNode,
    VariableNode,
    get_named_type,
)

from resolvers.core.limits import CONDITIONS_PER_SELECT, VALUES_PER_CONDITION
from resolvers.core.naming import attribute_name
from resolvers.query.filters import needs_select

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from graphql import GraphQLInputType

#: A type, a value of this type, and the number of conditions that each of its operators counts as.
Part = tuple[Any, Any, int]

WHERE, LIST_WHERE, ORDER = "Where", "ListWhere", "Order"
JOINED = frozenset({"and", "or", "not"})


def count_conditions(kind: GraphQLInputType, value: Any, variables: Mapping[str, Any]) -> int:
    """Return the number of conditions in a value.

    Args:
        kind: The type of the value.
        value: The value in the document, a variable, or a value from the variables.
        variables: The values of the operation's variables: from the request, or defaults from the document.
    """
    found = 0
    # A loop, not a recursion: the parser allows deeply nested values.
    pending: list[Part] = [(kind, value, 1)]
    while pending:
        expected, part, each = pending.pop()
        expected = expected.of_type if isinstance(expected, GraphQLNonNull) else expected
        part = variables.get(part.name.value) if isinstance(part, VariableNode) else part
        if part is None or isinstance(part, NullValueNode):
            continue
        if isinstance(expected, GraphQLList):
            items = _items(part)
            if isinstance(get_named_type(expected), GraphQLInputObjectType):
                pending += [(expected.of_type, item, each) for item in items]
            else:
                found += len(items) // VALUES_PER_CONDITION
        elif isinstance(expected, GraphQLInputObjectType):
            counted, inside = _object(expected, part, each)
            found += counted
            pending += inside
    return found


def _object(kind: GraphQLInputObjectType, value: Any, each: int) -> tuple[int, list[Part]]:
    """Return the count of an object of conditions without its parts, and its parts."""
    pairs = [(name, part) for name, part in _pairs(value) if name in kind.fields]
    if kind.name.endswith(ORDER):
        return CONDITIONS_PER_SELECT, []
    relation = kind.name.endswith(LIST_WHERE)
    if relation or not kind.name.endswith(WHERE):
        # The parts are `some` and `none` of a relation, or operators; of an operator's values, only the number counts.
        counts = CONDITIONS_PER_SELECT if relation else each
        return counts * max(len(pairs), 1), [(kind.fields[name].type, part, 1) for name, part in pairs]
    counted, inside = 0, []
    for name, part in pairs:
        field = kind.fields[name].type
        selects = name not in JOINED and needs_select(kind.name.removesuffix(WHERE), attribute_name(name))
        inside.append((field, part, CONDITIONS_PER_SELECT if selects else 1))
        if name in JOINED:
            counted += 1
        elif selects and get_named_type(field).name.endswith(WHERE):
            counted += CONDITIONS_PER_SELECT
    return max(counted, 0 if pairs else 1), inside


def _items(value: Any) -> Sequence[Any]:
    if isinstance(value, ListValueNode):
        return value.values
    return value if isinstance(value, list) else (value,)


def _pairs(value: Any) -> Iterable[tuple[str, Any]]:
    if isinstance(value, ObjectValueNode):
        return [(field.name.value, field.value) for field in value.fields]
    return value.items() if isinstance(value, dict) else ()
