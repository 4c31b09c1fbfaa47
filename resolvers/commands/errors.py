"""Why a change is refused: typed refusals, each with what is wrong, where, and what to do next.

A refusal is an answer, not a fault: nothing was changed, and whoever asked can mend it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, unique
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

Path = tuple[str, ...]

#: Where a refusal stands that is about all of an input.
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
    """One rule that an input breaks: at which path of it, which rule, and what to do."""

    path: Path
    rule: str
    message: str


class CommandError(Exception):
    """A change that is refused; `message` says why and what to do, `path` where in the input."""

    code: ErrorCode

    def __init__(self, message: str, path: Path = INPUT) -> None:
        super().__init__(message)
        self.message = message
        self.path = path


class ValidationError(CommandError):
    """An input that breaks rules, all of those that were found."""

    code = ErrorCode.VALIDATION_FAILED

    def __init__(self, violations: Iterable[Violation]) -> None:
        self.violations = tuple(violations)
        first, *rest = self.violations
        more = f" And {len(rest)} more." if rest else ""
        super().__init__(f"{'.'.join(first.path)}: {first.message}{more}", first.path)

    @classmethod
    def at(cls, rule: str, message: str, *path: str) -> ValidationError:
        """Give the refusal for one broken rule, `path` leading to it below the input."""
        return cls([Violation((*INPUT, *path), rule, message)])


class NotFoundError(CommandError):
    """An object that is not there, or that whoever asks may not see: the two look the same."""

    code = ErrorCode.NOT_FOUND


class ForbiddenError(CommandError):
    """Something that whoever asks may not do to an object that he or she sees."""

    code = ErrorCode.FORBIDDEN


class ConflictError(CommandError):
    """A change that starts from an older state, or meets others at the same moment.

    Attributes:
        current: The type and key of the object as it is now, None where the change was to make one.
        current_version: Its version now.
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


class IdempotencyError(ConflictError):
    """An idempotency key that was used before with another input."""

    code = ErrorCode.IDEMPOTENCY_MISMATCH
