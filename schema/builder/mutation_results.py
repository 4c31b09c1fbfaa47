"""What a mutation answers: the object it changed, or a typed error that says what to do."""

from __future__ import annotations

from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Annotated, Any

import strawberry

from resolvers.commands import errors
from resolvers.commands.errors import ConflictError as Conflict
from resolvers.commands.errors import ErrorCode as Code
from resolvers.commands.errors import ForbiddenError as Forbidden
from resolvers.commands.errors import NotFoundError as NotFound
from resolvers.commands.errors import ValidationError as Invalid
from resolvers.core.naming import snake_case
from schema.builder.entity_types import Node, declared_types
from schema.builder.enums import enum_of
from schema.builder.fields import field, make_type
from schema.execution.executor import ObjectRef

if TYPE_CHECKING:
    from resolvers.commands.command import Command
    from resolvers.commands.runner import CommandResult

ErrorCode = enum_of(Code)


@strawberry.interface(description="Why a change was refused, and what to do. Nothing was changed.")
class Error:
    """Why a change was refused."""

    code: ErrorCode = strawberry.field(description="Why, for programs.")  # type: ignore[valid-type]
    message: str = strawberry.field(description="Why, for people, and what to do.")
    path: list[str] | None = strawberry.field(description="Where in the arguments the reason stands.")


@strawberry.type(description="One rule that an input breaks.")
class Violation:
    """One rule that an input breaks."""

    path: list[str] = strawberry.field(description="Where in the arguments.")
    rule: str = strawberry.field(description="Which rule, for programs.")
    message: str = strawberry.field(description="What is wrong, and what to do.")


@strawberry.type(description="The input breaks rules.")
class ValidationError(Error):
    """The input breaks rules."""

    violations: list[Violation] = strawberry.field(description="Every rule that it breaks.")


@strawberry.type(description="There is no such object, or none that you may see: the two look the same.")
class NotFoundError(Error):
    """There is no such object."""


@strawberry.type(description="You may not do this; the message says who may.")
class ForbiddenError(Error):
    """You may not do this."""


def _current(self: Any) -> Any:
    return ObjectRef(*self.at) if self.at else None


@strawberry.type(
    description="The change starts from an older state, meets others, or repeats a key with another input."
)
class ConflictError(Error):
    """The change starts from an older state, or meets others."""

    current_version: int | None = strawberry.field(description="The version of the object now.")
    at: strawberry.Private[tuple[str, str] | None]
    current: Node | None = strawberry.field(resolver=_current, description="The object as it is now.")


ERRORS = (ValidationError, NotFoundError, ForbiddenError, ConflictError)


def error_payload(refusal: errors.CommandError) -> Error:
    """Give the typed error of a refusal."""
    told: dict[str, Any] = {
        "code": ErrorCode[refusal.code.name],
        "message": refusal.message,
        "path": list(refusal.path),
    }
    if isinstance(refusal, Invalid):
        broken = [Violation(path=list(each.path), rule=each.rule, message=each.message) for each in refusal.violations]
        return ValidationError(**told, violations=broken)
    if isinstance(refusal, Conflict):
        return ConflictError(**told, current_version=refusal.current_version, at=refusal.current)
    kinds: dict[type[errors.CommandError], type[Error]] = {NotFound: NotFoundError, Forbidden: ForbiddenError}
    return kinds[type(refusal)](**told)


def success_type(command: Command, name: str) -> Any:
    """Make the type that a mutation called `name` answers with when the change was made."""
    model = command.model.__name__
    changed = field(_noun(command), declared_types()[model].cls, f"The {model} as it is now.")
    return make_type(f"{name}Success", "The change was made.", [changed])


def success_payload(success: Any, command: Command, done: CommandResult) -> Any:
    """Give the answer of a command's success type for a change that was made."""
    answer = success()
    setattr(answer, _noun(command), ObjectRef(command.model.__name__, done.key))
    return answer


def _noun(command: Command) -> str:
    return snake_case(command.model.__name__)


def result_union(name: str, success: Any) -> Any:
    """Make the union that a mutation called `name` answers with."""
    members = reduce(or_, (success, *ERRORS))
    return Annotated[members, strawberry.union(f"{name}Result", description="The object, or why nothing was changed.")]
