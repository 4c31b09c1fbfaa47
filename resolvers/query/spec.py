"""What of each noun may be looked up, filtered, sorted, grouped and added up.

A noun's file declares one `QuerySpec` for each of its types and nothing else; the plan,
the filters and the contract take all they need from here and from the model itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from resolvers.access.visibility import VISIBILITY, check_visibility

if TYPE_CHECKING:
    from collections.abc import Mapping

    from models import HasId


@dataclass(frozen=True)
class QuerySpec:
    """How a type may be read. All names are attributes of `model`; an amount of money goes by its plain name.

    Attributes:
        model: The entity; its class name is the name of the GraphQL type.
        filterable: What may be filtered by: columns, derived values, relations (of types that are readable too).
        sortable: What may be sorted by; the first is the order of a list that requests none.
        lookup_by: What one object may be looked up by, beside its id.
        groupable: What may be grouped by: enums, years, codes, and references with a code and a name.
        summable: The amounts of money that may be added up, one sum for each currency,
            each with the attribute that is added: an amount that must not be counted is null there.
    """

    model: type[HasId]
    filterable: tuple[str, ...]
    sortable: tuple[str, ...]
    lookup_by: tuple[str, ...] = ()
    groupable: tuple[str, ...] = ()
    summable: Mapping[str, str] | None = None


_specs: dict[str, QuerySpec] = {}

#: What is visible to some is read; nothing else is.
_QUERYABLE = frozenset(model.__name__ for model in VISIBILITY)


def register_query_spec(spec: QuerySpec) -> None:
    """Make a type readable under its model's name. Raises LookupError where nothing says who sees its rows."""
    check_visibility(spec.model)
    _specs[spec.model.__name__] = spec


def query_spec_of(type_name: str) -> QuerySpec:
    """Return the declaration of a GraphQL type. Raises LookupError where there is none, or none is loaded."""
    if type_name not in _specs:
        message = f"{type_name} has no QuerySpec, or the nouns are not loaded: call `resolvers.nouns.load_nouns` first."
        raise LookupError(message)
    return _specs[type_name]


def is_queryable(type_name: str) -> bool:
    """Return whether a GraphQL type represents an entity, loaded or not."""
    return type_name in _QUERYABLE


def query_specs() -> list[QuerySpec]:
    """Give every declaration, in the order they were made."""
    return list(_specs.values())
