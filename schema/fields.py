"""How types of the contract are put together: fields with their arguments and descriptions."""

from __future__ import annotations

from typing import Any

import strawberry
from strawberry import UNSET
from strawberry.annotation import StrawberryAnnotation
from strawberry.types.arguments import StrawberryArgument
from strawberry.types.field import StrawberryField


def argument(name: str, kind: Any, description: str) -> StrawberryArgument:
    """Make an argument; it may be left out where `kind` admits null."""
    return StrawberryArgument(
        python_name=name,
        graphql_name=None,
        type_annotation=StrawberryAnnotation(kind),
        description=description,
    )


def field(name: str, kind: Any, description: str, *arguments: StrawberryArgument) -> StrawberryField:
    """Make a field that gives `kind`; its data comes from the read plan, never from a resolver of its own."""
    made = StrawberryField(
        python_name=name, type_annotation=StrawberryAnnotation(kind), description=" ".join(description.split())
    )
    made.arguments = list(arguments)
    return made


def list_of(kind: Any) -> Any:
    """Give the type of a list of `kind`, which is made while the program runs."""
    return list[kind]


def make_type(name: str, description: str, fields: list[StrawberryField], bases: tuple[type, ...] = ()) -> Any:
    """Make an object type of the contract."""
    return strawberry.type(_class(name, fields, bases), name=name, description=" ".join(description.split()))


def make_input(name: str, description: str, fields: list[StrawberryField]) -> Any:
    """Make an input type of the contract."""
    return strawberry.input(_class(name, fields, ()), name=name, description=" ".join(description.split()))


def optional_input(name: str, kind: Any, description: str, graphql_name: str | None = None) -> StrawberryField:
    """Make a field of an input that may be left out."""
    return StrawberryField(
        python_name=name,
        graphql_name=graphql_name,
        type_annotation=StrawberryAnnotation(kind | None),
        description=" ".join(description.split()),
        default=UNSET,
    )


def _class(name: str, fields: list[StrawberryField], bases: tuple[type, ...]) -> type:
    members: dict[str, Any] = {made.python_name: made for made in fields}
    annotations = {made.python_name: made.type_annotation.annotation for made in fields if made.type_annotation}
    return type(name, bases, {"__annotations__": annotations, **members})
