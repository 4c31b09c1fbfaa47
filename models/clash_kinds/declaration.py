"""How a kind of clash is declared."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, unique
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from models.base import Entity
    from models.derived.rows import QueriedRow

    Condition = Callable[[QueriedRow], Any]


@unique
class ClashSeverity(Enum):
    """How serious a clash is."""

    HIGH = "Act now: money, time or goods are at risk."
    MEDIUM = "Act soon."
    LOW = "Correct it when there is time."


@dataclass(frozen=True)
class ClashRule:
    """A kind of clash on the rows of one type.

    Attributes:
        kind: The name of the kind.
        severity: How serious it is.
        model: The type of the rows.
        meaning: A sentence that says what clashes.
        resolution: A sentence that says what resolves it.
        condition: The condition on a row, as SQL; it can join relations that are never null.
    """

    kind: str
    severity: ClashSeverity
    model: type[Entity]
    meaning: str
    resolution: str
    condition: Condition


#: An endorsed roadmap never changes: its successor corrects what it plans.
IN_NEW_ROADMAP = "in a new roadmap that a decision endorses and that supersedes the one in force (`supersedesId`)"

#: The declared rules, in the order of the files' names.
RULES: list[ClashRule] = []


def clash(severity: ClashSeverity, model: type[Entity], *, resolution: str) -> Callable[[Condition], Condition]:
    """Declare a kind of clash by its condition: its file is the kind, its docstring the meaning.

    Args:
        severity: How serious it is.
        model: The type of the rows that the condition is for.
        resolution: What resolves it.
    """

    def declare(condition: Condition) -> Condition:
        meaning = " ".join((condition.__doc__ or "").split())
        kind = condition.__module__.rpartition(".")[2].upper()
        RULES.append(ClashRule(kind, severity, model, meaning, resolution, condition))
        return condition

    return declare
