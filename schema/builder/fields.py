"""Makes Strawberry types, fields and arguments directly, without Strawberry's decorators.

The decorators make a dataclass of each class, which compiles its methods, and evaluate each annotation
about five times. For the 400 types of the contract this took a third of a second at every start, although
the program makes objects of very few of these classes. Integrations with Strawberry make types in the same way.
"""

from __future__ import annotations

from dataclasses import MISSING
from functools import cache
from typing import TYPE_CHECKING, Any

from strawberry import UNSET
from strawberry.annotation import StrawberryAnnotation
from strawberry.schema_directives import OneOf
from strawberry.types.arguments import StrawberryArgument
from strawberry.types.base import StrawberryObjectDefinition
from strawberry.types.field import StrawberryField

if TYPE_CHECKING:
    from collections.abc import Sequence


class InputObject:
    """The base of all input classes: its attributes are the values of the input, else their defaults."""

    def __init__(self, **given: Any) -> None:
        vars(self).update(given)


@cache
def annotation(kind: Any) -> StrawberryAnnotation:
    """Return Strawberry's annotation of a type. All fields of the type share it: it caches the resolved type."""
    return StrawberryAnnotation(kind)


def argument(name: str, kind: Any, description: str) -> StrawberryArgument:
    """Make an argument; it is optional if `kind` includes None."""
    return StrawberryArgument(
        python_name=name,
        graphql_name=None,
        type_annotation=annotation(kind),
        description=description,
    )


def field(name: str, kind: Any, description: str, *arguments: StrawberryArgument) -> StrawberryField:
    """Make a field of the type `kind`. The query compiler reads its data: it has no resolver."""
    made = StrawberryField(
        python_name=name, type_annotation=annotation(kind), description=" ".join(description.split())
    )
    made.arguments = list(arguments)
    return made


def list_of(kind: Any) -> Any:
    """Return the type of a list of `kind`, for a `kind` that is known only at run time."""
    return list[kind]


def make_type(name: str, description: str, fields: Sequence[StrawberryField]) -> Any:
    """Make an object type of the contract."""
    made = type(name, (), {})
    define(made, description, fields)
    return made


def make_input(name: str, description: str, fields: Sequence[StrawberryField], *, one_of: bool = False) -> Any:
    """Make an input type of the contract; with `one_of`, exactly one of its fields must be set."""
    made = input_class(name)
    define(made, description, fields, directives=[OneOf()] if one_of else ())
    return made


def input_class(name: str) -> type[InputObject]:
    """Make the class of an input. `define` completes it later; other types can refer to it before."""
    return type(name, (InputObject,), {})


def define(
    cls: Any,
    description: str,
    fields: Sequence[StrawberryField],
    interface: Any = None,
    *,
    directives: Sequence[object] = (),
) -> None:
    """Make a class a type of the contract, with the name of the class; an input type if it is an `InputObject`.

    Args:
        cls: The class.
        description: The description of the type.
        fields: The fields of the type, without those of the interface.
        interface: The interface that the type implements.
        directives: The directives on the type, such as `@oneOf`.
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
        directives=directives,
        is_type_of=None,
        resolve_type=None,
        fields=[*(inherited for each in interfaces for inherited in each.fields), *fields],
    )


def optional_input(name: str, kind: Any, description: str, graphql_name: str | None = None) -> StrawberryField:
    """Make an optional field of an input."""
    return StrawberryField(
        python_name=name,
        graphql_name=graphql_name,
        type_annotation=annotation(kind | None),
        description=" ".join(description.split()),
        default=UNSET,
    )
