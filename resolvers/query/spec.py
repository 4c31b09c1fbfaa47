"""Defines `QuerySpec`: which attributes of a type can be looked up, filtered, sorted, grouped and summed.

A noun's file declares one `QuerySpec` for each of its types. The query compiler, the filters and the GraphQL schema are
derived from it and from the model.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from models import Account
from models.derived.computed_rows import ComputedRows
from resolvers.access.visibility import VISIBILITY, check_visibility
from resolvers.core.attributes import Kind, attribute

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from enum import Enum

    from sqlalchemy import ColumnElement

    from models import HasId
    from models.derived.rows import QueriedRow
    from resolvers.query.selection import SelectedField
    from resolvers.query.visible_entities import VisibleEntities
    from resolvers.sql.parameters import ParameterBinder


@dataclass(frozen=True)
class DayLookup:
    """A root field that returns the object of a day; its argument `on` is the day, today if it is absent.

    Attributes:
        name: The Python name of the field.
        description: The description of the field in the API.
        key: Returns the key of the object as SQL, from a query of all objects of the type and the day.
    """

    name: str
    description: str
    key: Callable[[QueriedRow, Any], Any]


@dataclass(frozen=True)
class ListArgument:
    """A required argument of a type's list: the id or the reference of an object that all rows of the list have.

    Attributes:
        name: The name of the argument.
        target: The type of the object.
        column: The attribute of the rows with the key of the object.
        description: The description of the argument in the API.
    """

    name: str
    target: type[HasId]
    column: str
    description: str


@dataclass(frozen=True)
class ListCondition:
    """An optional argument of a type's list: values of which its rows must match one.

    Attributes:
        name: The name of the argument.
        values: The enum of the values; None for the ids and codes of expert groups.
        description: The description of the argument in the API.
        condition: Returns the condition on a row, from the entities of the statement, the row and the bound list.
        convert: Converts the values of a request to those that the condition compares.
    """

    name: str
    values: type[Enum] | None
    description: str
    condition: Callable[[Any, Any, Any], ColumnElement[bool]]
    convert: Callable[[list[str]], list[str]]


@dataclass(frozen=True)
class QuerySpec:
    """The queries of a type. All names are attributes of `model`; money has its name without suffixes.

    Attributes:
        model: The entity or the computed rows; the class name is the name of the GraphQL type.
        filterable: Attributes for filters: columns, derived values, and relations to types with a QuerySpec.
        sortable: Attributes for sorting; the first one is the default order. The default order of one object's children
            is their `ordinal`, if they have one.
        lookup_by: Attributes for lookups of one object, besides its id.
        former_names: The relation to former values of these attributes; a lookup by one of them finds the object, too.
        list_arguments: The required arguments of the type's list, which is null if the viewer does not see one of the
            objects.
        rows: Returns an alias of the list's rows that the viewer sees, if they depend on the list's arguments.
        list_conditions: The optional arguments of the type's list.
        kept_days: The days after which rows are deleted; a cursor of an older row is refused. None for rows that stay.
        day_lookup: The root field that returns the object of a day, if there is one.
        as_of: Returns the condition that a row held on a day, from the row and the day; the type's lists then have an
            argument for the day. Only for rows whose past is exact.
        groupable: Attributes for grouping: enums, years, codes, and references with a code and a name.
        summable: The amounts of money that can be summed, by currency, each with the attribute that is added. That
            attribute is null for an amount that must not be counted.
    """

    model: type[HasId]
    filterable: tuple[str, ...]
    sortable: tuple[str, ...]
    lookup_by: tuple[str, ...] = ()
    former_names: str = ""
    list_arguments: tuple[ListArgument, ...] = ()
    rows: Callable[[VisibleEntities, ParameterBinder, SelectedField], Any] | None = None
    list_conditions: tuple[ListCondition, ...] = ()
    kept_days: int | None = None
    day_lookup: DayLookup | None = None
    as_of: Callable[[Any, Any], ColumnElement[bool]] | None = None
    groupable: tuple[str, ...] = ()
    summable: Mapping[str, str] | None = None


_specs: dict[str, QuerySpec] = {}

#: Only types with an entry in the visibility table can be queried, and rows that are computed from visible rows.
_QUERYABLE = frozenset(
    model.__name__ for model in (*VISIBILITY, *(rows for rows in ComputedRows.__subclasses__() if rows.is_node))
)


def register_query_spec(spec: QuerySpec) -> None:
    """Register the queries of a type.

    Raises LookupError if the visibility table has no entry for the type, TypeError for an impossible group or sum.
    """
    check_visibility(spec.model)
    for name in spec.groupable:
        if attribute(spec.model, name).target is Account:
            message = (
                f"{spec.model.__name__}.{name} is not groupable: the value of a group is the account's e-mail address."
            )
            raise TypeError(message)
    for name in spec.summable or ():
        if attribute(spec.model, name).kind is not Kind.MONEY:
            message = f"{spec.model.__name__}.{name} is not summable: only amounts of money are summed."
            raise TypeError(message)
    _specs[spec.model.__name__] = spec


def query_spec_of(type_name: str) -> QuerySpec:
    """Return the QuerySpec of a GraphQL type. Raises LookupError if there is none, or if it is not loaded."""
    if type_name not in _specs:
        message = f"{type_name} has no QuerySpec, or the nouns are not loaded: call `resolvers.nouns.load_nouns` first."
        raise LookupError(message)
    return _specs[type_name]


def is_queryable(type_name: str) -> bool:
    """Return whether a GraphQL type represents an entity, loaded or not."""
    return type_name in _QUERYABLE


def query_specs() -> list[QuerySpec]:
    """Return all registered QuerySpecs, in the order of registration."""
    return list(_specs.values())
