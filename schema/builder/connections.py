"""Connections: lists in pages after the Relay specification, with filters, orders and aggregates."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import strawberry

from resolvers.core.attributes import attribute
from resolvers.core.limits import DEFAULT_PAGE_SIZE, MAX_GROUPS, MAX_PAGE_SIZE
from resolvers.query.spec import query_spec_of
from schema.builder.entity_types import declared_types
from schema.builder.enums import make_enum
from schema.builder.fields import argument, field, list_of, make_input, make_type
from schema.builder.filter_inputs import where_inputs
from schema.builder.money import Money

if TYPE_CHECKING:
    from collections.abc import Sequence

    from strawberry.types.arguments import StrawberryArgument

    from models import HasId

OrderDirection = make_enum(
    "OrderDirection",
    "The direction of an order.",
    {
        "ASC": "Smallest first; what is unknown comes last.",
        "DESC": "Largest first; what is unknown comes first.",
    },
)


@strawberry.type(description="What lies around a page.")
class PageInfo:
    """What lies around a page."""

    has_next_page: bool = strawberry.field(description="Whether the list goes on behind this page.")
    has_previous_page: bool = strawberry.field(description="Whether the list begins before this page.")
    start_cursor: str | None = strawberry.field(description="The cursor of the first object on this page.")
    end_cursor: str | None = strawberry.field(description="The cursor of the last: `after` it the next page begins.")


@strawberry.type(description="What the objects of a group have in common.")
class GroupKey:
    """One field of a group."""

    field: str = strawberry.field(description="The field, as it was asked for.")
    value: str | None = strawberry.field(description="Its value: an enum's name, a year, or a code or reference.")
    label: str | None = strawberry.field(description="The name of what the value refers to, where it refers to one.")


def connection_field(name: str, node: type, description: str) -> Any:
    """Make a field that gives a list of `node` in pages."""
    type_name = node.__name__
    return field(name, connection_type(type_name), description, *_page_arguments(type_name))


@cache
def _page_arguments(type_name: str) -> tuple[StrawberryArgument, ...]:
    return (
        argument(
            "first", int | None, f"How many from the start, 1 to {MAX_PAGE_SIZE}; {DEFAULT_PAGE_SIZE} if none is named."
        ),
        argument("after", str | None, "Begin behind this cursor."),
        argument("last", int | None, f"How many from the end, 1 to {MAX_PAGE_SIZE}, instead of `first`."),
        argument("before", str | None, "End before this cursor."),
        argument("where", where_inputs()[type_name] | None, "Only the objects that meet these conditions."),
        argument("order_by", list_of(order_input(type_name)) | None, "In this order; the id breaks ties."),
    )


@cache
def connection_type(type_name: str) -> Any:
    """Make the type of a page of `type_name`."""
    node = declared_types()[type_name].cls
    edge = make_type(
        f"{type_name}Edge",
        f"One {type_name} of a list, and its place there.",
        [
            field("cursor", str, "Its place in the list: opaque, for `after` and `before`."),
            field("node", node, "The object."),
        ],
    )
    return make_type(
        f"{type_name}Connection",
        f"A page of a list of {type_name}, and what is known of the whole list.",
        [
            field("edges", list_of(edge), "The objects of this page with their cursors."),
            field("nodes", list_of(node), "The objects of this page."),
            field("page_info", PageInfo, "What lies around this page."),
            field("total_count", int, "How many objects the whole list has; counted only when asked for."),
            field("aggregate", aggregate_type(type_name), "Counts and sums over the whole list."),
        ],
    )


@cache
def order_input(type_name: str) -> Any:
    """Make the input that says what a list of `type_name` is sorted by."""
    spec = query_spec_of(type_name)
    words = f"What a list of {type_name} may be sorted by."
    fields = _attribute_enum(f"{type_name}OrderField", words, spec.model, spec.sortable)
    direction = field("direction", OrderDirection, "In which direction.")
    direction.default = direction.default_value = OrderDirection.ASC
    words = f"One step of an order of {type_name}. Amounts of money sort by currency first."
    return make_input(f"{type_name}Order", words, [field("field", fields, "By what."), direction])


@cache
def aggregate_type(type_name: str) -> Any:
    """Make the type of the counts and sums over a list of `type_name`."""
    spec = query_spec_of(type_name)
    counted = [field("count", int, "How many objects.")]
    if spec.summable:
        amounts = [
            field(name, list[Money], f"{attribute(spec.model, name).doc} Added up, one sum for each currency.")
            for name in spec.summable
        ]
        sums = make_type(f"{type_name}Sums", f"Sums over a list of {type_name}, one for each currency.", amounts)
        counted.append(
            field("sums", sums, "The sums of amounts, one for each currency; what must not be counted is left out.")
        )
    whole = list(counted)
    if spec.groupable:
        group = make_type(
            f"{type_name}Group",
            f"Those of a list of {type_name} that have the grouped fields in common.",
            [field("keys", list[GroupKey], "What they have in common, in the order asked for."), *counted],
        )
        whole.append(field("group_by", list_of(group), "The same for each group.", _by(type_name)))
    return make_type(f"{type_name}Aggregate", f"Counts and sums over a list of {type_name}.", whole)


def _by(type_name: str) -> Any:
    spec = query_spec_of(type_name)
    words = f"What a list of {type_name} may be grouped by."
    fields = _attribute_enum(f"{type_name}GroupField", words, spec.model, spec.groupable)
    return argument("by", list_of(fields), f"What to group by, from 1 to {MAX_GROUPS} fields.")


def _attribute_enum(name: str, description: str, model: type[HasId], attributes: Sequence[str]) -> Any:
    """Make the enum of some attributes of a model, each described as the model describes it."""
    return make_enum(name, description, {each.upper(): attribute(model, each).doc or each for each in attributes})
