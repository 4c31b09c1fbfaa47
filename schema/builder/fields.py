"""How types of the contract are put together: fields with their arguments and descriptions.

Strawberry's decorators make a dataclass of each class, which compiles its methods, and evaluate
each annotation some five times. For the four hundred types here that was a third of a second of every
start, for classes of which hardly one is ever made an object; so their definitions are made at once, as
integrations with Strawberry make theirs.
"""

from __future__ import annotations

from dataclasses import MISSING
from functools import cache
from typing import TYPE_CHECKING, Any

from strawberry import UNSET
from strawberry.annotation import StrawberryAnnotation
from strawberry.types.arguments import StrawberryArgument
from strawberry.types.base import StrawberryObjectDefinition
from strawberry.types.field import StrawberryField

if TYPE_CHECKING:
    from collections.abc import Sequence


class InputObject:
    """What every input made here is an object of: the values that were given, else their defaults."""

    def __init__(self, **given: Any) -> None:
        vars(self).update(given)


@cache
def annotation(kind: Any) -> StrawberryAnnotation:
    """Give Strawberry's form of a type, one for all fields of it: it keeps what it is resolved to."""
    return StrawberryAnnotation(kind)


def argument(name: str, kind: Any, description: str) -> StrawberryArgument:
    """Make an argument; it may be left out where `kind` admits null."""
    return StrawberryArgument(
        python_name=name,
        graphql_name=None,
        type_annotation=annotation(kind),
        description=description,
    )


def field(name: str, kind: Any, description: str, *arguments: StrawberryArgument) -> StrawberryField:
    """Make a field that gives `kind`; its data comes from the read plan, never from a resolver of its own."""
    made = StrawberryField(
        python_name=name, type_annotation=annotation(kind), description=" ".join(description.split())
    )
    made.arguments = list(arguments)
    return made


def list_of(kind: Any) -> Any:
    """Give the type of a list of `kind`, which is made while the program runs."""
    return list[kind]


def make_type(name: str, description: str, fields: Sequence[StrawberryField]) -> Any:
    """Make an object type of the contract."""
    made = type(name, (), {})
    define(made, description, fields)
    return made


def make_input(name: str, description: str, fields: Sequence[StrawberryField]) -> Any:
    """Make an input type of the contract."""
    made = input_class(name)
    define(made, description, fields)
    return made


def input_class(name: str) -> type[InputObject]:
    """Make the class of an input that is to be defined; others may speak of it before."""
    return type(name, (InputObject,), {})


def define(cls: Any, description: str, fields: Sequence[StrawberryField], interface: Any = None) -> None:
    """Make a class a type of the contract under its own name; an input where it is an `Input`.

    Args:
        cls: The class.
        description: Its description.
        fields: Its fields, beside those of the interface.
        interface: The interface it has.
    """
    interfaces = [interface.__strawberry_definition__] if interface else []
    taken = issubclass(cls, InputObject)
    for each in fields if taken else ():
        if each.default is not MISSING:
            setattr(cls, each.python_name, each.default)
    cls.__strawberry_definition__ = StrawberryObjectDefinition(
        name=cls.__name__,
        is_input=taken,
        is_interface=False,
        origin=cls,
        description=" ".join(description.split()),
        interfaces=interfaces,
        extend=False,
        directives=(),
        is_type_of=None,
        resolve_type=None,
        fields=[*(inherited for each in interfaces for inherited in each.fields), *fields],
    )


def optional_input(name: str, kind: Any, description: str, graphql_name: str | None = None) -> StrawberryField:
    """Make a field of an input that may be left out."""
    return StrawberryField(
        python_name=name,
        graphql_name=graphql_name,
        type_annotation=annotation(kind | None),
        description=" ".join(description.split()),
        default=UNSET,
    )
