"""Connections: lists in pages after the Relay specification, with filters, sort orders and aggregates."""

from __future__ import annotations

import datetime as dt
from functools import cache
from typing import TYPE_CHECKING, Any

import strawberry

from resolvers.core.attributes import attribute
from resolvers.core.limits import DEFAULT_PAGE_SIZE, MAX_GROUPS, MAX_PAGE_SIZE, NESTED_PAGE_SIZE
from resolvers.core.naming import noun_with_article, nouns
from resolvers.query.spec import query_spec_of
from schema.builder.entity_types import declared_types
from schema.builder.enums import make_enum
from schema.builder.fields import argument, field, list_of, make_input, make_type
from schema.builder.filter_inputs import where_inputs
from schema.builder.money import ConvertedMoney, Money
from schema.builder.scalars import CurrencyCode

if TYPE_CHECKING:
    from collections.abc import Sequence

    from strawberry.types.arguments import StrawberryArgument

    from models import HasId

OrderDirection = make_enum(
    "OrderDirection",
    "The direction of sorting.",
    {
        "ASC": "Ascending; null values are last.",
        "DESC": "Descending; null values are first.",
    },
)


@strawberry.type(description="The position of a page in its list.")
class PageInfo:
    """The position of a page in its list."""

    has_next_page: bool = strawberry.field(description="Whether the list has objects after this page.")
    has_previous_page: bool = strawberry.field(description="Whether the list has objects before this page.")
    start_cursor: str | None = strawberry.field(description="The cursor of the first object on this page.")
    end_cursor: str | None = strawberry.field(description="The cursor of the last object on this page.")


@strawberry.type(description="A grouped field, with the value that all objects of the group share.")
class GroupKey:
    """A grouped field, with the value that all objects of the group share."""

    field: str = strawberry.field(description="The field, as in `by`.")
    value: str | None = strawberry.field(description="The value: an enum value, a year, a code or a reference.")
    label: str | None = strawberry.field(description="The name of the object that the value refers to, if any.")


def connection_field(
    name: str,
    node: type,
    description: str,
    *required: StrawberryArgument,
    optional: Sequence[StrawberryArgument] = (),
) -> Any:
    """Make a field that returns a list of `node` in pages; with `required` arguments, it can be null."""
    type_name = node.__name__
    kind = connection_type(type_name)
    return field(
        name, kind | None if required else kind, description, *required, *optional, *_page_arguments(type_name)
    )


FIRST = (
    f"Page size, 1 to {MAX_PAGE_SIZE}; by default {DEFAULT_PAGE_SIZE}, and {NESTED_PAGE_SIZE} for a list of an object."
)


@cache
def _page_arguments(type_name: str) -> tuple[StrawberryArgument, ...]:
    as_of = argument("as_of", dt.date | None, "Only objects that are in force on this day.")
    return (
        *([as_of] if query_spec_of(type_name).as_of else []),
        argument("first", int | None, FIRST),
        argument("after", str | None, "Start the page after this cursor."),
        argument("last", int | None, f"Page size from the end, 1 to {MAX_PAGE_SIZE}."),
        argument("before", str | None, "End the page before this cursor."),
        argument("where", where_inputs()[type_name] | None, "Only objects that meet these conditions."),
        argument("order_by", list_of(order_input(type_name)) | None, "The sort order; ties are sorted by id."),
    )


@cache
def connection_type(type_name: str) -> Any:
    """Make the type of a page of `type_name`."""
    node = declared_types()[type_name].cls
    edge = make_type(
        f"{type_name}Edge",
        f"{noun_with_article(type_name).capitalize()} in a list, with its cursor.",
        [
            field("cursor", str, "The opaque cursor, for `after` and `before`."),
            field("node", node, "The object."),
        ],
    )
    return make_type(
        f"{type_name}Connection",
        f"A page of a list of {nouns(type_name)}, with counts and sums over the whole list.",
        [
            field("edges", list_of(edge), "The objects of this page, with their cursors."),
            field("nodes", list_of(node), "The objects of this page."),
            field("page_info", PageInfo, "The position of this page in the list."),
            field("total_count", int, "The number of objects in the whole list."),
            field("aggregate", aggregate_type(type_name), "Counts and sums over the whole list."),
        ],
    )


@cache
def order_input(type_name: str) -> Any:
    """Make the input for one step of the sort order of a list of `type_name`."""
    spec = query_spec_of(type_name)
    words = f"The fields by which a list of {nouns(type_name)} can be sorted."
    fields = _attribute_enum(f"{type_name}OrderField", words, spec.model, spec.sortable)
    direction = field("direction", OrderDirection, "The sort direction.")
    direction.default = direction.default_value = OrderDirection.ASC
    words = f"One step of a sort order of {nouns(type_name)}. Amounts of money are sorted by currency first."
    return make_input(f"{type_name}Order", words, [field("field", fields, "The field to sort by."), direction])


@cache
def aggregate_type(type_name: str) -> Any:
    """Make the type of the counts and sums over a list of `type_name`."""
    spec = query_spec_of(type_name)
    counted = [field("count", int, "The number of objects.")]
    if spec.summable:
        amounts = [
            field(name, list[Money], f"{attribute(spec.model, name).doc} One sum for each currency.")
            for name in spec.summable
        ]
        sums = make_type(f"{type_name}Sums", f"Sums over {nouns(type_name)}, one for each currency.", amounts)
        counted.append(
            field("sums", sums, "Sums, one for each currency, without the amounts that must not be added up.")
        )
        counted.append(_converted(type_name))
    whole = list(counted)
    if spec.groupable:
        group = make_type(
            f"{type_name}Group",
            f"A group of {nouns(type_name)} that share the values of the grouped fields.",
            [field("keys", list[GroupKey], "The shared values, in the order of `by`."), *counted],
        )
        whole.append(field("group_by", list_of(group), "Counts and sums for each group.", _by(type_name)))
    return make_type(f"{type_name}Aggregate", f"Counts and sums over a list of {nouns(type_name)}.", whole)


def _converted(type_name: str) -> Any:
    spec = query_spec_of(type_name)
    amounts = [field(name, ConvertedMoney, attribute(spec.model, name).doc) for name in spec.summable or ()]
    sums = make_type(
        f"{type_name}ConvertedSums", f"Sums over {nouns(type_name)}, converted into one currency.", amounts
    )
    return field(
        "converted",
        sums,
        "The sums, converted into one currency. They cannot be filtered or sorted by.",
        argument("in", CurrencyCode, "The currency to convert into."),
        argument("rates_on", dt.date | None, "The last rates on or before this day are used; of today by default."),
    )


def _by(type_name: str) -> Any:
    spec = query_spec_of(type_name)
    words = f"The fields by which a list of {nouns(type_name)} can be grouped."
    fields = _attribute_enum(f"{type_name}GroupField", words, spec.model, spec.groupable)
    return argument("by", list_of(fields), f"The fields to group by, 1 to {MAX_GROUPS}.")


def _attribute_enum(name: str, description: str, model: type[HasId], attributes: Sequence[str]) -> Any:
    """Make an enum of attributes of a model, with the model's descriptions."""
    return make_enum(name, description, {each.upper(): attribute(model, each).doc or each for each in attributes})
