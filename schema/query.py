"""The root of queries: the viewer, objects by id, and the lists and lookups of each type."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import strawberry

from resolvers.core.limits import MAX_IDS
from resolvers.core.naming import noun, snake_case
from resolvers.query.spec import query_spec_of
from schema.builder.connections import connection_field
from schema.builder.entity_types import Node, declared_types
from schema.builder.enums import enum_of
from schema.builder.fields import argument, field, list_of, make_type
from schema.viewer import viewer_type

if TYPE_CHECKING:
    from schema.builder.entity_types import DeclaredType


def query_type() -> Any:
    """Make the query type."""
    fields = [
        field("viewer", viewer_type() | None, "The viewer; null for the public."),
        field(
            "node",
            Node | None,
            "The object with this id; null if there is none.",
            argument("id", strawberry.ID, "The id of the object."),
        ),
        field(
            "nodes",
            list[Node | None],
            "The objects with these ids, in the same order; null for an id without an object.",
            argument("ids", list[strawberry.ID], f"The ids of the objects, at most {MAX_IDS}."),
        ),
    ]
    for declared in declared_types().values():
        if declared.root:
            fields += _root_fields(declared)
    return make_type("Query", "The root of all queries.", fields)


def _root_fields(declared: DeclaredType) -> list[Any]:
    """Return the field of a type's list, and the fields that look up one object: by its code or number, or by a day."""
    node, type_name = declared.cls, declared.cls.__name__
    spec = query_spec_of(type_name)
    required = [argument(each.name, str, each.description) for each in spec.list_arguments]
    optional = [
        argument(each.name, list_of(enum_of(each.values) if each.values else str) | None, each.description)
        for each in spec.list_conditions
    ]
    fields = [
        connection_field(declared.root, node, declared.description, *required, *declared.arguments, optional=optional)
    ]
    for key in spec.lookup_by:
        words = f"The {noun(type_name)} with this {key}; null if there is none."
        fields.append(field(snake_case(type_name), node | None, words, argument(key, str, f"The exact {key}.")))
    if lookup := spec.day_lookup:
        on = argument("on", dt.date | None, "The day; today if it is absent.")
        fields.append(field(lookup.name, node | None, lookup.description, on))
    return fields
