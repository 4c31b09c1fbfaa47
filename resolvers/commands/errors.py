"""The typed errors of commands: each names the fault, its path in the input, and what to do next.

A command error is an expected result, not a fault of the server: nothing was changed, and the caller can correct the
input.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, unique
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from models import Entity

Path = tuple[str, ...]

#: The path of an error that concerns the whole input.
INPUT: Path = ("input",)


@unique
class ErrorCode(Enum):
    """The reason why a mutation failed."""

    VALIDATION_FAILED = "The input is not valid; `violations` lists the rules that it breaks."
    NOT_FOUND = "The object does not exist, or the viewer may not see it."
    FORBIDDEN = "The viewer may not make this change."
    CONFLICT = "The change conflicts with another change: the object has a new version, or is being changed now."
    IDEMPOTENCY_MISMATCH = "The idempotency key was used before, with another input."


@dataclass(frozen=True)
class Violation:
    """A rule that an input breaks: the path in the input, the name of the rule, and a message that says what to do."""

    path: Path
    rule: str
    message: str


class CommandError(Exception):
    """A change was rejected; `message` says why and what to do, `path` says where in the input."""

    code: ErrorCode

    def __init__(self, message: str, path: Path = INPUT) -> None:
        super().__init__(message)
        self.message = message
        self.path = path

    @property
    def rules(self) -> tuple[str, ...]:
        """The names of the rules that refused the change; one empty name if it was no rule of the input."""
        return ("",)


class ValidationError(CommandError):
    """The input breaks rules; `violations` lists all that were found."""

    code = ErrorCode.VALIDATION_FAILED

    def __init__(self, violations: Iterable[Violation]) -> None:
        self.violations = tuple(violations)
        first, *rest = self.violations
        more = f" And {len(rest)} more." if rest else ""
        super().__init__(f"{'.'.join(first.path)}: {first.message}{more}", first.path)

    @property
    def rules(self) -> tuple[str, ...]:
        """The names of the rules that the input breaks."""
        return tuple(violation.rule for violation in self.violations)

    @classmethod
    def at(cls, rule: str, message: str, *path: str) -> ValidationError:
        """Return the error for one broken rule; `path` is relative to the input."""
        return cls([Violation((*INPUT, *path), rule, message)])


class NotFoundError(CommandError):
    """The object does not exist, or the viewer may not see it; the error is the same in both cases."""

    code = ErrorCode.NOT_FOUND


class ForbiddenError(CommandError):
    """The viewer sees the object but does not have permission for this change."""

    code = ErrorCode.FORBIDDEN


class ConflictError(CommandError):
    """The change is based on an old version, or it conflicts with a concurrent change.

    Attributes:
        current: The type and key of the current object; None if the command creates an object.
        current_version: The current version of the object.
    """

    code = ErrorCode.CONFLICT

    def __init__(
        self,
        message: str,
        path: Path = INPUT,
        *,
        current: tuple[str, str] | None = None,
        current_version: int | None = None,
    ) -> None:
        super().__init__(message, path)
        self.current = current
        self.current_version = current_version

    @classmethod
    def of(cls, row: Entity, what: str, *path: str) -> ConflictError:
        """Return the error for an object, called `what`, that has another version than the expected one at `path`."""
        message = f"The {what} has changed since you read it; its version is now {row.version}. Read it, then retry."
        return cls(message, (*INPUT, *path), current=(type(row).__name__, row.id), current_version=row.version)


class IdempotencyError(ConflictError):
    """The idempotency key was used before with a different input."""

    code = ErrorCode.IDEMPOTENCY_MISMATCH
