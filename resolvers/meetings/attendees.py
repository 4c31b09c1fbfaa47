"""Declares the queries and inputs of attendees: the persons of an attendance, which is declared with its meeting."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import inspect

from models import Attendance, Attendee, DatePrecision
from resolvers.audit.recorder import is_changed
from resolvers.commands.errors import INPUT, Violation
from resolvers.commands.spec import ChildSpec
from resolvers.core.naming import api_name
from resolvers.meetings.decisions import was_held
from resolvers.query.spec import QuerySpec, register_query_spec

if TYPE_CHECKING:
    from collections.abc import Iterator

    from models import Meeting
    from resolvers.commands.errors import Path
    from resolvers.commands.unit_of_work import UnitOfWork

register_query_spec(
    QuerySpec(
        Attendance,
        filterable=("id", "capacity", "meeting", "participant", "attendees", "created_at", "updated_at"),
        sortable=("created_at", "updated_at"),
        groupable=("capacity", "participant"),
    )
)

register_query_spec(
    QuerySpec(
        Attendee,
        filterable=("id", "ordinal", "person_name", "is_delegate", "attendance", "account", "created_at", "updated_at"),
        sortable=("ordinal", "person_name", "created_at", "updated_at"),
    )
)


def is_one_person(_owner: Attendance, row: Attendee, path: Path) -> Iterator[Violation]:
    """Yield a violation for an attendee that is not exactly one person."""
    if (row.account_id is None) == (row.person_name is None):
        message = "An attendee is one person: set either accountId, or personName for a person without an account."
        yield Violation(path, "one_person", message)


def attend_once(_owner: Meeting, row: Attendance, path: Path) -> Iterator[Violation]:
    """Yield a violation for each person who is in the list of a participant twice."""
    known = set()
    for place, each in enumerate(row.attendees):
        name = "account_id" if each.account_id else "person_name"
        person = getattr(each, name)
        if person in known and person is not None:
            at = (*path, "attendees", str(place), api_name(name))
            yield Violation(at, "attended_once", "This person is already in the list. Remove the duplicate.")
        known.add(person)


ATTENDANCE = ChildSpec(
    Attendance,
    fields=("participant", "capacity"),
    back="meeting",
    checked=attend_once,
    children={
        "attendees": ChildSpec(Attendee, fields=("account", "person_name"), back="attendance", checked=is_one_person)
    },
)


def attended_once(_unit: UnitOfWork, row: Meeting) -> Iterator[Violation]:
    """A participant must not attend the same meeting twice."""
    known = set()
    for place, attendance in enumerate(row.attendances):
        if attendance.participant_id in known:
            at = (*INPUT, "attendances", str(place), "participantId")
            yield Violation(at, "attended_once", "This participant is already in the list. Remove the duplicate.")
        known.add(attendance.participant_id)


def fill_in_capacities(row: Meeting) -> None:
    """Set the capacity of each new attendance that has none, once the meeting is held on a known day.

    It is the role of the participant in the coalition on that day; it stays null if the participant had none. Another
    change of the meeting leaves the attendances as they are.
    """
    day = row.held_on
    if day is None or not was_held(row) or row.held_on_precision not in {None, DatePrecision.DAY}:
        return
    takes_place = any(is_changed(row, name) for name in ("status", "held_on"))
    for each in row.attendances:
        is_new = takes_place or not inspect(each).persistent or is_changed(each, "participant_id")
        if is_new and each.capacity is None and each.participant is not None:
            held = (member for member in each.participant.memberships if member.is_held_on(day))
            each.capacity = next((member.role for member in held), None)
