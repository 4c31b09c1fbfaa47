"""The roadmap in force: the latest one that was endorsed on or before a day, unless that was revoked by then."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Date, Integer, and_, case, cast, extract, literal, or_

from models.meetings.meetings import MeetingStatus
from models.precision import DatePrecision
from models.sql_functions import EngineFunction

if TYPE_CHECKING:
    from models.derived.rows import QueriedRow, RowAlias


def roadmap_in_force(roadmap: QueriedRow, on: Any) -> Any:
    """Return the key of the roadmap in force, as SQL; null if there is none.

    Args:
        roadmap: A query of all roadmaps.
        on: The day, as SQL.
    """
    decision = roadmap.join("endorsed_by")
    meeting = decision.join("meeting")
    held = last_possible_day(meeting)
    was_endorsed = and_(
        roadmap.status != "DRAFT",
        meeting.status == MeetingStatus.HELD,
        held <= on,
    )
    # Two roadmaps of one day: the one that is not superseded is the later one.
    superseded = case((roadmap.status == "SUPERSEDED", 1), else_=0)
    # The one before does not come back into force with the revocation. One without a known date counts at once.
    revoking = decision.related("revoked_by")
    revoked_on = last_possible_day(revoking.join("meeting"))
    is_revoked = revoking.exists(or_(revoked_on.is_(None), revoked_on <= on))
    key = case((is_revoked, None), else_=roadmap.id)
    return roadmap.first(key, held.desc(), superseded, roadmap.reference.desc(), where=was_endorsed)


def last_possible_day(meeting: RowAlias) -> Any:
    """Return the last day on which a meeting can have been held, as SQL; null if no date is known."""
    return latest_day(meeting.held_on, meeting.held_on_precision)


def latest_day(day: Any, precision: Any) -> Any:
    """Return the last day that a vague date can mean, as SQL; null if no date is known."""
    return case(
        (precision == DatePrecision.MONTH, last_day_of_month(day)),
        (precision == DatePrecision.YEAR, last_day_of_year(day)),
        else_=day,
    )


def day_number(day: Any) -> Any:
    """Return a date as a number such as 20260331, which both engines compare in the same way."""
    year, month, date = (cast(extract(part, day), Integer) for part in ("year", "month", "day"))
    return year * literal(10_000) + month * literal(100) + date


def last_day_number(line: RowAlias) -> Any:
    """Return the last day of the quarter of a roadmap line, or of its year, as `day_number` does."""
    ends = {1: 331, 2: 630, 3: 930}
    return line.year * literal(10_000) + case(*((line.quarter == key, end) for key, end in ends.items()), else_=1231)


class last_day_of_month(  # noqa: N801 - SQL functions are written in lower case
    EngineFunction[Any],
    postgresql="CAST(date_trunc('month', {0}) + INTERVAL '1 month' - INTERVAL '1 day' AS DATE)",
    sqlite="date({0}, 'start of month', '+1 month', '-1 day')",
):
    """The last day of the month of a date."""

    type = Date()


class last_day_of_year(  # noqa: N801 - SQL functions are written in lower case
    EngineFunction[Any],
    postgresql="CAST(date_trunc('year', {0}) + INTERVAL '1 year' - INTERVAL '1 day' AS DATE)",
    sqlite="date({0}, 'start of year', '+1 year', '-1 day')",
):
    """The last day of the year of a date."""

    type = Date()
