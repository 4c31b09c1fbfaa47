"""The root of every query: what can be asked for first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import strawberry

from resolvers.core.limits import MAX_IDS
from resolvers.core.naming import snake_case
from resolvers.query.spec import query_spec_of
from schema.builder.connections import connection_field
from schema.builder.entity_types import Node, declared_types
from schema.builder.fields import argument, field, make_type
from schema.viewer import viewer_type

if TYPE_CHECKING:
    from schema.builder.entity_types import DeclaredType


def query_type() -> Any:
    """Make the query type."""
    fields = [
        field("viewer", viewer_type() | None, "Whoever asks; null for the public."),
        field(
            "node",
            Node | None,
            "The object of an id; null where there is none.",
            argument("id", strawberry.ID, "Its id."),
        ),
        field(
            "nodes",
            list[Node | None],
            "The objects of several ids, in their order; null where there is none.",
            argument("ids", list[strawberry.ID], f"Their ids, at most {MAX_IDS}."),
        ),
    ]
    for declared in declared_types().values():
        if declared.root:
            fields += _root_fields(declared)
    return make_type("Query", "What can be asked for.", fields)


def _root_fields(declared: DeclaredType) -> list[Any]:
    """Return the list of a type, and what looks up one object by its code, reference or number."""
    node, type_name = declared.cls, declared.cls.__name__
    fields = [connection_field(declared.root, node, declared.description)]
    for key in query_spec_of(type_name).lookup_by:
        words = f"The {type_name} with this {key}; null where there is none."
        fields.append(
            field(snake_case(type_name), node | None, words, argument(key, str, f"Its {key}, to the letter."))
        )
    return fields
