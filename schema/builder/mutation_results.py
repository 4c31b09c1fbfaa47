"""The results of mutations: the changed object, or a typed error that says how to correct the input."""

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
from resolvers.core.naming import noun, snake_case
from schema.builder.entity_types import Node, declared_types
from schema.builder.enums import enum_of
from schema.builder.fields import field, make_type
from schema.execution.executor import ObjectRef

if TYPE_CHECKING:
    from resolvers.commands.command import Command
    from resolvers.commands.runner import CommandResult

ErrorCode = enum_of(Code)


@strawberry.interface(description="The reason why a mutation failed. Nothing was changed.")
class Error:
    """The reason why a mutation failed."""

    code: ErrorCode = strawberry.field(description="The error code, for programs.")  # type: ignore[valid-type]
    message: str = strawberry.field(description="The error and its remedy, for people.")
    path: list[str] | None = strawberry.field(description="The path to the argument in error.")


@strawberry.type(description="One rule that the input breaks.")
class Violation:
    """One rule that the input breaks."""

    path: list[str] = strawberry.field(description="The path to the argument in error.")
    rule: str = strawberry.field(description="The name of the rule, for programs.")
    message: str = strawberry.field(description="The error and its remedy, for people.")


@strawberry.type(description="The input is not valid.")
class ValidationError(Error):
    """The input is not valid."""

    violations: list[Violation] = strawberry.field(description="All the rules that the input breaks.")


@strawberry.type(description="The object does not exist, or the viewer may not see it.")
class NotFoundError(Error):
    """The object does not exist, or the viewer may not see it."""


@strawberry.type(description="The viewer may not make this change; the message says which accounts may.")
class ForbiddenError(Error):
    """The viewer may not make this change."""


def _current(self: Any) -> Any:
    return ObjectRef(*self.at) if self.at else None


@strawberry.type(
    description="The change conflicts with another change, or the idempotency key was used with another input."
)
class ConflictError(Error):
    """The change conflicts with another change, or the idempotency key was used with another input."""

    current_version: int | None = strawberry.field(description="The current version of the object.")
    at: strawberry.Private[tuple[str, str] | None]
    current: Node | None = strawberry.field(resolver=_current, description="The current state of the object.")


ERRORS = (ValidationError, NotFoundError, ForbiddenError, ConflictError)


def error_payload(refusal: errors.CommandError) -> Error:
    """Return the typed error of a command error."""
    shared: dict[str, Any] = {
        "code": ErrorCode[refusal.code.name],
        "message": refusal.message,
        "path": list(refusal.path),
    }
    if isinstance(refusal, Invalid):
        broken = [Violation(path=list(each.path), rule=each.rule, message=each.message) for each in refusal.violations]
        return ValidationError(**shared, violations=broken)
    if isinstance(refusal, Conflict):
        return ConflictError(**shared, current_version=refusal.current_version, at=refusal.current)
    kinds: dict[type[errors.CommandError], type[Error]] = {NotFound: NotFoundError, Forbidden: ForbiddenError}
    return kinds[type(refusal)](**shared)


def success_type(command: Command, name: str) -> Any:
    """Make the type of the result of a mutation called `name` that succeeded."""
    model = command.model.__name__
    changed = field(_noun(command), declared_types()[model].cls, f"The {noun(model)} after the change.")
    return make_type(f"{name}Success", "The change was made.", [changed])


def success_payload(success: Any, command: Command, done: CommandResult) -> Any:
    """Return the object of a command's success type for a change that was made."""
    answer = success()
    setattr(answer, _noun(command), ObjectRef(command.model.__name__, done.key, is_changed=True))
    return answer


def _noun(command: Command) -> str:
    return snake_case(command.model.__name__)


def result_union(name: str, success: Any) -> Any:
    """Make the union of the results of a mutation called `name`."""
    members = reduce(or_, (success, *ERRORS))
    return Annotated[members, strawberry.union(f"{name}Result", description="The changed object, or an error.")]
