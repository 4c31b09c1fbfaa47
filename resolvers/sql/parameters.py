"""The bind parameters of a statement: named at compilation, resolved and validated for each request."""

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

#: The prefix of the names of claim parameters.
CLAIM_PREFIX = "viewer_"


@dataclass(frozen=True)
class ParameterSource:
    """The source of a bind parameter's value, and its conversion.

    `neutral` is bound, in the form that the driver expects, if the value of the request is not allowed.
    """

    tree: ArgumentTree
    convert: Callable[[Any], Any] | None
    type: TypeEngine[Any]
    path: Path
    neutral: Any = None

    def value(self, variables: Mapping[str, Any]) -> Any:
        """Return the converted value for a request. Raises RequestError with the path of the field."""
        try:
            value = resolve(self.tree, variables)
            return self.convert(value) if self.convert else value
        except RequestError as error:
            error.path = list(self.path)
            raise


@dataclass
class ParameterBinder:
    """Collects the parameters of one statement."""

    slots: dict[str, ParameterSource] = field(default_factory=dict)

    def bind(
        self,
        tree: ArgumentTree,
        type_: TypeEngine[Any],
        path: Path,
        convert: Callable[[Any], Any] | None = None,
        neutral: Any = None,
    ) -> Parameter:
        """Return a parameter of type `type_` with the value of `tree`, converted by `convert`."""
        name = f"v{len(self.slots)}"
        self.slots[name] = ParameterSource(tree, convert, type_, path, neutral)
        return Parameter(name, type_)

    def drop_after(self, count: int) -> None:
        """Drop all slots but the first `count`: the part of the statement that has them is left out."""
        for name in list(self.slots)[count:]:
            del self.slots[name]

    def claim(self, name: str, type_: TypeEngine[Any]) -> Parameter:
        """Return a parameter for a claim of the viewer; see `access/viewer_parameters`."""
        return Parameter(f"{CLAIM_PREFIX}{name}", type_)


class Parameter(ColumnElement[Any]):
    """A bind parameter for a value of the request; it stays a parameter when constants are rendered as literals."""

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
    """The parameters of a rendered statement, in the order that the driver expects."""

    order: Sequence[str]
    slots: Mapping[str, ParameterSource]
    processors: Mapping[str, Callable[[Any], Any]]

    @classmethod
    def of(cls, order: Sequence[str], binder: ParameterBinder, dialect: Dialect) -> StatementParameters:
        """Return the parameters of a statement that was rendered for `dialect`."""
        found = {name: processor_of(slot.type, dialect) for name, slot in binder.slots.items()}
        return cls(order, binder.slots, {name: processor for name, processor in found.items() if processor})

    def values(
        self, variables: Mapping[str, Any], rights: Mapping[str, Any]
    ) -> tuple[list[Any], dict[Path, RequestError]]:
        """Return the values for a request, and the first error of each field with a value that is not allowed.

        `rights` are the viewer's claims by parameter name.
        """
        values, faults = dict(rights), dict[Path, RequestError]()
        for name, slot in self.slots.items():
            try:
                value = slot.value(variables)
                values[name] = self.processors[name](value) if name in self.processors else value
            except RequestError as error:
                values[name] = slot.neutral
                faults.setdefault(slot.path, error)
        return [values[name] for name in self.order], faults


def processor_of(type_: TypeEngine[Any], dialect: Dialect) -> Callable[[Any], Any] | None:
    """Return the function that converts values of a type for the driver; None if no conversion is needed."""
    return type_.dialect_impl(dialect).bind_processor(dialect)


@dataclass(frozen=True)
class ArgumentValue:
    """A leaf of an argument tree: a constant of the document, or the value at `path` in the variables.

    `name` is the name of the value in messages, such as `where.title.contains`.
    """

    name: str
    value: Any = None
    path: tuple[str | int, ...] | None = None

    def resolve(self, variables: Mapping[str, Any]) -> Any:
        """Return the value for a request. Raises BadUserInputError for text that cannot be stored."""
        value: Any = self.value
        if self.path is not None:
            value = variables
            for step in self.path:
                value = value[step]
        return [_clean(item, self.name) for item in value] if isinstance(value, list) else _clean(value, self.name)


ArgumentTree: TypeAlias = "ArgumentValue | list[ArgumentTree] | dict[str, ArgumentTree] | None"


def resolve(tree: ArgumentTree, variables: Mapping[str, Any]) -> Any:
    """Return the plain values of a tree for a request."""
    if isinstance(tree, ArgumentValue):
        return tree.resolve(variables)
    if isinstance(tree, list):
        return [resolve(item, variables) for item in tree]
    return tree


def _clean(value: Any, name: str) -> Any:
    if isinstance(value, Enum):
        return value.name
    if isinstance(value, str) and UNSTORABLE.search(value):
        message = f"{name} contains a NUL character or half of a surrogate pair. Remove it."
        raise BadUserInputError(message)
    return value
