"""Rules about periods. A period has a first and a last day; either can be open."""

from __future__ import annotations

import datetime as dt
from itertools import combinations
from typing import TYPE_CHECKING, Any

from models.base import now
from resolvers.audit.recorder import former_values
from resolvers.commands.errors import INPUT, Violation
from resolvers.core.naming import api_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from resolvers.commands.errors import Path
    from resolvers.commands.spec import Rule
    from resolvers.commands.unit_of_work import UnitOfWork

Period = tuple[dt.date | None, dt.date | None]


def ends_after_start(first: str, last: str) -> Rule:
    """Return the rule that the attribute `last` of an object must not be before its `first`."""

    def rule(_unit: UnitOfWork, row: Any) -> Iterator[Violation]:
        yield from period_violations(row, first, last, INPUT)

    return rule


def period_violations(row: Any, first: str, last: str, at: Path) -> Iterator[Violation]:
    """Yield a violation if an object ends before it begins; `at` is its path in the input."""
    begins, ends = getattr(row, first), getattr(row, last)
    if begins is not None and ends is not None and ends < begins:
        message = f"The period ends before it begins. {api_name(last)} must not be before {api_name(first)}."
        yield Violation((*at, api_name(last)), "period", message)


def end_has_reason(last: str) -> Rule:
    """Return the rule that an end that is brought forward, or taken back once it has passed, must have a reason."""

    def rule(unit: UnitOfWork, row: Any) -> Iterator[Violation]:
        if last in unit.input:
            yield from reason_violations(unit, row, last)

    return rule


def reason_violations(unit: UnitOfWork, row: Any, last: str) -> Iterator[Violation]:
    """Yield a violation if the attribute `last` of an existing object changes so without a reason."""
    former = former_values(row)
    if unit.reason or api_name(last) not in former:
        return
    ends, was = getattr(row, last), former[api_name(last)]
    before = dt.date.fromisoformat(was) if was else None
    if ends is not None and (before is None or ends < before):
        message = f"The reason is missing. Say why it ends on {ends}."
        yield Violation((*INPUT, "reason"), "reason", message)
    elif before is not None and before < now().date():
        message = f"The reason is missing. It ended on {before}: say why it goes on."
        yield Violation((*INPUT, "reason"), "reason", message)


def overlap(one: Period, other: Period) -> bool:
    """Return whether two periods have a day in common; the last day is part of a period."""
    (first, last), (begins, ends) = one, other
    return (first or dt.date.min) <= (ends or dt.date.max) and (begins or dt.date.min) <= (last or dt.date.max)


def overlapping(periods: Sequence[Period]) -> Iterator[int]:
    """Yield the index of each period that overlaps an earlier period of the list."""
    yield from sorted({late for (_, one), (late, other) in combinations(enumerate(periods), 2) if overlap(one, other)})
