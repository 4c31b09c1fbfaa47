"""The nouns' types: declared as classes with annotated fields, then made into Strawberry types together.

A class names its model and lists the attributes that the contract shows. Each field has the
name of the model's attribute, and the model's description. Types refer to each other in
circles, so this module collects all declarations before it makes the types.
"""

from __future__ import annotations

import inspect
import sys
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from enum import Enum
from types import NoneType, UnionType
from typing import TYPE_CHECKING, Any, Generic, TypeVar, Union, get_args, get_origin

import strawberry

from models import Change
from resolvers.core.attributes import attribute
from resolvers.core.naming import noun_with_article
from resolvers.query.fields.changed_objects import OBJECT_FIELDS
from resolvers.query.fields.judged_fields import JUDGED_FIELDS, is_judged
from resolvers.query.spec import query_specs
from schema.builder.enums import enum_of
from schema.builder.explanations import explained_field
from schema.builder.fields import define, field, list_of, make_type

if TYPE_CHECKING:
    from collections.abc import Callable

    from strawberry.types.arguments import StrawberryArgument

    from models import Base


T = TypeVar("T")


class Connection(Generic[T]):
    """Marks a field as a list in pages; the field's arguments and type follow from the type of its nodes."""


class Transitions:
    """Marks the list of the statuses that can follow an object's status; its type follows from the status."""


class Explained:
    """Marks the field that explains a figure of an object; its argument follows from the figures that are declared."""


@strawberry.interface(description="An object with an id; look it up with `node(id:)`.")
class Node:
    """The interface of all objects with an id."""

    id: strawberry.ID = strawberry.field(description="The opaque id, unique in this API.")


@dataclass
class DeclaredType:
    """A declared type and the model it represents.

    Attributes:
        cls: The class; the type has the name of the class.
        model: The model whose rows the type shows.
        root: The name of the type's list at the root of queries; empty if it has none.
        description: The description of that list.
        arguments: The arguments of that list besides those of every list; with a required one, the list can be null.
        hints: The annotations of the class, resolved when all types are declared.
    """

    cls: type
    model: type[Base]
    root: str = ""
    description: str = ""
    arguments: tuple[StrawberryArgument, ...] = ()
    hints: dict[str, Any] = dataclass_field(default_factory=dict)


_declared: dict[str, DeclaredType] = {}


def entity_type(
    model: type[Base], *, root: str = "", description: str = "", arguments: tuple[StrawberryArgument, ...] = ()
) -> Callable[[type[T]], type[T]]:
    """Declare a class as the contract's type of `model`.

    Args:
        model: The model; a field of the class is the attribute of the model with the same name.
        root: The Python name of the type's list at the root of queries; empty if it has none.
        description: The description of that list.
        arguments: The arguments of that list besides those of every list.
    """

    def declare(cls: type[T]) -> type[T]:
        _declared[cls.__name__] = DeclaredType(cls, model, root, description, arguments)
        return cls

    return declare


def declared_types() -> dict[str, DeclaredType]:
    """Return the declared types by name, with resolved annotations."""
    names = {name: declared.cls for name, declared in _declared.items()}
    for declared in _declared.values():
        if not declared.hints:
            declared.hints = dict(_hints(declared.cls, names))
    return _declared


def _hints(cls: type, names: dict[str, type]) -> list[tuple[str, Any]]:
    shown = [base for base in cls.__mro__ if (issubclass(base, Node) and base is not Node) or base is cls]
    return [
        (name, eval(hint, {**vars(sys.modules[base.__module__]), **names}) if isinstance(hint, str) else hint)  # noqa: S307 - our own annotations, which name each other in circles
        for base in shown
        for name, hint in inspect.get_annotations(base).items()
    ]


def make_types(connection: Callable[[str, type, str], Any]) -> list[Any]:
    """Make all declared classes Strawberry types, and return them.

    Args:
        connection: Makes the field of a connection from its name, the class of its nodes and its description.
    """
    types = declared_types().values()
    check_types()
    for declared in types:
        fields = [_field(declared.model, name, hint, connection) for name, hint in declared.hints.items()]
        interface = Node if issubclass(declared.cls, Node) else None
        define(declared.cls, declared.model.__doc__ or "", fields, interface)
    return [declared.cls for declared in types]


def check_types() -> None:
    """Check that each QuerySpec has a type and each type has a QuerySpec. Raises LookupError if one is missing."""
    read = {spec.model.__name__ for spec in query_specs()}
    typed = {name for name, declared in _declared.items() if issubclass(declared.cls, Node)}
    for name in sorted(read - {*_declared}):
        message = f"{name} has a QuerySpec in resolvers/ and no type in schema/: declare `@entity_type(models.{name})`."
        raise LookupError(message)
    for name in sorted(typed - read):
        message = f"{name} has a type in schema/ and no QuerySpec in resolvers/: register one."
        raise LookupError(message)


def _field(model: type[Base], name: str, hint: Any, connection: Callable[[str, type, str], Any]) -> Any:
    if is_judged(model, name):
        judged = list_of(_transition_type(model)) if hint is Transitions else shown_type(hint)
        return field(name, judged, JUDGED_FIELDS[name])
    if hint is Explained:
        return explained_field(model, connection)
    words = OBJECT_FIELDS[name] if model is Change and name in OBJECT_FIELDS else attribute(model, name).doc
    if get_origin(hint) is Connection:
        return connection(name, get_args(hint)[0], words)
    return field(name, shown_type(hint), words)


def _transition_type(model: Any) -> Any:
    """Return the type of a status that can follow an object's status."""
    status = enum_of(model.status_type())
    words = f"A status that can follow the status of {noun_with_article(model.__name__)}, judged for the viewer."
    why = "Why a request with `to`, a required `reason` and `needsFields` is refused now; null if it is allowed."
    fields = [
        field("to", status, "The status."),
        field("allowed", bool, "Whether the viewer can request the status now."),
        field("needs_reason", bool, "Whether the request must give a `reason`."),
        field("needs_fields", list_of(str), "The other fields that the request must send, such as `settled`."),
        field("reason", str | None, why),
    ]
    return make_type(f"{model.__name__}Transition", words, fields)


def shown_type(hint: Any) -> Any:
    """Return the contract's type for an annotation: the contract's enum for a model's enum, else the same type."""
    if isinstance(hint, type) and issubclass(hint, Enum):
        return enum_of(hint)
    origin, parts = get_origin(hint), get_args(hint)
    if origin in {Union, UnionType}:
        (inner,) = (part for part in parts if part is not NoneType)
        return shown_type(inner) | None
    if origin is list:
        return list_of(shown_type(parts[0]))
    return hint
