"""The rules of the lines of a roadmap, however they are entered: with the roadmap, or by planning a need."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import inspect

from models import NeedStatus, Roadmap, RoadmapLine
from resolvers.commands.errors import INPUT, Violation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from resolvers.commands.unit_of_work import UnitOfWork

#: The statuses of needs that a roadmap must not plan: not validated yet, rejected or withdrawn.
NOT_TO_PLAN = frozenset({NeedStatus.DRAFT, NeedStatus.SUBMITTED, NeedStatus.REJECTED, NeedStatus.WITHDRAWN})


def lines_hold(unit: UnitOfWork, row: Roadmap) -> Iterator[Violation]:
    """Every line must be within the horizon, for a valid need, and unique by need, year, quarter and lead."""
    planned = set()
    for place, line in enumerate(row.lines):
        at = (*INPUT, "lines", str(place))
        for fault in outside_violations(row, line, at):
            hidden = inspect(line).persistent and unit.not_visible([line])
            message = "The horizon is too short for the lines of the roadmap. Extend firstYear or lastYear."
            yield Violation(INPUT, fault.rule, message) if hidden else fault
        slot = slot_of(line)
        if slot in planned:
            message = (
                "Another line plans this need for the same year and quarter with the same lead. Change that line, and "
                "leave this one out."
            )
            yield Violation((*at, "needId"), "planned_once", message)
        planned.add(slot)
        # An existing line stays when its need is withdrawn later.
        if inspect(line).pending and line.need.status in NOT_TO_PLAN:
            message = f"The need is {line.need.status.name}. Only a VALIDATED need can be planned."
            yield Violation((*at, "needId"), "validated", message)


def slot_of(line: RoadmapLine) -> tuple[object, ...]:
    """Return what no two lines of a roadmap have in common: the need, the time and the lead."""
    return line.need_id, line.year, line.quarter, line.lead_participant


def outside_violations(row: Roadmap, line: RoadmapLine, at: tuple[str, ...]) -> Iterator[Violation]:
    """Yield the violation of a line outside of the horizon of its roadmap; `at` is the path of the line."""
    first, last = row.first_year or line.year, row.last_year or line.year
    if not first <= line.year <= last:
        known = [f"{word} {year}" for word, year in (("from", row.first_year), ("to", row.last_year)) if year]
        message = f"The year is outside the horizon of the roadmap. Choose a year {' '.join(known)}."
        yield Violation((*at, "year"), "horizon", message)


def planned_violations(roadmap: Roadmap, line: RoadmapLine) -> Iterator[Violation]:
    """Yield the violation of a new line that another line of the roadmap plans already."""
    if slot_of(line) in {slot_of(each) for each in roadmap.lines if each is not line}:
        message = (
            "The roadmap already plans this need for the same year and quarter with the same lead. Change that line."
        )
        yield Violation((*INPUT, "year"), "planned_once", message)
