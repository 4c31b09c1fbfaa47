"""The times of a meeting: its date, its start and its end agree, and what a change leaves out follows what it sends."""

from __future__ import annotations

import datetime as dt
from functools import cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, available_timezones

from sqlalchemy import inspect

from models import DatePrecision, MeetingStatus
from resolvers.commands.errors import INPUT, Violation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from models import Meeting
    from resolvers.commands.unit_of_work import UnitOfWork

#: The precisions of a date that has no exact day.
VAGUE = frozenset(DatePrecision) - {DatePrecision.DAY}


def takes_place_in_order(_unit: UnitOfWork, row: Meeting) -> Iterator[Violation]:
    """Check the times of a meeting: a known time zone, an end after the start, and a start on the date."""
    if row.time_zone and row.time_zone not in _time_zones():
        message = "It is not a time zone of the IANA database: write it as in `Europe/Tallinn`."
        yield Violation((*INPUT, "timeZone"), "time_zone", message)
    elif row.starts_at and row.held_on and local_date(row) != row.held_on:
        message = "It is not on the date of the meeting, `heldOn`: correct one of the two, or the time zone."
        yield Violation((*INPUT, "startsAt"), "starts_on_the_date", message)
    elif row.starts_at and row.held_on_precision in VAGUE:
        message = "The meeting has an exact start, so its date is exact, too: send DAY, or null for `startsAt`."
        yield Violation((*INPUT, "heldOnPrecision"), "starts_on_the_date", message)
    if row.ends_at and row.starts_at is None:
        message = "A meeting with an end, `endsAt`, needs a start, `startsAt`: send both, or null for both."
        yield Violation((*INPUT, "endsAt"), "ends_after_start", message)
    elif row.starts_at and row.ends_at and row.ends_at < row.starts_at:
        message = f"The end, {_written(row.ends_at)}, must not be before the start, {_written(row.starts_at)}."
        yield Violation((*INPUT, "endsAt"), "ends_after_start", message)


def _written(moment: dt.datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


@cache
def _time_zones() -> frozenset[str]:
    return frozenset(available_timezones())


def local_date(row: Meeting) -> dt.date | None:
    """Return the date on which a meeting starts at its place; in UTC if its time zone is unknown."""
    return _date_at(row.starts_at, row.time_zone) if row.starts_at else None


def _date_at(start: dt.datetime, zone: str | None) -> dt.date:
    # An unknown time zone is refused later.
    return start.astimezone(ZoneInfo(zone if zone in _time_zones() else "UTC")).date()


def set_date(row: Meeting) -> None:
    """Set the date of a meeting that has a start and no exact date; the date of a coming meeting follows its start."""
    follows = row.status in {MeetingStatus.PLANNED, MeetingStatus.POSTPONED} and _had_date_of_start(row)
    if row.starts_at and (row.held_on is None or follows or _is_more_exact(row)):
        row.held_on, row.held_on_precision = local_date(row), DatePrecision.DAY


def _had_date_of_start(row: Meeting) -> bool:
    """Return whether the input has a start or a time zone but no date, and the date was that of the former start."""
    state = inspect(row)
    moved = {"starts_at", "time_zone"}.intersection(state.committed_state)
    if not state.persistent or not moved or "held_on" in state.committed_state or not row.starts_at:
        return False
    start, zone = (state.committed_state.get(name, getattr(row, name)) for name in ("starts_at", "time_zone"))
    return start is not None and _date_at(start, zone) == row.held_on


def _is_more_exact(row: Meeting) -> bool:
    """Return whether the input has a start in the time that the vague date of the meeting gives."""
    day, last, state = local_date(row), row.held_on, inspect(row)
    if day is None or last is None or (state.persistent and "starts_at" not in state.committed_state):
        return False
    is_within = {
        DatePrecision.WEEK: last - dt.timedelta(days=6) <= day <= last,
        DatePrecision.MONTH: (day.year, day.month) == (last.year, last.month),
        DatePrecision.YEAR: day.year == last.year,
        DatePrecision.REPORTED_BY: day <= last,
    }
    return row.held_on_precision in VAGUE and is_within[row.held_on_precision]


def move_end(row: Meeting) -> None:
    """Move the end of a meeting with its start, if the input has no end: the duration stays."""
    state = inspect(row)
    former = state.committed_state.get("starts_at")
    if state.persistent and "ends_at" not in state.committed_state and former and row.starts_at and row.ends_at:
        row.ends_at += row.starts_at - former
