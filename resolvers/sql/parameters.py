"""The values of a statement: named while it is compiled, looked up and checked in every request."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any, TypeAlias

from sqlalchemy import ColumnElement, bindparam
from sqlalchemy.ext.compiler import compiles

from resolvers.core.errors import BadUserInputError, RequestError
from resolvers.core.text import UNSTORABLE

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sqlalchemy.engine import Dialect
    from sqlalchemy.types import TypeEngine


Path = tuple[str | int, ...]

#: What the names of the parameters for rights begin with.
CLAIM_PREFIX = "viewer_"


@dataclass(frozen=True)
class ParameterSource:
    """Where a bind parameter's value comes from, and what becomes of it on the way."""

    tree: ArgumentTree
    convert: Callable[[Any], Any] | None
    type: TypeEngine[Any]
    path: Path

    def value(self, variables: Mapping[str, Any]) -> Any:
        """Give the checked value in this request. Raises RequestError that knows the field it was meant for."""
        try:
            value = resolve(self.tree, variables)
            return self.convert(value) if self.convert else value
        except RequestError as error:
            error.path = list(self.path)
            raise


@dataclass
class ParameterBinder:
    """Collects the slots of one statement."""

    slots: dict[str, ParameterSource] = field(default_factory=dict)

    def bind(
        self, tree: ArgumentTree, type_: TypeEngine[Any], path: Path, convert: Callable[[Any], Any] | None = None
    ) -> Parameter:
        """Make a parameter of type `type_` whose value is that of `tree`, passed through `convert`."""
        name = f"v{len(self.slots)}"
        self.slots[name] = ParameterSource(tree, convert, type_, path)
        return Parameter(name, type_)

    def claim(self, name: str, type_: TypeEngine[Any]) -> Parameter:
        """Make a parameter whose value is a right of whoever asks; see `access/viewer_parameters`."""
        return Parameter(f"{CLAIM_PREFIX}{name}", type_)


class Parameter(ColumnElement[Any]):
    """A value of the request. It stays a parameter where the constants of a statement are written out."""

    inherit_cache = False

    def __init__(self, name: str, type_: TypeEngine[Any]) -> None:
        self.bound = bindparam(name, type_=type_)
        self.type = type_


@compiles(Parameter)
def _parameter(element: Parameter, compiler: Any, **options: Any) -> str:
    options.pop("literal_binds", None)
    return str(compiler.process(element.bound, **options))


@dataclass(frozen=True)
class StatementParameters:
    """The values of a rendered statement in the order the driver wants them."""

    order: Sequence[str]
    slots: Mapping[str, ParameterSource]
    processors: Mapping[str, Callable[[Any], Any]]

    @classmethod
    def of(cls, order: Sequence[str], binder: ParameterBinder, dialect: Dialect) -> StatementParameters:
        """Prepare the values of a statement rendered for `dialect`."""
        found = {name: processor_of(slot.type, dialect) for name, slot in binder.slots.items()}
        return cls(order, binder.slots, {name: processor for name, processor in found.items() if processor})

    def values(self, variables: Mapping[str, Any], rights: Mapping[str, Any]) -> list[Any]:
        """Give the values for this request, `rights` being those of whoever asks by the names of their parameters.

        Raises RequestError for one that is not allowed.
        """
        values = {name: slot.value(variables) for name, slot in self.slots.items()}
        for name, processor in self.processors.items():
            values[name] = processor(values[name])
        return [values[name] if name in values else rights[name] for name in self.order]


def processor_of(type_: TypeEngine[Any], dialect: Dialect) -> Callable[[Any], Any] | None:
    """Give what brings values of a type to the form in which the driver takes them, None where nothing need be done."""
    return type_.dialect_impl(dialect).bind_processor(dialect)


@dataclass(frozen=True)
class ArgumentValue:
    """A value at the end of a branch: fixed in the document, or found among the variables along `path`.

    `name` is how the value is called in a message, such as `where.title.contains`.
    """

    name: str
    value: Any = None
    path: tuple[str | int, ...] | None = None

    def resolve(self, variables: Mapping[str, Any]) -> Any:
        """Give the value in this request. Raises BadUserInputError for text that cannot be kept."""
        value: Any = self.value
        if self.path is not None:
            value = variables
            for step in self.path:
                value = value[step]
        return [_clean(item, self.name) for item in value] if isinstance(value, list) else _clean(value, self.name)


ArgumentTree: TypeAlias = "ArgumentValue | list[ArgumentTree] | dict[str, ArgumentTree] | None"


def resolve(tree: ArgumentTree, variables: Mapping[str, Any]) -> Any:
    """Give the plain values of a tree in this request."""
    if isinstance(tree, ArgumentValue):
        return tree.resolve(variables)
    if isinstance(tree, list):
        return [resolve(item, variables) for item in tree]
    return tree


def _clean(value: Any, name: str) -> Any:
    if isinstance(value, Enum):
        return value.name
    if isinstance(value, str) and UNSTORABLE.search(value):
        message = f"{name} holds a NUL or half of a surrogate pair, which no text here can contain: leave it out."
        raise BadUserInputError(message)
    return value
